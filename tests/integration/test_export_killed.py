"""Exports that die at any touch of a file: files are whole or absent, and the next run ends it."""

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection
from files.manifest import read_sums
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from tests.exporting import export_files
from tests.forked_commands import Ended, ForkedCommands, forked_commands
from tests.inventories import add_inventory

DRAWN = int(os.environ.get("CORDGRAPH_KILLS", "2")) * 6
SEED = int(os.environ.get("CORDGRAPH_KILLS_SEED", "1"))
_TOUCHES = 320
"""Touches of files that an export of one release makes, or a few more."""
_FIRST = range(1, 8)
"""Those in which the key is made."""


@pytest.fixture(scope="module")
async def commands(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForkedCommands]:
    """Starts commands."""
    async with forked_commands(tmp_path_factory.mktemp("said")) as parent:
        yield parent


@pytest.fixture
async def released(operator: Connection, tmp_path: Path) -> Connection:
    """An operator's connection to a database with one release that has no files."""
    await load_reference(operator)
    await add_inventory(operator, 6_000, synthetic=True)
    await publish(operator, keys=tmp_path / "keys", profile=Profile.SYNTHETIC)
    return operator


class Exports:
    """`cordgraph release export` in one data folder, killed or not."""

    def __init__(self, commands: ForkedCommands, access: Access, home: Path) -> None:
        self._commands = commands
        self._environment = {
            "CORDGRAPH_HOME": str(home),
            "CORDGRAPH_OPERATOR_URL": access.require("operator"),
        }
        self.home = home
        self.files = home / "files"

    async def run(self, *, die_at: int = 0, seconds: float | None = None) -> Ended:
        """Run it; let it die at so many-th touch of the folder, or after so many seconds."""
        running = await self._commands.start(
            ("release", "export"), self._environment, die_at=die_at, die_in=self.home
        )
        if seconds is not None:
            await asyncio.sleep(seconds)
            running.kill()
        return await running.end()

    def unfinished(self) -> set[str]:
        """Return the names of what is not finished, anywhere in the data folder."""
        names = {path.name for path in self.home.rglob("*")}
        return {name for name in names if name.startswith(".") or "#" in name}

    def hashes(self) -> dict[str, str]:
        """Return what anybody can see in the store: the hash of each file by its path."""
        return {
            str(path.relative_to(self.files)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.files.rglob("*"))
            if path.is_file() and "#" not in path.name
        }


async def _registered(operator: Connection) -> dict[str, str]:
    rows = await operator.fetch("select path, sha256 from open.release_file")
    return {f"releases/1/{path}": sha256 for path, sha256 in rows}


async def _check(exports: Exports, operator: Connection) -> dict[str, str]:
    """Check what may be there at any instant, and return it."""
    seen = exports.hashes()
    registered = await _registered(operator)
    if registered:
        assert registered.items() <= seen.items()
    if "releases/1/SHA256SUMS.minisig" in seen:  # it comes last
        sums = read_sums((exports.files / "releases/1/SHA256SUMS").read_bytes())
        assert {f"releases/1/{path}" for path in sums} <= seen.keys()
    return seen


@pytest.mark.parametrize("way", ["touch", "instant"])
async def test_an_export_that_dies(
    database: Access,
    released: Connection,
    commands: ForkedCommands,
    tmp_path: Path,
    way: str,
) -> None:
    """Whatever it left under a file's name has the bytes that the file has in the end."""
    chance = random.Random(f"{SEED} {way}")
    exports = Exports(commands, database, tmp_path)
    drawn = sorted(chance.sample(range(_FIRST.stop, _TOUCHES), DRAWN))
    seen: list[dict[str, str]] = []
    deaths = 0
    for touch in [*_FIRST, *drawn] if way == "touch" else range(DRAWN):
        if way == "touch":
            ended = await exports.run(die_at=touch)
        else:
            ended = await exports.run(seconds=chance.uniform(0.1, 1.5))
        assert ended.was_killed or ended.code == 0, ended
        deaths += ended.was_killed
        seen.append(await _check(exports, released))
        if await _registered(released):
            break
    assert deaths >= (DRAWN if way == "touch" else 1)
    assert (await exports.run()).code == 0
    final = exports.hashes()
    assert await _registered(released) == {
        path: sha256 for path, sha256 in final.items() if path != "minisign.pub"
    }
    for earlier in seen:
        assert earlier.items() <= final.items()
    # A draft of a key that was made stays, as the guide says.
    assert {name for name in exports.unfinished() if "release-signing.key" not in name} == set()
    assert [each.added for each in await export_files(database, tmp_path)] == [0]


async def test_what_a_dead_writer_left_is_taken_away(
    database: Access, released: Connection, tmp_path: Path
) -> None:
    """Half of a file lies under a name that nobody reads, and is gone after the next run."""
    assert await _registered(released) == {}
    folder = tmp_path / "files/releases/1"
    folder.mkdir(parents=True)
    (folder / "units.parquet#1").write_bytes(b"half")
    (tmp_path / ".exporting-dead").mkdir()
    (tmp_path / ".exporting-dead/units.parquet").write_bytes(b"half")
    await export_files(database, tmp_path)
    assert not (folder / "units.parquet#1").exists()
    assert not (tmp_path / ".exporting-dead").exists()
    assert (folder / "units.parquet").stat().st_size > 1_000
