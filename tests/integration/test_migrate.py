"""Migrations: applied once by whoever comes first, checksummed, each all or nothing."""

import asyncio
import itertools
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import asyncpg
import pytest

from database import migrate as runner
from database.access import embedded_access
from database.binaries import major_version
from database.embedded import EmbeddedServer
from database.migrate import migrate, prepare
from database.pool import Connection, connect
from database.privileges import check_reader, check_service
from domain.failures import Refused, Unavailable

_ROOT = Path(__file__).parents[2]
_OLDEST = Path("/usr/lib/postgresql/15/bin")
_PREPARE = """
import asyncio, json, sys
from database.migrate import prepare
print(json.dumps(asyncio.run(prepare(sys.argv[1], {}))))
"""
_MIGRATE = """
import asyncio, pathlib, sys
from database.migrate import migrate
asyncio.run(migrate(sys.argv[1], folder=pathlib.Path(sys.argv[2])))
"""
_ALL = sorted(file.name for file in files("migrations").iterdir() if file.name.endswith(".sql"))
_numbers = itertools.count(1)


@pytest.fixture
async def empty(server: EmbeddedServer, template_database: str) -> AsyncIterator[str]:
    """Address, for the owner, of a database without any table; the roles exist."""
    assert template_database
    name = f"empty_{next(_numbers)}"
    maintenance = await connect(server.dsn(database="postgres"))
    await maintenance.execute(f"create database {name} template template0")
    yield server.dsn(database=name)
    await maintenance.execute(f"drop database {name} with (force)")
    await maintenance.close()


@pytest.fixture
async def watch(empty: str) -> AsyncIterator[Connection]:
    """A connection to `empty` of its owner."""
    connection = await connect(empty)
    yield connection
    await connection.close()


def _folder(path: Path, *texts: str) -> Path:
    """Write migrations 0001_a.sql, 0002_b.sql and so on."""
    path.mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (path / f"{number:04}_{'abcdef'[number - 1]}.sql").write_text(text)
    return path


async def _applied(connection: Connection) -> list[str]:
    rows = await connection.fetch("select name from history.migration order by number")
    return [row["name"] for row in rows]


async def _table(connection: Connection, name: str) -> object:
    return await connection.fetchval("select to_regclass($1) is not null", name)


async def test_four_processes_at_once(empty: str, watch: Connection) -> None:
    """Of four processes that prepare one database at once, one applies everything."""
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _PREPARE, empty), cwd=_ROOT, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    answers = [(await process.communicate())[0].decode() for process in processes]
    expected = "[" + ", ".join(f'"{name}"' for name in _ALL) + "]\n"
    assert sorted(answers) == [*[expected], "[]\n", "[]\n", "[]\n"]
    assert await _applied(watch) == _ALL


async def test_second_run_applies_nothing(empty: str) -> None:
    """What is applied is not applied again, and no progress is told of."""
    reports: list[tuple[str, int, int | None]] = []
    assert await migrate(empty) == _ALL
    assert await migrate(empty, report=lambda *said: reports.append(said)) == []
    assert reports == []


async def test_changed_file_is_refused(empty: str, watch: Connection, tmp_path: Path) -> None:
    """A file that was changed after it was applied is named, and nothing more is applied."""
    folder = _folder(tmp_path, "create table a ();\n", "create table b ();\n")
    assert await migrate(empty, folder=folder) == ["0001_a.sql", "0002_b.sql"]
    _folder(
        folder, "create table a ();\n-- changed\n", "create table b ();\n", "create table c ();"
    )
    with pytest.raises(Refused, match=r"migration 0001_a\.sql was changed after"):
        await migrate(empty, folder=folder)
    assert not await _table(watch, "c")


async def test_line_ends_do_not_matter(empty: str, tmp_path: Path) -> None:
    """A checkout with other line ends is the same migration."""
    folder = _folder(tmp_path, "create table a ();\ncreate table b ();\n")
    assert await migrate(empty, folder=folder) == ["0001_a.sql"]
    (folder / "0001_a.sql").write_bytes(b"create table a ();\r\ncreate table b ();\r\n")
    assert await migrate(empty, folder=folder) == []


async def test_database_newer_than_the_code(empty: str, tmp_path: Path) -> None:
    """A database that a newer version has migrated is left alone."""
    folder = _folder(tmp_path, "create table a ();", "create table b ();")
    await migrate(empty, folder=folder)
    (folder / "0002_b.sql").unlink()
    with pytest.raises(Refused) as refusal:
        await migrate(empty, folder=folder)
    assert refusal.value.message == (
        "the database has the migration 0002_b.sql, which this version of CordGraph lacks"
    )


async def test_failed_migration_leaves_nothing(
    empty: str, watch: Connection, tmp_path: Path
) -> None:
    """A migration that fails is undone as a whole, and those before it stay."""
    folder = _folder(tmp_path, "create table a ();", "create table b (); select 1 / 0;")
    with pytest.raises(Refused) as refusal:
        await migrate(empty, folder=folder)
    assert refusal.value.message == "migration 0002_b.sql failed and was undone: division by zero"
    assert await _table(watch, "a")
    assert not await _table(watch, "b")
    assert await _applied(watch) == ["0001_a.sql"]
    _folder(folder, "create table a ();", "create table b ();")
    assert await migrate(empty, folder=folder) == ["0002_b.sql"]


async def test_killed_migration_leaves_nothing(
    empty: str, watch: Connection, tmp_path: Path
) -> None:
    """After kill -9 in the middle of a migration the next run applies it from the start."""
    folder = _folder(tmp_path, "create table a (); select pg_sleep(600);")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _MIGRATE, empty, str(folder)), cwd=_ROOT
    )
    sleeping = "select exists (select from pg_stat_activity where wait_event = 'PgSleep')"
    while not await watch.fetchval(sleeping):
        pass
    process.send_signal(signal.SIGKILL)
    await process.wait()
    _folder(folder, "create table a ();")
    assert await migrate(empty, folder=folder) == ["0001_a.sql"]
    assert await _table(watch, "a")


async def test_waits_for_another_process_and_says_so(
    empty: str, watch: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is held for too long ends in a message, not in a hang."""
    await watch.execute("select pg_advisory_lock($1)", runner._LOCK)
    monkeypatch.setattr(runner, "_WAIT_SECONDS", 1)
    with pytest.raises(Unavailable, match="another process has been migrating this database"):
        await migrate(empty)


@pytest.mark.parametrize("name", ["0003_gap.sql", "0002_Capital.sql", "2_short.sql", "0001_b.sql"])
async def test_names_without_gaps(empty: str, tmp_path: Path, name: str) -> None:
    """A migration whose name is out of line is refused before anything is done."""
    folder = _folder(tmp_path, "create table a ();")
    (folder / name).write_text("create table b ();")
    with pytest.raises(Refused, match=r"should be called 000\d_title\.sql"):
        await migrate(empty, folder=folder)


async def test_history_is_the_owners(database: object, reader: Connection) -> None:
    """The reader cannot see which migrations were applied."""
    assert database
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.fetch("select * from history.migration")


@pytest.mark.skipif(major_version(_OLDEST) is None, reason="PostgreSQL 15 is not installed")
async def test_oldest_server(home: Path) -> None:
    """The whole history applies to PostgreSQL 15, with the same rights as on the newest."""
    environ = {"CORDGRAPH_POSTGRES_BIN": str(_OLDEST)}
    with EmbeddedServer(home / "postgres", environ=environ) as old:
        access = embedded_access(old)
        assert await prepare(access.require("owner"), access.role_passwords()) == _ALL
        for role, check in (("reader", check_reader), ("service", check_service)):
            connection = await connect(access.require(role))
            assert connection.get_server_version().major == 15
            await check(connection)
            await connection.close()
