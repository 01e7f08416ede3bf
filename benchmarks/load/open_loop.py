"""An open loop: requests leave at a fixed rate, evenly spaced, whatever the server does.

An answer's time counts from the moment at which its request was due, so that a server that stalls
is charged for all requests that should have been sent meanwhile. (h2load keeps a rate too, but
lets all its clients send at the same moments.)
"""

import gc
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

from benchmarks.load.quantiles import quantile
from benchmarks.servers.server import HOST, Server
from domain.failures import Unavailable

_MOST_CONNECTIONS = 500
_WARM_UP = 0.2
"""Share of the requests at the beginning that does not count."""
_PATIENCE_S = 20.0
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Steady:
    """What an open loop measured, in milliseconds.

    Attributes:
        rate: Requests in a second that were sent.
        p50_ms: Half of the answers took at most so long.
        p99_ms: All but a hundredth took at most so long.
        longest_ms: The slowest answer.
        late_p99_ms: How late all but a hundredth of the requests left at most: the generator's own
            share.
        requests: How many were answered and counted.
        failed: How many were refused, or never sent since too many were under way.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    longest_ms: float
    late_p99_ms: float
    requests: int
    failed: int


def open_loop(server: Server, wires: Sequence[bytes], rate: float, seconds: float) -> Steady:
    """Send ``wires``, around and around, at ``rate`` requests in a second.

    Raises:
        Unavailable: The server has not answered at all.
    """
    loop = _Loop(server, cycle(wires))
    gc.disable()
    try:
        loop.run(rate, total=max(1, round(rate * seconds)))
    finally:
        gc.enable()
        loop.close()
    counted = slice(int(len(loop.took) * _WARM_UP), None)
    took, late = loop.took[counted], loop.late[counted]
    if not took:
        raise Unavailable(f"{server.name} failed all {loop.failed} requests at a fixed rate")
    return Steady(
        rate=rate,
        p50_ms=quantile(took, 0.5) * 1000,
        p99_ms=quantile(took, 0.99) * 1000,
        longest_ms=max(took) * 1000,
        late_p99_ms=quantile(late, 0.99) * 1000,
        requests=len(took),
        failed=loop.failed,
    )


class _Exchange:
    """A request that is under way: when it was due, and what has come back."""

    def __init__(self, due: float) -> None:
        self.succeeded = False
        self._due = due
        self._got = bytearray()
        self._wanted = 0

    def take(self, data: bytes) -> bool:
        """Take a piece of the answer; tell whether that was the last."""
        self._got += data
        if not self._wanted:
            head, end, _ = self._got.partition(b"\r\n\r\n")
            if not end:
                return False
            self.succeeded = b" 200 " in head[:16]
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(_LENGTH))
            self._wanted = len(head) + 4 + int(length[len(_LENGTH) :])
        return len(self._got) >= self._wanted

    def took(self, now: float) -> float:
        """Return how long it has been due, in seconds."""
        return now - self._due


class _Loop:
    def __init__(self, server: Server, wires: Iterator[bytes]) -> None:
        self._server = server
        self._wires = wires
        self._idle: list[socket.socket] = []
        self._busy: dict[socket.socket, _Exchange] = {}
        self.took: list[float] = []
        self.late: list[float] = []
        self.failed = 0

    def run(self, rate: float, total: int) -> None:
        """Send ``total`` requests and wait for their answers."""
        begin = time.perf_counter() + 0.1
        sent = 0
        while sent < total or self._busy:
            now = time.perf_counter()
            due = begin + sent / rate
            if sent < total and now >= due:
                self._send(due, now)
                sent += 1
            else:
                self._receive(due - now if sent < total else _PATIENCE_S)

    def close(self) -> None:
        """Close all connections."""
        for connection in [*self._idle, *self._busy]:
            connection.close()

    def _send(self, due: float, now: float) -> None:
        if not self._idle and len(self._busy) >= _MOST_CONNECTIONS:
            self.failed += 1
            return
        connection = self._idle.pop() if self._idle else self._connect()
        connection.send(next(self._wires))
        self._busy[connection] = _Exchange(due)
        self.late.append(now - due)

    def _connect(self) -> socket.socket:
        connection = socket.create_connection((HOST, self._server.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _receive(self, wait: float) -> None:
        """Take what comes within ``wait`` seconds; what never comes has failed."""
        ready, _, _ = select.select(self._busy, (), (), wait)
        if not ready and wait >= _PATIENCE_S:
            self._drop(list(self._busy))
        for connection in ready:
            exchange = self._busy[connection]
            data = connection.recv(1 << 18)
            if not data:
                self._drop([connection])
            elif exchange.take(data):
                del self._busy[connection]
                self._idle.append(connection)
                if exchange.succeeded:
                    self.took.append(exchange.took(time.perf_counter()))
                else:
                    self.failed += 1

    def _drop(self, connections: list[socket.socket]) -> None:
        for connection in connections:
            del self._busy[connection]
            connection.close()
            self.failed += 1
