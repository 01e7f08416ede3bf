"""Two commands at once: one after the other, and whoever is in the way is named."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from tests.bank_files import inventory, unit
from tests.inventories import add_inventory, place_key

_ROOT = Path(__file__).parents[2]
_CORDGRAPH = ("-c", "from commands.main import main; main(prog_name='cordgraph')")
_PUBLISH = ("release", "publish", "--profile", "synthetic")
# A statement that waits on a table of ours, of a session that gave itself its command's name.
_WAITS = """
select count(*) from pg_stat_activity a join pg_locks l using (pid)
where a.application_name like 'cordgraph ' || $1 || ' process % on %'
  and not l.granted and l.relation = $2::text::regclass
"""


@pytest.fixture
async def units(operator: Connection, tmp_path: Path) -> Connection:
    """An operator's connection to 6,000 units and their key."""
    place_key(tmp_path / "keys")
    await load_reference(operator)
    await add_inventory(operator, 6_000, synthetic=True)
    return operator


@asynccontextmanager
async def _started(
    access: Access, home: Path, *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``cordgraph ARGUMENTS``, for as long as the context lasts at most."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *_CORDGRAPH,
        *arguments,
        cwd=_ROOT,
        env={
            **os.environ,
            "CORDGRAPH_HOME": str(home),
            "CORDGRAPH_OPERATOR_URL": access.require("operator"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _until(found: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not await found():  # type: ignore[misc]  # noqa: ASYNC110 - others act
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _stuck(
    access: Access, owner: Connection, looker: Connection, home: Path, table: str, *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Have a command stand still at a table that it reaches with its locks, and then hang."""
    async with owner.transaction():
        await owner.execute(f"lock table {table} in access exclusive mode")
        async with _started(access, home, *arguments) as process:
            name = " ".join(arguments[:2] if arguments[0] == "release" else arguments[:1])
            await _until(lambda: looker.fetchval(_WAITS, name, table))
            process.send_signal(signal.SIGSTOP)
            yield process
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)


def _name(command: str, process: asyncio.subprocess.Process) -> str:
    return re.escape(f"(cordgraph {command} process {process.pid} on ")


async def test_two_publications(
    database: Access, owner: Connection, units: Connection, tmp_path: Path
) -> None:
    """The second gives up after five seconds with exit code 3, naming a first one that hangs.

    When the first is killed its locks are free, and the next run publishes.
    """
    async with _stuck(database, owner, units, tmp_path, "intake.unit_map", *_PUBLISH) as first:
        async with _started(database, tmp_path, *_PUBLISH) as second:
            _, errors = await second.communicate()
        said = errors.decode()
        assert second.returncode == 3, said
        assert re.search(
            "^error: another release or another loading of reference data is running "
            + _name("release publish", first)
            + r"\S+, database session \d+, for \d+ s\)$",
            said,
            re.MULTILINE,
        ), said
        assert re.search(
            r"^hint: Wait until it has ended and try again\. If it hangs, end its process, or its "
            r"session: select pg_terminate_backend\(\d+\)\. It leaves nothing half-done\.$",
            said,
            re.MULTILINE,
        ), said
        first.kill()
        await first.wait()
    async with _started(database, tmp_path, *_PUBLISH) as third:
        _, errors = await third.communicate()
    assert third.returncode == 0, errors.decode()
    assert await units.fetchval("select count(*) from open.release") == 1


async def test_the_session_of_a_hung_command_is_ended(
    database: Access, owner: Connection, units: Connection, tmp_path: Path
) -> None:
    """What the hint says frees the locks; the command says that it lost its connection."""
    async with _stuck(database, owner, units, tmp_path, "intake.unit_map", *_PUBLISH) as first:
        ended = await units.fetchval(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name like 'cordgraph release publish process ' || $1 || ' on %'",
            str(first.pid),
        )
        assert ended
        first.send_signal(signal.SIGCONT)
        _, errors = await first.communicate()
        assert first.returncode == 3, errors.decode()
        assert "error: the connection to the database was lost: " in errors.decode()
    await publish(units, keys=tmp_path / "keys", profile=Profile.SYNTHETIC)


async def test_two_intakes(
    database: Access, owner: Connection, operator: Connection, tmp_path: Path
) -> None:
    """The second waits, says for whom, and goes on as soon as the first is killed."""
    files = [tmp_path / "BJ.xml", tmp_path / "GD.xml"]
    for bank, path in zip(("BJ", "GD"), files, strict=True):
        units = (unit(f"{bank}-{number}", BANK_MANUF_ID=bank) for number in range(20))
        path.write_text(inventory(*units), encoding="utf-8")
    async with (
        _stuck(
            database, owner, operator, tmp_path, "intake.raw_unit", "intake", str(files[0])
        ) as first,
        _started(database, tmp_path, "intake", str(files[1])) as second,
    ):
        assert second.stderr is not None
        said = (await second.stderr.readline()).decode()
        while "Waiting" not in said:
            said = (await second.stderr.readline()).decode()
        first.kill()
        await first.wait()
        assert re.match("Waiting for another intake to end " + _name("intake", first), said), said
        await owner.execute("rollback; begin")
        await second.communicate()
        assert second.returncode == 0
    banks = await operator.fetch("select distinct bank from intake.raw_unit")
    assert [row[0] for row in banks] == ["GD"]


async def test_an_intake_and_a_publication(
    database: Access, owner: Connection, units: Connection, tmp_path: Path
) -> None:
    """An intake that comes while a release is made waits for it, and then is loaded."""
    path = tmp_path / "BJ.xml"
    path.write_text(inventory(unit("BJ-1")), encoding="utf-8")
    waits = "select count(*) from pg_locks where not granted and relation = $1::text::regclass"
    async with owner.transaction():
        await owner.execute("lock table intake.unit_map in access exclusive mode")
        async with _started(database, tmp_path, *_PUBLISH) as first:
            await _until(lambda: owner.fetchval(waits, "intake.unit_map"))
            async with _started(
                database, tmp_path, "intake", str(path), "--allow-removals"
            ) as second:
                await _until(lambda: owner.fetchval(waits, "intake.raw_unit"))
                await owner.execute("rollback; begin")
                _, errors = await first.communicate()
                assert first.returncode == 0, errors.decode()
                _, errors = await second.communicate()
                assert second.returncode == 0, errors.decode()
    assert await units.fetchval("select count(*) from open.release") == 1
    assert await units.fetchval("select count(*) from intake.submission") == 2


async def test_a_machine_that_vanished_is_noticed(operator: Connection) -> None:
    """The operator's sessions over a network are asked whether they live, for two minutes."""
    settings = await operator.fetchval(
        "select rolconfig from pg_roles where rolname = current_user"
    )
    assert {
        "client_connection_check_interval=1s",
        "tcp_keepalives_idle=60",
        "tcp_keepalives_interval=10",
        "tcp_keepalives_count=6",
    } <= set(settings)
