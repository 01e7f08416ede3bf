"""Sends hostile requests to a service on this machine, and measures how long others wait.

    python -m benchmarks.hostile --port 8000 [--worst 20] [--rounds 2]

Start the service with CORDGRAPH_ANONYMOUS_QUOTA=0, so that requests are not refused for their
number. A second process asks for ``{ __typename }`` all the while; its longest wait during a
request is what that request makes others wait. Of the rounds the shortest counts, which leaves out
what else the machine does. Ends with status 1 if a request of 64 kB or less makes others wait
longer than 50 ms, is answered with 500, or not at all.
"""

import argparse
import asyncio
import multiprocessing
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from multiprocessing.connection import Connection

from benchmarks.attacks.all import hostile_requests
from benchmarks.attacks.request import HostileRequest

ALLOWED_MS = 50.0
_HOST = "127.0.0.1"
_PATIENCE_S = 30.0
_PROBE = b'{"query":"{__typename}"}'


@dataclass
class Outcome:
    """What a request did.

    Attributes:
        request: The request.
        status: Status of the answer; 0 for none.
        took_ms: Until it was answered, in the quickest round.
        wait_ms: Longest wait of the other client, in the quietest round.
    """

    request: HostileRequest
    status: int = 0
    took_ms: float = field(default=1e9)
    wait_ms: float = field(default=1e9)

    @property
    def is_bad(self) -> bool:
        """Whether the service should have done better."""
        small = self.request.is_small
        return self.status == 500 or (small and self.wait_ms > ALLOWED_MS)


def probe(port: int, pipe: Connection) -> None:
    """Ask again and again; on each message tell the longest wait since the last."""
    client = HTTPConnection(_HOST, port)
    longest = 0.0
    while True:
        began = time.perf_counter()
        client.request("POST", "/graphql", _PROBE, {"Content-Type": "application/json"})
        answer = client.getresponse()
        if not answer.read().startswith(b'{"data":{"__typename"'):
            raise RuntimeError(f"the other client was answered with {answer.status}")
        longest = max(longest, (time.perf_counter() - began) * 1000)
        if pipe.poll():
            if pipe.recv() is None:
                return
            pipe.send(longest)
            longest = 0.0
        time.sleep(0.0005)


async def send(port: int, wire: bytes) -> int:
    """Send a request and return the status of its answer."""
    reader, writer = await asyncio.open_connection(_HOST, port)
    try:
        writer.write(wire)
        async with asyncio.timeout(_PATIENCE_S):
            await writer.drain()
            if not wire.count(b"Content-Length") and b"\r\n\r\n" not in wire:
                writer.write_eof()
            answer = await reader.read()
        return int(answer.split(maxsplit=2)[1]) if answer.startswith(b"HTTP/") else 0
    except (TimeoutError, ConnectionError):
        return 0
    finally:
        writer.close()


def measure(port: int, rounds: int) -> list[Outcome]:
    """Send every request ``rounds`` times."""
    outcomes = [Outcome(request) for request in hostile_requests()]
    ours, theirs = multiprocessing.Pipe()
    prober = multiprocessing.Process(target=probe, args=(port, theirs), daemon=True)
    prober.start()
    theirs.close()
    for number in range(rounds):
        for outcome in outcomes:
            ours.send("begin")
            ours.recv()
            began = time.perf_counter()
            outcome.status = asyncio.run(send(port, outcome.request.again(number)))
            took = (time.perf_counter() - began) * 1000
            ours.send("end")
            outcome.took_ms = min(outcome.took_ms, took)
            outcome.wait_ms = min(outcome.wait_ms, ours.recv())
    ours.send(None)
    prober.join()
    return outcomes


def main() -> int:
    """Measure, print a table, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True, help="port of the service")
    parser.add_argument("--rounds", type=int, default=2, help="how often each is sent")
    parser.add_argument("--worst", type=int, default=20, help="lines of the table")
    given = parser.parse_args()
    outcomes = measure(given.port, given.rounds)
    outcomes.sort(key=lambda outcome: -outcome.wait_ms)
    print(f"{'wait ms':>8} {'took ms':>8} {'status':>6} {'bytes':>8}  request")
    for each in outcomes[: given.worst]:
        name = f"{each.request.group}: {each.request.name}"[:60]
        size = len(each.request.wire)
        print(f"{each.wait_ms:8.1f} {each.took_ms:8.1f} {each.status:6} {size:8}  {name}")
    bad = [outcome for outcome in outcomes if outcome.is_bad]
    print(f"{len(outcomes)} requests, {len(bad)} bad")
    return min(1, len(bad))


if __name__ == "__main__":
    sys.exit(main())
