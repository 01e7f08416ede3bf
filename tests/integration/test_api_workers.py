"""Several processes on one socket: they share the work, are replaced, and end together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest

from database.access import Access
from tests.serve_process import running_process


def _workers(process: "subprocess.Popen[str]") -> set[int]:
    """Return the processes that serve, children of the one that watches over them."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process.pid)],
        check=False,
        capture_output=True,
        text=True,
    )
    lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    return {int(pid) for pid, arguments in lines if "spawn_main" in arguments}


def _is_gone(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return True
    return stat.rpartition(") ")[2].startswith("Z")


def _until(condition: Callable[[], bool], what: str) -> None:
    """Wait for 30 seconds at most."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"waited in vain: {what}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


def test_a_worker_that_dies_is_replaced(module_database: Access) -> None:
    """Two processes serve; after kill -9 of one there are two again, and the log says so."""
    with running_process(module_database, "--workers", "2") as (process, url):
        _until(lambda: _answers(url), "an answer")
        before = _workers(process)
        assert len(before) == 2
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        _until(lambda: len(_workers(process) - {killed}) == 2, "two workers")
        _until(lambda: _answers(url), "an answer")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
        assert process.returncode == 0
    lines = [orjson.loads(line) for line in log.splitlines()]
    ended = [line for line in lines if line["event"] == "worker ended"]
    assert [(line["pid"], line["exit"]) for line in ended] == [(killed, -signal.SIGKILL)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_all_end_with_the_one_that_watches(module_database: Access, number: int) -> None:
    """After a signal to it, even one that it cannot heed, no process and no socket is left."""
    with running_process(module_database, "--workers", "3") as (process, url):
        _until(lambda: _answers(url), "an answer")
        workers = _workers(process)
        assert len(workers) == 3
        process.send_signal(number)
        process.wait(timeout=30)
        _until(lambda: all(_is_gone(pid) for pid in workers), "their end")
        assert process.returncode == (0 if number != signal.SIGKILL else -signal.SIGKILL)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/health/live")


def test_the_log_says_that_quotas_are_not_shared(module_database: Access) -> None:
    """With several workers and no Redis a warning names the setting that would help."""
    said: list[str] = []
    with running_process(module_database, "--workers", "2", said=said):
        (warning,) = [orjson.loads(line) for line in said]
    assert (warning["level"], warning["workers"]) == ("warning", 2)
    assert "CORDGRAPH_REDIS_URL" in warning["event"]


def test_a_worker_that_cannot_start_ends_all(module_database: Access) -> None:
    """With a setting that no worker can live with, the command ends with a failure."""
    with running_process(module_database, "--workers", "2") as (process, url):
        _until(lambda: _answers(url), "an answer")
        while process.poll() is None:
            for pid in _workers(process):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        assert process.stderr is not None
        assert process.returncode == 3
        assert "end as soon as they start" in process.stderr.read()
