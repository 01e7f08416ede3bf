"""A closed loop by wrk: so many connections, each of which asks again once it was answered."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers.server import HOST, Server
from domain.failures import Unavailable

CONNECTIONS = 16
"""Fewer than the 20 requests that CordGraph executes at once, so that nobody waits for a turn."""

_SCRIPT = Path(__file__).with_name("requests.lua")
_GRACE_SECONDS = 30
_MOST_FAILED = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """What a closed loop measured.

    Attributes:
        rate: Answers in a second.
        p50_ms: Half of the answers took at most so many milliseconds.
        p99_ms: All but a hundredth took at most so many.
        worked_ms: Processor time of the server for each of them.
        bytes: Size of an answer with its head, on average.
        requests: How many were answered with success.
        failed: How many were not, at most one in a hundred; they count for nothing else.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    worked_ms: float
    bytes: float
    requests: int
    failed: int


def require_wrk() -> None:
    """Refuse to go on without wrk.

    Raises:
        Unavailable: It is not installed.
    """
    if shutil.which("wrk") is None:
        raise Unavailable("wrk is not installed", "On Debian: apt-get install wrk")


def closed_loop(
    server: Server, calls: Path, seconds: int, place: int = 0, connections: int = CONNECTIONS
) -> Measured:
    """Send the calls of a file to ``server`` for ``seconds``, as fast as it answers.

    Args:
        server: Who answers.
        calls: A file from `benchmarks.workload.write_calls`.
        seconds: How long.
        place: The call to begin with, counted from 0.
        connections: How many ask at the same time.

    Raises:
        Unavailable: More than one in a hundred were not answered with success.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency"]
    command += ["-s", str(_SCRIPT), f"http://{HOST}:{server.port}", "--", str(calls), str(place)]
    before = server.worked_seconds
    told = json.loads(_run(command, seconds).strip().rpartition("\n")[2])
    failed = told["failed"]
    requests = told["requests"] - failed
    if failed * _MOST_FAILED > requests or not requests:
        raise Unavailable(
            f"{server.name} failed {failed} requests of {calls.name}, and answered {requests}",
            f"Its log: {server.log}",
        )
    return Measured(
        rate=requests * 1e6 / told["microseconds"],
        p50_ms=told["p50"] / 1000,
        p99_ms=told["p99"] / 1000,
        worked_ms=(server.worked_seconds - before) * 1000 / requests,
        bytes=told["bytes"] / requests,
        requests=requests,
        failed=failed,
    )


def _run(command: list[str], seconds: int) -> str:
    try:
        ran = subprocess.run(  # noqa: S603 - wrk, with our own files
            command, capture_output=True, text=True, timeout=seconds + _GRACE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable("wrk did not end in time") from error
    if ran.returncode:
        raise Unavailable(f"wrk failed: {ran.stderr.strip() or ran.stdout.strip()}")
    return ran.stdout
