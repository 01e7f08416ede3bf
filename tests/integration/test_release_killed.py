"""`cordgraph release publish` killed at any moment: all or nothing, and the next run succeeds."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection, connect
from publishing.gate import Profile
from publishing.history import newest_release
from publishing.plan import plan
from publishing.reference import load_reference
from tests.inventories import add_inventory

UNITS = 15_000
SHARE = 12_000
PROGRAM = "from commands.main import main; main()"
ARGUMENTS = ("release", "publish", "--profile", "synthetic")

# The newest statement of the victim when it is killed.
MOMENTS = {
    "reading units": "%r.unit_number%",
    "making classes": "%into open.unit_class%",
    "publishing units": "copy%unit%",
    "recording origins": "copy%unit_map%",
    "verifying": "%cube%",
}

_WHOLE = """
select (select count(*) from open.unit),
       (select coalesce(sum(added_unit_count), 0) from open.release),
       (select coalesce(sum(units), 0) from open.batch_class),
       (select count(*) from intake.unit_map where release is not null),
       (select count(*) from open.release),
       (select count(*) from intake.plan),
       (select count(*) from intake.audit_log where action = 'release.publish')
"""
_BUSY = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and query ilike $1
"""


@pytest.fixture
async def inventory(operator: Connection) -> Connection:
    """An operator's connection to reference data and 15,000 units, nothing published."""
    await load_reference(operator)
    await add_inventory(operator, UNITS)
    return operator


async def _start(access: Access, home: Path, *more: str) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "CORDGRAPH_HOME": str(home),
        "CORDGRAPH_OPERATOR_URL": access.require("operator"),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        *ARGUMENTS,
        *more,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _until(
    victim: asyncio.subprocess.Process, condition: Callable[[], Awaitable[object]]
) -> None:
    """Wait until ``condition`` holds, or the victim has ended by itself."""
    while victim.returncode is None and not await condition():  # noqa: ASYNC110 - others act
        await asyncio.sleep(0.001)


async def _end(victim: asyncio.subprocess.Process) -> None:
    if victim.returncode is None:
        victim.kill()
    await victim.communicate()


async def _check_whole(connection: Connection) -> int:
    """Check that nothing is half-done; return how many releases there are."""
    row = await connection.fetchrow(_WHOLE)
    assert row is not None
    units, added, members, origins, releases, plans, entries = row
    assert units == added == members == origins
    assert releases == plans == entries
    return int(releases)


async def _succeed(access: Access, home: Path) -> None:
    """Publish once, unless the victim had committed before it was killed."""
    survivor = await _start(access, home, "--at-most", str(SHARE))
    _, errors = await survivor.communicate()
    assert survivor.returncode == 0, errors.decode()


@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_while_the_server_works(
    inventory: Connection, database: Access, owner: Connection, tmp_path: Path, moment: str
) -> None:
    """Killed in each stage of the work, it leaves nothing; the next run does what was planned."""
    planned = await plan(
        inventory, keys=tmp_path / "keys", profile=Profile.SYNTHETIC, at_most=SHARE
    )
    victim = await _start(database, tmp_path, "--at-most", str(SHARE))
    await _until(victim, lambda: owner.fetchval(_BUSY, MOMENTS[moment]))
    await _end(victim)
    if await _check_whole(inventory) == 0:
        await _succeed(database, tmp_path)
    assert await _check_whole(inventory) == 1
    digest = await inventory.fetchval("select digest from open.release")
    assert digest == planned.figures.digest


async def test_killed_again_and_again(
    inventory: Connection, database: Access, tmp_path: Path
) -> None:
    """Killed at random moments many times, it still publishes exactly what was planned."""
    planned = await plan(
        inventory, keys=tmp_path / "keys", profile=Profile.SYNTHETIC, at_most=SHARE
    )
    for _ in range(4):
        victim = await _start(database, tmp_path, "--at-most", str(SHARE))
        await asyncio.sleep(random.uniform(0.4, 1.6))
        await _end(victim)
        if await _check_whole(inventory):
            break
    else:
        await _succeed(database, tmp_path)
    assert await _check_whole(inventory) == 1
    digest = await inventory.fetchval("select digest from open.release")
    assert digest == planned.figures.digest


async def test_killed_while_the_key_is_made(
    inventory: Connection, database: Access, tmp_path: Path
) -> None:
    """A key that was made before the death of its maker is the key of the first release."""
    victim = await _start(database, tmp_path, "--at-most", str(SHARE))
    path = tmp_path / "keys" / "scheme-1.key"
    await _until(victim, lambda: asyncio.to_thread(path.exists))
    await _end(victim)
    made = await asyncio.to_thread(path.read_bytes)
    if await _check_whole(inventory) == 0:
        await _succeed(database, tmp_path)
    assert await asyncio.to_thread(path.read_bytes) == made
    assert await _check_whole(inventory) == 1


async def test_a_lost_server_is_said(database: Access, owner: Connection, tmp_path: Path) -> None:
    """If the server ends the session, the command says so with exit code 3, without a traceback."""
    other = await connect(database.require("operator"))
    try:
        await load_reference(other)
        await add_inventory(other, UNITS)
        victim = await _start(database, tmp_path)
        ended = (
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where "
            "datname = current_database() and pid <> pg_backend_pid() "
            "and query ilike 'copy%\"unit\"%'"
        )
        await _until(victim, lambda: owner.fetchval(ended))
        _, errors = await victim.communicate()
        assert victim.returncode == 3, errors.decode()
        assert "the connection to the database was lost" in errors.decode()
        assert "Traceback" not in errors.decode()
        assert await newest_release(other) == 0
    finally:
        await other.close()
