"""Two people approve with their keys exactly what is published."""

import base64
import datetime as dt
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from database.pool import Connection
from domain.failures import Refused
from publishing.approvals import Kind, approvals_of, approve, require_approvals
from publishing.approvers import add_approver, list_approvers, remove_approver
from publishing.audit import read_log
from publishing.gate import Profile
from publishing.history import read_release
from publishing.plan import plan, record_plan
from publishing.reference import load_reference
from publishing.reference_rows import read_banks
from publishing.release import publish
from publishing.waivers import revoke_waiver, waive
from tests.inventories import THREE_BANKS, add_inventory
from tests.signing import Person, approve_by_all, two_approvers

DIGEST = "d" * 64
UNITS = 12_000


@pytest.fixture
async def inventory(operator: Connection) -> Connection:
    """12,000 units of three banks that agreed to be named."""
    await load_reference(operator)
    await add_inventory(operator, UNITS)
    for bank in THREE_BANKS:
        await waive(operator, bank, f"letter of {bank}")
    return operator


@pytest.fixture
async def planned(operator: Connection) -> Connection:
    """An operator's connection to a database with a plan of the digest `DIGEST`."""
    await operator.execute(
        "insert into intake.plan (digest, release, profile, checks) values ($1, 1, 'strict', '[]')",
        DIGEST,
    )
    return operator


async def test_a_strict_release_by_two_people(inventory: Connection, keys: Path) -> None:
    """With all waivers and two approvals of its plan, a release is published as not synthetic."""
    proposal = await plan(inventory, keys=keys)
    await record_plan(inventory, proposal)
    assert [check.name for check in proposal.failed] == ["approvals"]
    people = await two_approvers(inventory)
    await approve_by_all(inventory, people[:1], Kind.RELEASE, proposal.digest)
    with pytest.raises(Refused, match="approvals: 1 approvals of exactly this plan") as refusal:
        await publish(inventory, keys=keys)
    assert f"`cordgraph release approve` records an approval of the plan {proposal.digest}" in str(
        refusal.value.hint
    )
    await approve_by_all(inventory, people[1:], Kind.RELEASE, proposal.digest)
    published = await publish(inventory, keys=keys)
    assert published.digest == proposal.figures.digest
    row = await read_release(inventory, 1)
    assert (row["profile"], row["synthetic"]) == ("strict", False)


async def test_a_stale_plan_is_refused(inventory: Connection, keys: Path) -> None:
    """What changed since the approvals is said in figures, and what to run."""
    proposal = await plan(inventory, keys=keys, at_most=9_000)
    await record_plan(inventory, proposal)
    people = await two_approvers(inventory)
    await approve_by_all(inventory, people, Kind.RELEASE, proposal.digest)
    with pytest.raises(Refused) as refusal:
        await publish(inventory, keys=keys)
    message = refusal.value.message
    assert message.startswith("release 1 is not the one that Steward, Privacy officer approved")
    assert f"approved was {proposal.digest}" in message
    assert f"units added: {proposal.figures.added:,} was approved, now it is " in message
    assert "--at-most: 9,000 was approved, now it is none" in message
    assert "run `cordgraph release plan` and have the new plan approved" in str(refusal.value.hint)
    await add_inventory(inventory, 100, seed=2)
    with pytest.raises(Refused, match="is not the one that"):
        await publish(inventory, keys=keys, at_most=9_000)
    assert await inventory.fetchval("select count(*) from open.release") == 0


async def test_approvals_of_one_profile_are_none_for_another(
    inventory: Connection, keys: Path
) -> None:
    """A plan approved under synthetic cannot be published under strict."""
    proposal = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC)
    await record_plan(inventory, proposal)
    people = await two_approvers(inventory)
    await approve_by_all(inventory, people, Kind.RELEASE, proposal.digest)
    with pytest.raises(Refused, match="approvals: 0 approvals of exactly this plan"):
        await publish(inventory, keys=keys)


async def test_a_revoked_waiver_closes_the_gate(inventory: Connection, keys: Path) -> None:
    """A bank that no longer agrees is not named; its units can be left out of the batch."""
    await revoke_waiver(inventory, "SC", "letter 2")
    (waivers,) = [check for check in (await plan(inventory, keys=keys)).failed if check.about]
    assert (waivers.name, waivers.measured, waivers.about) == ("waivers", 1, "SC")
    without = await plan(inventory, keys=keys, without=["SC"])
    assert "waivers" not in [check.name for check in without.failed]
    assert {cls.bank for cls in without.batch.classes} == {"BJ", "GD"}
    assert "contributors" in [check.name for check in without.failed]


async def test_what_the_digest_of_a_plan_covers(inventory: Connection, keys: Path) -> None:
    """Profile and units make another digest; another look at the same makes the same."""
    first = await plan(inventory, keys=keys)
    again = await plan(inventory, keys=keys, today=dt.date(2027, 1, 5))
    assert first.digest == again.digest
    others = [
        await plan(inventory, keys=keys, profile=Profile.SYNTHETIC),
        await plan(inventory, keys=keys, at_most=9_000),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 3


async def test_other_reference_data_make_a_plan_stale(inventory: Connection, keys: Path) -> None:
    """What a release says of banks is approved with it; loading the same again changes nothing."""
    proposal = await plan(inventory, keys=keys)
    await record_plan(inventory, proposal)
    await approve_by_all(inventory, await two_approvers(inventory), Kind.RELEASE, proposal.digest)
    banks = [replace(bank, name_en=f"{bank.name_en}, renamed") for bank in read_banks()]
    await load_reference(inventory, banks=banks)
    with pytest.raises(Refused, match="the limits of the gate or the reference data were changed"):
        await publish(inventory, keys=keys)
    await load_reference(inventory)
    assert (await publish(inventory, keys=keys)).digest == proposal.figures.digest


async def test_two_different_people_are_needed(planned: Connection) -> None:
    """One person who approves twice counts once."""
    steward, officer = await two_approvers(planned)
    for _ in range(2):
        await approve_by_all(planned, (steward,), Kind.RELEASE, DIGEST)
    with pytest.raises(Refused, match="needs the approval of 2 people; so far: Steward"):
        await require_approvals(planned, Kind.RELEASE, DIGEST, Profile.STRICT)
    await approve_by_all(planned, (officer,), Kind.RELEASE, DIGEST)
    await require_approvals(planned, Kind.RELEASE, DIGEST, Profile.STRICT)
    given = await approvals_of(planned, Kind.RELEASE, DIGEST)
    assert [approval.approver for approval in given] == ["Steward", "Privacy officer"]


async def test_synthetic_needs_no_approval(operator: Connection) -> None:
    """The profile for demonstrations relaxes it."""
    await require_approvals(operator, Kind.RELEASE, DIGEST, Profile.SYNTHETIC)


@pytest.mark.parametrize("kind", [Kind.SCHEME, Kind.WITHDRAWAL])
async def test_a_signature_cannot_be_replayed_for_another_kind(
    planned: Connection, kind: Kind
) -> None:
    """What was signed as another kind is no approval of a release, and counts for no other."""
    steward, _ = await two_approvers(planned)
    with pytest.raises(Refused, match="the signature is not Steward's"):
        await approve(planned, Kind.RELEASE, DIGEST, "Steward", steward.sign(kind, DIGEST))
    await approve_by_all(planned, (steward,), Kind.RELEASE, DIGEST)
    assert await approvals_of(planned, kind, DIGEST) == []


async def test_a_signature_cannot_be_replayed_for_another_digest(planned: Connection) -> None:
    """A signature over one plan does not approve another one."""
    steward, officer = await two_approvers(planned)
    signature = steward.sign(Kind.RELEASE, "e" * 64)
    with pytest.raises(Refused, match="the signature is not Steward's") as refusal:
        await approve(planned, Kind.RELEASE, DIGEST, "Steward", signature)
    assert f"cordgraph release approve --digest {DIGEST} --text FILE" in str(refusal.value.hint)
    with pytest.raises(Refused, match="the signature is not Privacy officer's"):
        await approve(
            planned, Kind.RELEASE, DIGEST, officer.name, steward.sign(Kind.RELEASE, DIGEST)
        )


async def test_only_what_was_planned_can_be_approved(operator: Connection) -> None:
    """A digest that no plan has is refused, for each kind."""
    steward, _ = await two_approvers(operator)
    for kind in Kind:
        with pytest.raises(Refused, match=f"no {kind} with the digest"):
            await approve(operator, kind, DIGEST, "Steward", steward.sign(kind, DIGEST))


async def test_a_removed_approver_no_longer_counts(planned: Connection) -> None:
    """Earlier approvals are void, new ones refused; added again, the person approves anew."""
    people = await two_approvers(planned)
    await approve_by_all(planned, people, Kind.RELEASE, DIGEST)
    await remove_approver(planned, "Steward")
    with pytest.raises(Refused, match="so far: Privacy officer"):
        await require_approvals(planned, Kind.RELEASE, DIGEST, Profile.STRICT)
    with pytest.raises(Refused, match="there is no approver Steward"):
        await approve_by_all(planned, people[:1], Kind.RELEASE, DIGEST)
    await add_approver(planned, "Steward", people[0].public_key)
    assert len(await approvals_of(planned, Kind.RELEASE, DIGEST)) == 1
    await approve_by_all(planned, people[:1], Kind.RELEASE, DIGEST)
    await require_approvals(planned, Kind.RELEASE, DIGEST, Profile.STRICT)
    listed = await list_approvers(planned)
    assert [row.name for row in listed] == ["Steward", "Privacy officer", "Steward"]
    assert [row.removed_at is None for row in listed] == [False, True, True]


async def test_one_key_is_one_person(operator: Connection) -> None:
    """A key under another name, also with another key id, and a name with another key."""
    person = Person("Steward")
    await add_approver(operator, "Steward", person.public_key)
    with pytest.raises(Refused, match="an approver with this key already"):
        await add_approver(operator, "Privacy officer", person.public_key)
    raw = base64.b64decode(person.public_key.splitlines()[1])
    renamed = base64.b64encode(raw[:2] + bytes(8) + raw[10:])
    with pytest.raises(Refused, match="an approver with this key already"):
        await add_approver(operator, "Privacy officer", renamed)
    with pytest.raises(Refused, match="an approver with this name already"):
        await add_approver(operator, "Steward", Person("other").public_key)
    with pytest.raises(Refused, match="not a public key of minisign"):
        await add_approver(operator, "Privacy officer", person.secret_key)


async def test_an_approval_that_was_written_past_the_commands_does_not_count(
    planned: Connection,
) -> None:
    """Every signature is verified again when it is used."""
    steward, _ = await two_approvers(planned)
    number = (await list_approvers(planned))[0].id
    forged = steward.sign(Kind.RELEASE, "e" * 64).decode()
    await planned.execute(
        "insert into intake.approval (kind, digest, approver, signature, trusted_comment) "
        "values ('release', $1, $2, $3, '')",
        DIGEST,
        number,
        forged,
    )
    assert await approvals_of(planned, Kind.RELEASE, DIGEST) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update intake.approval set digest = repeat('e', 64)",
        "delete from intake.approval",
        "truncate intake.approval",
        "update intake.approver set public_key = decode(repeat('00', 32), 'hex')",
        "delete from intake.approver",
        "truncate intake.approver cascade",
        "update intake.plan set digest = repeat('e', 64)",
    ],
)
async def test_approvals_and_keys_are_never_rewritten(
    planned: Connection, owner: Connection, statement: str
) -> None:
    """Neither the operator nor the owner changes what was approved, or by which key."""
    people = await two_approvers(planned)
    await approve_by_all(planned, people, Kind.RELEASE, DIGEST)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
        await owner.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await planned.execute(statement)


async def test_approvals_are_logged(planned: Connection) -> None:
    """The log names the approver, the key and the digest, once for each approval."""
    people = await two_approvers(planned)
    for _ in range(2):
        await approve_by_all(planned, people, Kind.RELEASE, DIGEST)
    entries = [(entry.action, entry.subject) for entry in await read_log(planned)]
    assert entries == [
        ("approver.add", "Steward"),
        ("approver.add", "Privacy officer"),
        ("release.approve", DIGEST),
        ("release.approve", DIGEST),
    ]
    assert (await read_log(planned))[2].details["approver"] == "Steward"
