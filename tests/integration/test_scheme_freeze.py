"""Freezing a scheme: approvals, its number, its key, and what is in force from then on."""

import asyncio
import datetime as dt
import os
import stat
from pathlib import Path

import asyncpg
import minisign  # type: ignore[import-untyped]  # it ships no types
import pytest

from database.access import Access
from database.pool import Connection, connect
from domain.failures import Refused, Unavailable
from publishing.approvals import Kind, approval_text, approve
from publishing.approvers import add_approver
from publishing.gate import Profile
from publishing.lock import hold_open_zone
from publishing.plan import plan
from publishing.reference import load_reference
from publishing.release import publish
from publishing.scheme import first_scheme, list_schemes, next_number, scheme_in_force
from publishing.scheme_freeze import freeze_proposal
from publishing.scheme_key import fingerprint, key_path
from publishing.scheme_proposal import Proposal, propose, record_proposal
from tests.inventories import add_inventory

TODAY = dt.date(2026, 11, 22)
FAKE = Profile.SYNTHETIC


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Where the keys of schemes are made; not there yet."""
    return tmp_path / "data" / "keys"


@pytest.fixture
async def inventory(operator: Connection) -> Connection:
    """An operator's connection to reference data and 9,000 units."""
    await load_reference(operator)
    await add_inventory(operator, 9_000)
    return operator


@pytest.fixture
async def proposal(inventory: Connection) -> Proposal:
    """A recorded proposal."""
    proposed = await propose(inventory, today=TODAY)
    await record_proposal(inventory, proposed)
    return proposed


async def _approve(connection: Connection, kind: Kind, digest: str, *names: str) -> None:
    for name in names:
        pair = minisign.KeyPair.generate()
        await add_approver(connection, name, bytes(pair.public_key))
        signature = bytes(pair.secret_key.sign(approval_text(kind, digest)))
        await approve(connection, kind, digest, name, signature)


def _made(keys: Path) -> list[Path]:
    return list(keys.iterdir()) if keys.exists() else []


async def _schemes(connection: Connection) -> list[int]:
    return [row[0] for row in await connection.fetch("select number from open.scheme")]


async def test_two_approvals_freeze(inventory: Connection, proposal: Proposal, keys: Path) -> None:
    """With two signatures the levels become scheme 2, with a guarded key, logged and in force."""
    assert await scheme_in_force(inventory) == first_scheme()
    await _approve(inventory, Kind.SCHEME, proposal.digest, "Li Wei", "Zhang Min")
    scheme = await freeze_proposal(inventory, proposal.digest, keys=keys, profile=Profile.STRICT)
    assert scheme == proposal.scheme
    assert scheme.number == 2
    assert await scheme_in_force(inventory) == scheme
    assert await list_schemes(inventory) == [first_scheme(), scheme]
    path = key_path(keys, 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    stored = await inventory.fetchval("select fingerprint from intake.scheme_key where scheme = 2")
    assert stored == fingerprint(path.read_bytes())
    logged = await inventory.fetch("select action, subject from intake.audit_log order by id")
    assert [tuple(row) for row in logged][-1] == ("scheme.freeze", "scheme 2")
    assert ("scheme.propose", "scheme 2") in [tuple(row) for row in logged]


@pytest.mark.parametrize("names", [(), ("Li Wei",)])
async def test_fewer_approvals_do_not(
    inventory: Connection, proposal: Proposal, keys: Path, names: tuple[str, ...]
) -> None:
    """With fewer than two, nothing is frozen and no key is made."""
    await _approve(inventory, Kind.SCHEME, proposal.digest, *names)
    with pytest.raises(Refused, match="needs the approval of 2 people"):
        await freeze_proposal(inventory, proposal.digest, keys=keys, profile=Profile.STRICT)
    assert await _schemes(inventory) == []
    assert not _made(keys)


async def test_a_demonstration_opens_no_side_door(
    inventory: Connection, proposal: Proposal, keys: Path
) -> None:
    """What was frozen without approvals is refused under strict until two people approve it."""
    await freeze_proposal(inventory, proposal.digest, keys=keys, profile=FAKE)
    assert (await plan(inventory, keys=keys, profile=FAKE, today=TODAY)).scheme.number == 2
    with pytest.raises(Refused, match=f"the scheme {proposal.digest} needs the approval of 2"):
        await plan(inventory, keys=keys, profile=Profile.STRICT, today=TODAY)
    await _approve(inventory, Kind.SCHEME, proposal.digest, "Li Wei", "Zhang Min")
    strict = await plan(inventory, keys=keys, profile=Profile.STRICT, today=TODAY)
    assert strict.scheme == proposal.scheme


async def test_a_scheme_outlives_its_approvers(
    inventory: Connection, proposal: Proposal, keys: Path
) -> None:
    """A scheme that two people approved stays in use when one of them leaves."""
    await _approve(inventory, Kind.SCHEME, proposal.digest, "Li Wei", "Zhang Min")
    await freeze_proposal(inventory, proposal.digest, keys=keys, profile=Profile.STRICT)
    await inventory.execute("update intake.approver set removed_at = now()")
    strict = await plan(inventory, keys=keys, profile=Profile.STRICT, today=TODAY)
    assert strict.scheme == proposal.scheme


async def test_an_unknown_proposal_is_refused(inventory: Connection, keys: Path) -> None:
    """There is nothing to freeze without a proposal."""
    with pytest.raises(Refused, match="there is no proposal 000"):
        await freeze_proposal(inventory, "0" * 64, keys=keys, profile=FAKE)


async def test_a_number_is_given_once(
    inventory: Connection, proposal: Proposal, keys: Path
) -> None:
    """A proposal is for one number: no other one for it can be frozen, and it only once."""
    other = await propose(inventory, without=("bank",), today=TODAY)
    await record_proposal(inventory, other)
    assert (other.number, other.digest == proposal.digest) == (2, False)
    frozen = await freeze_proposal(inventory, proposal.digest, keys=keys, profile=FAKE)
    with pytest.raises(Refused, match="for scheme 2, and the next one is 3"):
        await freeze_proposal(inventory, other.digest, keys=keys, profile=FAKE)
    assert await freeze_proposal(inventory, proposal.digest, keys=keys, profile=FAKE) == frozen
    assert await _schemes(inventory) == [2]
    again = await propose(inventory, today=TODAY)
    assert (again.number, await next_number(inventory)) == (3, 3)
    assert again.scheme.as_json() == proposal.scheme.as_json()
    assert again.digest != proposal.digest


async def test_two_freezings_at_once_make_one_scheme(
    inventory: Connection, database: Access, proposal: Proposal, keys: Path
) -> None:
    """The second one waits, and then finds it done."""
    second = await connect(database.require("operator"))
    try:
        outcomes = await asyncio.gather(
            *(
                freeze_proposal(connection, proposal.digest, keys=keys, profile=FAKE)
                for connection in (inventory, second)
            )
        )
    finally:
        await second.close()
    assert outcomes == [proposal.scheme] * 2
    assert await _schemes(inventory) == [2]


async def test_a_freezing_waits_for_a_release(
    inventory: Connection, database: Access, proposal: Proposal, keys: Path
) -> None:
    """While a release is being made the scheme cannot change under it."""
    other = await connect(database.require("operator"))
    try:
        async with other.transaction():
            await hold_open_zone(other)
            with pytest.raises(Unavailable, match="another release"):
                await freeze_proposal(inventory, proposal.digest, keys=keys, profile=FAKE)
    finally:
        await other.close()
    assert await _schemes(inventory) == []


async def test_a_failed_freezing_leaves_a_key_that_the_next_one_takes(
    inventory: Connection, owner: Connection, proposal: Proposal, keys: Path
) -> None:
    """When the commit does not come, only a key file is left, and it becomes the scheme's."""
    await owner.execute(
        "create function fail() returns trigger language plpgsql as "
        "$$ begin raise exception 'the disk is full'; end $$; "
        "create trigger fail before insert on intake.frozen_scheme execute function fail()"
    )
    with pytest.raises(asyncpg.RaiseError, match="the disk is full"):
        await freeze_proposal(inventory, proposal.digest, keys=keys, profile=FAKE)
    assert await _schemes(inventory) == []
    left = key_path(keys, 2).read_bytes()
    await owner.execute("drop trigger fail on intake.frozen_scheme")
    await freeze_proposal(inventory, proposal.digest, keys=keys, profile=FAKE)
    assert key_path(keys, 2).read_bytes() == left


async def test_a_frozen_scheme_needs_its_key(
    inventory: Connection, proposal: Proposal, keys: Path
) -> None:
    """Without the key that it was frozen with, no batch is made under the scheme."""
    await freeze_proposal(inventory, proposal.digest, keys=keys, profile=FAKE)
    path = key_path(keys, 2)
    path.write_bytes(os.urandom(32))
    with pytest.raises(Refused, match="not the key that scheme 2 is bound to"):
        await publish(inventory, keys=keys, profile=FAKE, today=TODAY)
    path.unlink()
    with pytest.raises(Refused, match="the key of scheme 2 is missing"):
        await publish(inventory, keys=keys, profile=FAKE, today=TODAY)
    assert not path.exists()
