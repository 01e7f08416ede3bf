"""What is counted before a release commits, on releases that were tampered with."""

from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection, connect
from domain.failures import Unavailable
from publishing.gate import Profile
from publishing.lock import hold_open_zone
from publishing.reference import load_reference
from publishing.release import publish
from publishing.verification import BrokenPromiseError, verify_release
from tests.inventories import add_inventory, place_key


@pytest.fixture
async def released(operator: Connection, tmp_path: Path) -> Connection:
    """An operator's connection to one release whose smallest class has 11 to 100 units."""
    await load_reference(operator)
    await add_inventory(operator, 9_000)
    keys = place_key(tmp_path / "keys").parent
    await publish(operator, keys=keys, profile=Profile.SYNTHETIC)
    return operator


async def test_a_release_keeps_its_promises(released: Connection) -> None:
    """What was published passes the same count again."""
    await verify_release(released, 1, k=11)


async def test_too_small_a_class_is_found(released: Connection) -> None:
    """A class below k breaks the promise."""
    smallest = await released.fetchval("select smallest_class from open.release")
    with pytest.raises(BrokenPromiseError, match=f"0 classes miscounted, smallest {smallest}"):
        await verify_release(released, 1, k=smallest + 1)


async def test_a_unit_without_consent_is_found(released: Connection) -> None:
    """A published unit whose origin has no consent breaks the promise."""
    units = await released.fetchval("select unit_count from open.release")
    await released.execute(
        "update intake.raw_unit set consent = false where id = "
        "(select min(raw_unit_id) from intake.unit_map where release = 1)"
    )
    message = f"release 1: {units} units, {units - 1} with an origin that consented"
    with pytest.raises(BrokenPromiseError, match=message):
        await verify_release(released, 1, k=11)


async def test_a_wrong_row_is_found(released: Connection, owner: Connection) -> None:
    """A release that says other figures than the tables hold breaks the promise."""
    await owner.execute("alter table open.release disable trigger all")
    await owner.execute("update open.release set bank_count = bank_count + 1")
    with pytest.raises(BrokenPromiseError, match="release 1: its row says"):
        await verify_release(released, 1, k=11)


async def test_too_small_a_difference_is_found(released: Connection, owner: Connection) -> None:
    """A withdrawal of fewer than k units breaks the promise of the release that makes it."""
    await owner.execute("alter table open.batch_class disable trigger all")
    await owner.execute(
        "update open.batch_class set withdrawn = 2 "
        "where id = (select min(id) from open.batch_class)"
    )
    size = await released.fetchval("select units from open.batch_class where withdrawn = 2")
    with pytest.raises(BrokenPromiseError, match=f"values has {size} units withdrawn"):
        await verify_release(released, 2, k=size + 1)


async def test_one_writer_at_a_time(operator: Connection, database: Access) -> None:
    """Whoever finds the open zone held gives up after five seconds, and says why."""
    other = await connect(database.require("operator"))
    try:
        async with other.transaction():
            await hold_open_zone(other)
            with pytest.raises(Unavailable, match="another release or another loading"):
                await load_reference(operator)
    finally:
        await other.close()
    assert (await load_reference(operator)).banks.added == 7
