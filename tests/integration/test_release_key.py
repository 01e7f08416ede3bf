"""The key of a scheme: made once, guarded, and never replaced."""

import os
import stat
from pathlib import Path

import pytest

from database.pool import Connection
from domain.failures import Refused, Unavailable
from publishing.gate import Profile
from publishing.plan import plan
from publishing.reference import load_reference
from publishing.release import publish
from publishing.scheme import first_scheme, freeze, parse_scheme
from publishing.scheme_key import fingerprint, key_path, obtain_key, record_fingerprint
from tests.inventories import add_inventory


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Where the keys of schemes are made; not there yet."""
    return tmp_path / "data" / "keys"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _contents(folder: Path) -> list[tuple[str, int, int]]:
    """Return name, mode and number of links of each entry; nothing if there is no folder."""
    entries = folder.iterdir() if folder.exists() else ()
    return [(entry.name, _mode(entry), entry.stat().st_nlink) for entry in entries]


async def _publish_first(operator: Connection, keys: Path) -> bytes:
    await load_reference(operator)
    await add_inventory(operator, 9_000)
    await publish(operator, keys=keys, profile=Profile.SYNTHETIC)
    await add_inventory(operator, 3_000, seed=2)
    return key_path(keys, 1).read_bytes()


async def test_the_first_release_makes_a_guarded_key(operator: Connection, keys: Path) -> None:
    """32 bytes that only their owner can read, in a folder of its own; the rest is gone."""
    key = await _publish_first(operator, keys)
    assert len(key) == 32
    assert _contents(keys) == [("scheme-1.key", 0o600, 1)]
    assert _mode(keys) == 0o700
    stored = await operator.fetch("select scheme, fingerprint from intake.scheme_key")
    assert [tuple(row) for row in stored] == [(1, fingerprint(key))]


async def test_a_key_without_a_release_is_used_as_it_is(operator: Connection, keys: Path) -> None:
    """A plan, or a publication that died, leaves a key; the next run goes on with it."""
    left = await obtain_key(operator, keys, 1)
    assert await _publish_first(operator, keys) == left


async def test_a_missing_key_is_refused(operator: Connection, keys: Path) -> None:
    """Once a release was published, no other key takes the place of a lost one."""
    await _publish_first(operator, keys)
    key_path(keys, 1).unlink()
    for attempt in (plan, publish):
        with pytest.raises(Refused, match="the key of scheme 1 is missing"):
            await attempt(operator, keys=keys, profile=Profile.SYNTHETIC)
    assert not key_path(keys, 1).exists()


async def test_another_key_is_refused(operator: Connection, keys: Path) -> None:
    """A key that is not the one of the scheme's releases would issue units twice."""
    await _publish_first(operator, keys)
    key_path(keys, 1).write_bytes(bytes(32))
    with pytest.raises(Refused, match="not the key that scheme 1 is bound to"):
        await publish(operator, keys=keys, profile=Profile.SYNTHETIC)
    assert await operator.fetchval("select max(number) from open.release") == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
async def test_a_key_that_others_can_use_is_refused(
    operator: Connection, keys: Path, mode: int
) -> None:
    """A key that group or world can use is no secret; what to do is said."""
    await obtain_key(operator, keys, 1)
    key_path(keys, 1).chmod(mode)
    with pytest.raises(Refused, match=f"mode {mode:04o}, not 0600") as refusal:
        await obtain_key(operator, keys, 1)
    assert refusal.value.hint == f"Run: chmod 600 '{key_path(keys, 1)}'"


@pytest.mark.parametrize("size", [0, 31, 33])
async def test_a_damaged_key_is_refused(operator: Connection, keys: Path, size: int) -> None:
    """A file of another size is not a key."""
    await obtain_key(operator, keys, 1)
    key_path(keys, 1).write_bytes(bytes(size))
    with pytest.raises(Refused, match="a key has 32 bytes, this file does not"):
        await obtain_key(operator, keys, 1)


async def test_a_folder_that_cannot_be_made_is_said(operator: Connection, tmp_path: Path) -> None:
    """Where a file stands in the way, nothing is half-made."""
    (tmp_path / "data").touch()
    with pytest.raises(Unavailable, match="the key of scheme 1 cannot be read or made"):
        await obtain_key(operator, tmp_path / "data" / "keys", 1)


async def test_the_first_fingerprint_stays(operator: Connection) -> None:
    """Recording another key changes nothing."""
    await record_fingerprint(operator, 1, bytes(32))
    await record_fingerprint(operator, 1, os.urandom(32))
    stored = await operator.fetchval("select fingerprint from intake.scheme_key")
    assert stored == fingerprint(bytes(32))


async def test_a_frozen_scheme_cannot_be_changed(operator: Connection, keys: Path) -> None:
    """Other levels under the number of a frozen scheme are refused; equal ones are not."""
    await freeze(operator, first_scheme())
    await freeze(operator, first_scheme())
    other = parse_scheme(1, "k = 11\nabo = true\nprocessing = false\nperiod_years = 10\n", "x.toml")
    with pytest.raises(Refused, match=r"scheme-1\.toml differs from scheme 1 as it was frozen"):
        await freeze(operator, other)
    levels = await operator.fetchval("select levels from open.scheme")
    assert levels == first_scheme().as_json()
    assert _contents(keys) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("k = 10\nabo = true\nprocessing = false\n", "k must be at least 11, not 10"),
        ("k = 11\nabo = true\n", r"check \['processing'\]"),
        ("k = 11\nabo = true\nprocessing = false\nsex = true\n", r"check \['sex'\]"),
        ("k = \n", "Invalid value"),
        (
            "k = 11\nabo = true\nprocessing = false\ntnc_cuts = [8, 8]\n",
            "cut points must ascend",
        ),
    ],
)
def test_a_scheme_file_with_a_fault_is_refused(text: str, message: str) -> None:
    """Levels that are missing, unknown or finer than allowed are named with their file."""
    with pytest.raises(Refused, match=f"scheme-9.toml: .*{message}"):
        parse_scheme(9, text, "scheme-9.toml")
