"""An embedded server that dies under a running service, and its log."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
import pytest

from database.embedded import EmbeddedServer

_ROOT = Path(__file__).parents[2]
_SECONDS = 60

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")


@pytest.fixture
def folder(home: Path) -> Iterator[Path]:
    """A folder for a server; whatever of it still runs after the test is killed."""
    yield home / "postgres"
    for pid in _processes(home / "postgres"):
        os.kill(pid, signal.SIGKILL)
    while _processes(home / "postgres"):
        time.sleep(0.01)


@pytest.fixture
def service(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `cordgraph serve` on the embedded server in `folder`, and its address."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CORDGRAPH_") and name != "DATABASE_URL"
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from commands.main import main; main()", "serve", "--port", "0"],
        cwd=_ROOT,
        env={**environment, "CORDGRAPH_HOME": str(folder.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        address = list(_until(process.stderr, "answers on"))[-1].split()[-1]
        yield process, address.removesuffix("/graphql")
    finally:
        process.kill()
        process.stderr.close()
        process.wait()


def _until(lines: Iterable[str], words: str) -> Iterator[str]:
    for line in lines:
        yield line
        if words in line:
            return


def _processes(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder / "data":
                found.append(int(process.name))
        except OSError:
            continue
    return found


def _postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def _wait_for(root: str, status: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while _status(root) != status:
        assert time.monotonic() < deadline, f"no {status} within {_SECONDS} seconds"
        time.sleep(0.1)


def _status(root: str) -> int:
    return httpx.get(f"{root}/health/ready", timeout=10, trust_env=False).status_code


def test_service_survives_its_server(
    folder: Path, service: tuple[subprocess.Popen[str], str]
) -> None:
    """After kill -9 of the postmaster the service answers again, and leaves nothing at its end."""
    process, root = service
    for _ in range(2):
        _wait_for(root, 200)
        killed = _postmaster(folder)
        os.kill(killed, signal.SIGKILL)
        _wait_for(root, 503)
        _wait_for(root, 200)
        assert _postmaster(folder) != killed
    process.terminate()
    assert process.wait(_SECONDS) == 0
    assert _processes(folder) == []


def test_two_watchers_start_one_server(folder: Path) -> None:
    """Of two who watch the same folder one brings the server up, and the last one stops it."""
    first, second = EmbeddedServer(folder), EmbeddedServer(folder)
    with first, second, first.watch(), second.watch():
        killed = _postmaster(folder)
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + _SECONDS
        while not _is_back(folder, killed):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert not second.stop()
        assert first.stop()
    assert _processes(folder) == []


def _is_back(folder: Path, killed: int) -> bool:
    lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    return bool(lines) and lines[0] != str(killed) and lines[-1].strip() == "ready"


def test_lost_data_are_not_made_anew(folder: Path) -> None:
    """A watcher whose data folder was taken away makes no empty one in its place."""
    with EmbeddedServer(folder) as server, server.watch():
        os.kill(_postmaster(folder), signal.SIGKILL)
        (folder / "data").rename(folder / "away")
        time.sleep(3)
        assert not (folder / "data").exists()
        (folder / "away").rename(folder / "data")


def test_log_is_private(folder: Path) -> None:
    """The log is 0600 and the server account's, also if an earlier one was open to all."""
    log = folder / "server.log"
    for _ in range(2):
        with EmbeddedServer(folder):
            assert stat.S_IMODE(log.stat().st_mode) == 0o600
            assert log.stat().st_uid == (folder / "data").stat().st_uid
        log.chmod(0o644)
        os.chown(log, os.geteuid(), -1)
