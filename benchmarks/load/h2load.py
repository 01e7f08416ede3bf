"""The same fixed rate by h2load, whose clients send in step, as a second opinion."""

import math
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.load.quantiles import quantile
from benchmarks.servers.server import HOST, Server
from benchmarks.workload import Call

_CLIENTS = 4
_GRACE_SECONDS = 30


def h2load(server: Server, call: Call, rate: float, seconds: int) -> tuple[float, float] | None:
    """Send one call at a fixed rate.

    Returns:
        p50 and p99 in milliseconds; ``None`` without h2load, or where it does not end.
    """
    if shutil.which("h2load") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        body, log = Path(folder, "body"), Path(folder, "log")
        body.write_bytes(call.body)
        command = ["h2load", "--h1", f"--clients={_CLIENTS}", f"--rps={rate / _CLIENTS:.3f}"]
        command += [f"--duration={seconds}", f"--log-file={log}"]
        if call.body:
            command += [f"--data={body}", "--header=Content-Type: application/json"]
        command += [f"http://{HOST}:{server.port}{call.path}"]
        try:
            subprocess.run(  # noqa: S603 - h2load, with our own files
                command, capture_output=True, timeout=seconds + _GRACE_SECONDS, check=True
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return None
        lines = [line.split("\t") for line in log.read_text(encoding="ascii").splitlines()]
    # A request that was refused would have been a slow one.
    took = [int(line[2]) / 1000 if line[1] == "200" else math.inf for line in lines]
    return (quantile(took, 0.5), quantile(took, 0.99)) if took else None
