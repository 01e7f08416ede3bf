"""The embedded server among several processes, any of which is killed at any moment."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from database.embedded import EmbeddedServer
from database.locks import FileLock
from database.pool import connect

_ROOT = Path(__file__).parents[2]
_USE = """
import os, pathlib, signal, sys
from database.embedded import EmbeddedServer
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with EmbeddedServer(pathlib.Path(sys.argv[1])) as server:
    print(server.dsn(), flush=True)
    for line in sys.stdin:
        if line == "fork\\n":
            pid = os.fork()
            if not pid:
                server.stop()
                os._exit(0)
            os.waitpid(pid, 0)
            print("forked", flush=True)
    print(server.stop(), flush=True)
"""
_BUSY = """
do $$ declare until timestamptz := clock_timestamp() + interval '1 second';
begin while clock_timestamp() < until loop end loop; end $$
"""

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")


class User:
    """A process that uses the server of a folder until it is told to leave or is killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USE, str(folder)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Return the next line that it prints: first the address, at the end what stop said."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def tell(self, word: str) -> None:
        """Send it a word."""
        assert self.process.stdin
        print(word, file=self.process.stdin, flush=True)

    def leave(self) -> str:
        """Let it stop, and return what its stop returned."""
        assert self.process.stdin
        self.process.stdin.close()
        answer = self.line()
        self.process.wait()
        return answer

    def end(self, how: signal.Signals) -> None:
        """Send it a signal and wait until it is gone."""
        self.process.send_signal(how)
        self.process.wait()

    def close(self) -> None:
        """End it however it is."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()
        self.process.wait()


@pytest.fixture
def folder(home: Path) -> Iterator[Path]:
    """A folder for a server; whatever of it still runs after the test is killed."""
    yield home / "postgres"
    for pid in _server_processes(home / "postgres"):
        os.kill(pid, signal.SIGKILL)
    while _server_processes(home / "postgres"):
        time.sleep(0.01)


@pytest.fixture
def use(folder: Path) -> Iterator[Callable[[], User]]:
    """Start processes that use the server of `folder`."""
    users: list[User] = []

    def start() -> User:
        users.append(User(folder))
        return users[-1]

    yield start
    for user in users:
        user.close()


def _server_processes(folder: Path) -> list[int]:
    """Return the live processes of the server of ``folder``: they all work in its data folder."""
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


async def _remember(dsn: str) -> None:
    connection = await connect(dsn)
    await connection.execute("create table memory as select 42 as answer")
    await connection.close()


async def _recall(dsn: str) -> object:
    connection = await connect(dsn)
    answer = await connection.fetchval("select answer from memory")
    await connection.close()
    return answer


async def test_first_start_by_four_processes_at_once(folder: Path, use: Callable[[], User]) -> None:
    """Four processes that start on an empty folder share one server; the last one stops it."""
    users = [use() for _ in range(4)]
    addresses = {user.line() for user in users}
    assert len(addresses) == 1
    await _remember(addresses.pop())
    assert [user.leave() for user in users] == ["False", "False", "False", "True"]
    assert _server_processes(folder) == []


async def test_killed_server_recovers(folder: Path, use: Callable[[], User]) -> None:
    """After kill -9 of the postmaster the next start recovers what was committed."""
    first = use()
    await _remember(first.line())
    os.kill(_postmaster(folder), signal.SIGKILL)
    second = use()
    assert await _recall(second.line()) == 42
    assert first.leave() == "False"
    assert second.leave() == "True"
    assert _server_processes(folder) == []


async def test_killed_user_is_forgotten(folder: Path, use: Callable[[], User]) -> None:
    """After kill -9 of its only user the server is found by the next one, who stops it."""
    first = use()
    await _remember(first.line())
    postmaster = _postmaster(folder)
    first.end(signal.SIGKILL)
    second = use()
    assert await _recall(second.line()) == 42
    assert _postmaster(folder) == postmaster
    assert second.leave() == "True"
    assert _server_processes(folder) == []


async def test_all_killed_at_once(folder: Path, use: Callable[[], User]) -> None:
    """After kill -9 of the users and of the server the next start has all that was committed."""
    users = [use(), use()]
    await _remember({user.line() for user in users}.pop())
    for user in users:
        user.end(signal.SIGKILL)
    os.kill(_postmaster(folder), signal.SIGKILL)
    third = use()
    assert await _recall(third.line()) == 42
    assert third.leave() == "True"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_user_stops_the_server(
    folder: Path, use: Callable[[], User], how: signal.Signals
) -> None:
    """A user that unwinds on a signal leaves no process behind."""
    user = use()
    user.line()
    user.end(how)
    assert _server_processes(folder) == []


def test_start_killed_during_initdb(folder: Path, use: Callable[[], User]) -> None:
    """A start that is killed while the data folder is being made does not harm the next one."""
    first = use()
    while not (folder / "data.new").exists():
        time.sleep(0.001)
    first.end(signal.SIGKILL)
    second = use()
    assert second.line().startswith("postgresql://")
    assert second.leave() == "True"
    assert sorted(path.name for path in folder.iterdir()) == [
        "data",
        "mutex.lock",
        "passwords.json",
        "server.lock",
        "server.log",
        "users.lock",
    ]


def test_pid_file_with_the_pid_of_another_process(folder: Path, use: Callable[[], User]) -> None:
    """A pid file left by a crash whose number a stranger has by now stops nothing and nobody."""
    use().line()
    crashed = _postmaster(folder)
    account = (folder / "data").stat()
    for user in (use(), use()):
        user.line()
        user.end(signal.SIGKILL)
    os.kill(crashed, signal.SIGKILL)
    with subprocess.Popen(["sleep", "1000"], user=account.st_uid) as stranger:
        pid_file = folder / "data" / "postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(str(crashed), str(stranger.pid), 1))
        (folder / "data" / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")
        user = use()
        assert user.line().startswith("postgresql://")
        assert _postmaster(folder) != stranger.pid
        user.leave()
        assert stranger.poll() is None
        stranger.kill()


async def test_orphaned_backend_is_waited_for(folder: Path, use: Callable[[], User]) -> None:
    """While a backend of a killed server still works, no second server touches its files."""
    first = use()
    dsn = first.line()
    busy, watch = await connect(dsn), await connect(dsn)
    backend = busy.get_server_pid()
    query = asyncio.create_task(busy.execute(_BUSY))
    active = "select state = 'active' from pg_stat_activity where pid = $1"
    while not await watch.fetchval(active, backend):
        pass
    os.kill(_postmaster(folder), signal.SIGKILL)
    with FileLock(folder / "server.lock") as lock:
        assert not lock.try_exclusive()
    second = use()
    assert second.line().startswith("postgresql://")
    assert backend not in _server_processes(folder)
    assert await query == "DO"
    busy.terminate()
    watch.terminate()


def test_forked_child_does_not_stop_it(folder: Path, use: Callable[[], User]) -> None:
    """A stop in a process that was forked off leaves the server to its parent."""
    user = use()
    user.line()
    user.tell("fork")
    assert user.line() == "forked"
    assert _server_processes(folder) != []
    assert user.leave() == "True"
    assert _server_processes(folder) == []


def test_stop_twice(folder: Path) -> None:
    """Stop is safe to call before a start and again, and the server can be started anew."""
    server = EmbeddedServer(folder)
    assert not server.stop()
    server.start()
    server.start()
    assert server.stop()
    assert not server.stop()
    server.start()
    assert server.stop()
