"""Commands killed at every touch of a file: whole files or none, and nothing left for long."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection
from publishing.gate import Profile
from publishing.plan import plan
from publishing.reference import load_reference
from publishing.scheme_key import KEY_BYTES, fingerprint
from publishing.scheme_proposal import propose, record_proposal
from tests.bank_files import inventory, unit
from tests.forked_commands import ForkedCommands, forked_commands
from tests.inventories import add_inventory

MOST = 30
"""More touches of files than any of these commands makes."""


@pytest.fixture(scope="module")
async def commands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForkedCommands]:
    """Starts commands."""
    async with forked_commands(tmp_path_factory.mktemp("said")) as parent:
        yield parent


@pytest.fixture
async def proposal(operator: Connection) -> str:
    """The digest of a proposal for 6,000 units."""
    await load_reference(operator)
    await add_inventory(operator, 6_000, synthetic=True)
    proposed = await propose(operator)
    await record_proposal(operator, proposed)
    return proposed.digest


def _environment(database: Access, home: Path) -> dict[str, str]:
    return {
        "CORDGRAPH_HOME": str(home),
        "CORDGRAPH_OPERATOR_URL": database.require("operator"),
    }


def _check_keys(keys: Path) -> list[str]:
    """Check what may lie in the folder of keys at any instant; return the names of whole keys."""
    if not keys.exists():
        return []
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    found = list(keys.iterdir())
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in found)
    whole = [path for path in found if not path.name.startswith(".")]
    assert all(len(path.read_bytes()) == KEY_BYTES for path in whole)
    assert len(found) - len(whole) <= 1
    return [path.name for path in whole]


async def test_the_key_of_a_scheme(
    database: Access, operator: Connection, commands: ForkedCommands, proposal: str, tmp_path: Path
) -> None:
    """Killed at each touch of the keys, a freezing leaves a key that the next one takes, or none.

    What a dead run left of a key is taken away by the next one.
    """
    keys = tmp_path / "keys"
    arguments = ("scheme", "freeze", proposal, "--profile", "synthetic")
    deaths = 0
    made: set[bytes] = set()
    for touch in range(1, MOST):
        running = await commands.start(
            arguments, _environment(database, tmp_path), die_at=touch, die_in=keys
        )
        ended = await running.end()
        if _check_keys(keys):
            made.add(await asyncio.to_thread((keys / "scheme-2.key").read_bytes))
        if not ended.was_killed:
            assert ended.code == 0, ended
            break
        deaths += 1
        assert await operator.fetchval("select count(*) from open.scheme") == 0
        if made:  # the next death shall come in the making of a key, until there is no more
            (keys / "scheme-2.key").unlink(missing_ok=True)
            made.clear()
    assert deaths >= 6
    assert [path.name for path in keys.iterdir()] == ["scheme-2.key"]
    stored = await operator.fetchval("select fingerprint from intake.scheme_key where scheme = 2")
    assert stored == fingerprint((keys / "scheme-2.key").read_bytes())


async def test_a_key_that_was_made_is_kept(
    database: Access, operator: Connection, commands: ForkedCommands, tmp_path: Path
) -> None:
    """A plan that dies after it made a key leaves it; the plan that comes next has its digests."""
    await load_reference(operator)
    await add_inventory(operator, 6_000, synthetic=True)
    keys = tmp_path / "keys"
    arguments = ("release", "plan", "--profile", "synthetic", "--json")
    key = keys / "scheme-1.key"
    for touch in range(1, MOST):
        running = await commands.start(
            arguments, _environment(database, tmp_path), die_at=touch, die_in=keys
        )
        await running.end()
        if _check_keys(keys):
            break
    made = await asyncio.to_thread(key.read_bytes)
    running = await commands.start(arguments, _environment(database, tmp_path))
    ended = await running.end()
    expected = await plan(operator, keys=keys, profile=Profile.SYNTHETIC)
    assert json.loads(ended.out)["digest"] == expected.digest
    assert await asyncio.to_thread(key.read_bytes) == made


async def test_a_report(database: Access, commands: ForkedCommands, tmp_path: Path) -> None:
    """Killed at each touch of it, an intake leaves the old report or the new one, never half."""
    path, folder = tmp_path / "BJ.xml", tmp_path / "reports"
    path.write_text(inventory(*(unit(f"BJ-{number}") for number in range(50))), encoding="utf-8")
    folder.mkdir()
    report = folder / "report.json"
    report.write_text('{"old": true}')
    arguments = ("intake", str(path), "--report", str(report))
    deaths = 0
    for touch in range(1, MOST):
        running = await commands.start(
            arguments, _environment(database, tmp_path), die_at=touch, die_in=folder
        )
        ended = await running.end()
        found = json.loads(await asyncio.to_thread(report.read_bytes))
        if not ended.was_killed:
            break
        deaths += 1
        assert found == {"old": True} or "files" in found
    assert deaths >= 2
    assert "files" in found
    assert [path.name for path in folder.iterdir()] == ["report.json"]
