"""Withdrawal: whole classes leave with the next release and never come back; so can a release."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from database.pool import Connection
from domain.digest import release_digest
from domain.failures import Refused
from publishing.approvals import Kind
from publishing.audit import read_log
from publishing.gate import Profile
from publishing.history import list_releases, read_release
from publishing.plan import plan, record_plan
from publishing.reference import load_reference
from publishing.release import Published, publish
from publishing.release_withdrawal import (
    check_public_reason,
    plan_release_withdrawal,
    withdraw_release,
)
from publishing.verification import BrokenPromiseError, verify_release
from publishing.waivers import waive
from publishing.withdrawal import Cause, cancel_withdrawal, pending_withdrawals
from publishing.withdrawal_selection import Selection, plan_withdrawal
from tests.inventories import THREE_BANKS, add_inventory
from tests.signing import approve_by_all, two_approvers

K = 11
REASON = "The family withdrew its consent."
LATER = dt.date(2027, 11, 22)

_MEMBERS = """
select r.unit_number, m.unit_id, b.id as batch_class, b.units, b.withdrawn
from intake.unit_map m join intake.raw_unit r on r.id = m.raw_unit_id
join open.unit u on u.id = m.unit_id join open.batch_class b on b.id = u.batch_class_id
where r.bank = 'BJ' order by m.unit_id
"""
_UNITS = """
select u.id, b.added, b.withdrawn, c.bank, c.period_from, c.abo, c.tnc_min, c.cd34_min
from open.unit u join open.batch_class b on b.id = u.batch_class_id
join open.unit_class c on c.id = b.class_id
"""


@pytest.fixture
async def released(operator: Connection, keys: Path) -> Connection:
    """An operator's connection to two releases of synthetic units."""
    await load_reference(operator)
    await add_inventory(operator, 12_000, synthetic=True)
    for at_most in (9_000, None):
        await publish(operator, keys=keys, profile=Profile.SYNTHETIC, at_most=at_most)
    return operator


async def _publish(connection: Connection, keys: Path) -> Published:
    return await publish(connection, keys=keys, profile=Profile.SYNTHETIC)


async def _two_units(connection: Connection) -> list[str]:
    """Return the bank's numbers of two published units of different classes."""
    rows = await connection.fetch(_MEMBERS)
    second = next(row for row in rows if row["batch_class"] != rows[0]["batch_class"])
    return [rows[0]["unit_number"], second["unit_number"]]


async def test_the_classes_of_units_are_left_out(released: Connection, keys: Path) -> None:
    """A release that only withdraws adds nothing, says exact figures, and keeps all else."""
    before = await read_release(released, 2)
    planned = await plan_withdrawal(
        released, Selection("BJ", await _two_units(released)), Cause.CONSENT, REASON
    )
    assert len(planned.classes) == 2
    assert planned.units >= 2 * K
    proposal = await plan(released, keys=keys, profile=Profile.SYNTHETIC)
    assert (proposal.figures.added, proposal.figures.withdrawn) == (0, planned.units)
    published = await _publish(released, keys)
    assert (published.number, published.added, published.withdrawn) == (3, 0, planned.units)
    row = await read_release(released, 3)
    assert row["unit_count"] == before["unit_count"] - planned.units
    assert (row["added_unit_count"], row["withdrawn_unit_count"]) == (0, planned.units)
    assert row["class_count"] == before["class_count"] - 2
    digests = await released.fetch("select digest from open.batch_class where withdrawn is null")
    assert row["digest"] == release_digest(3, [each[0] for each in digests])
    assert await read_release(released, 2) == before
    assert await pending_withdrawals(released) == []
    done = [entry for entry in await read_log(released) if entry.action == "withdrawal.done"]
    assert [entry.details["units"] for entry in done] == [planned.units]


async def test_members_never_come_back(released: Connection, keys: Path) -> None:
    """Units of a withdrawn class are no candidates, consented or not, and keep their origin."""
    await plan_withdrawal(
        released, Selection("BJ", await _two_units(released)), Cause.CONSENT, REASON
    )
    await _publish(released, keys)
    gone = {row["unit_id"] for row in await released.fetch(_MEMBERS) if row["withdrawn"] == 3}
    await add_inventory(released, 3_000, seed=2, synthetic=True)
    await _publish(released, keys)
    rows = await released.fetch(_UNITS)
    live = {row["id"] for row in rows if row["withdrawn"] is None}
    assert gone
    assert gone.isdisjoint(live)
    assert Counter(row["id"] for row in rows).most_common(1)[0][1] == 1


@pytest.mark.parametrize("role", ["operator", "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        "update intake.unit_map set release = null where release is not null",
        "delete from intake.unit_map where release is not null",
        "truncate intake.unit_map",
    ],
)
async def test_the_origin_of_a_published_unit_is_never_forgotten(
    released: Connection, owner: Connection, role: str, statement: str
) -> None:
    """Without it a unit could be published again; the database refuses it to everybody."""
    connection = owner if role == "owner" else released
    with pytest.raises(
        (asyncpg.IntegrityConstraintViolationError, asyncpg.InsufficientPrivilegeError)
    ):
        await connection.execute(statement)


def _tables(units: list[tuple[Any, ...]]) -> Iterator[Counter[tuple[Any, ...]]]:
    classes = Counter(units)
    width = len(units[0]) if units else 0
    for size in range(width + 1):
        for columns in itertools.combinations(range(width), size):
            table: Counter[tuple[Any, ...]] = Counter()
            for values, members in classes.items():
                table[tuple(values[column] for column in columns)] += members
            yield table


async def test_differences_have_k_units_for_every_combination(
    released: Connection, keys: Path
) -> None:
    """What a release adds and what it removes is 0 or at least k, between all pairs."""
    await plan_withdrawal(
        released, Selection("BJ", await _two_units(released)), Cause.CONSENT, REASON
    )
    await add_inventory(released, 3_000, seed=2, synthetic=True)
    both = await _publish(released, keys)
    assert both.added > 1_000
    assert both.withdrawn >= 2 * K
    await plan_withdrawal(released, Selection("SC", period_from=2010, added=1), Cause.FAULT, "x")
    last = await _publish(released, keys)
    assert (last.added, last.withdrawn > 0) == (0, True)
    rows = [tuple(row) for row in await released.fetch(_UNITS)]
    held = {
        number: {
            row[0]: (row[1], *row[3:])
            for row in rows
            if row[1] <= number and (row[2] is None or row[2] > number)
        }
        for number in (1, 2, 3, 4)
    }
    for old, new in itertools.combinations(held, 2):
        for one, other in ((old, new), (new, old)):
            changed = [values for unit, values in held[one].items() if unit not in held[other]]
            assert all(min(table.values()) >= K for table in _tables(changed) if table)


async def test_a_withdrawal_by_values(released: Connection) -> None:
    """By bank, by release and by period; what is chosen is every published class of that kind."""
    added = await plan_withdrawal(released, Selection(added=2), Cause.FAULT, "Batch 2 was wrong.")
    expected = await released.fetchval("select added_unit_count from open.release where number = 2")
    assert added.units == expected
    bank = await plan_withdrawal(released, Selection("GD"), Cause.WAIVER, "GD does not agree.")
    assert len(bank.classes) == await released.fetchval(
        "select count(*) from open.batch_class b join open.unit_class c on c.id = b.class_id "
        "where c.bank = 'GD'"
    )
    with pytest.raises(Refused, match="no published class is left"):
        await plan_withdrawal(released, Selection(period_from=1995), Cause.FAULT, "x")
    with pytest.raises(Refused, match="nothing was chosen"):
        await plan_withdrawal(released, Selection(), Cause.FAULT, "x")
    with pytest.raises(Refused, match="a reason has 1 to 500 printable characters"):
        await plan_withdrawal(released, Selection("SC"), Cause.FAULT, "")


async def test_unknown_numbers_are_named(released: Connection) -> None:
    """A number that the bank does not have stops the withdrawal, so that none is overlooked."""
    numbers = [*await _two_units(released), "nobody's"]
    with pytest.raises(Refused, match="1 of 3 unit numbers are not known at bank BJ: nobody's"):
        await plan_withdrawal(released, Selection("BJ", numbers), Cause.CONSENT, REASON)
    assert await pending_withdrawals(released) == []


async def test_consent_ends_at_once(released: Connection, keys: Path) -> None:
    """Units lose their consent with the plan; without it, nothing is published any more."""
    waiting = await released.fetchval(
        "select r.unit_number from intake.raw_unit r join intake.unit_map m "
        "on m.raw_unit_id = r.id where m.release is null and r.bank = 'BJ' limit 1"
    )
    (number, _) = await _two_units(released)
    withdrawal = await plan_withdrawal(
        released, Selection("BJ", [number, waiting]), Cause.CONSENT, REASON
    )
    assert len(withdrawal.classes) == 1
    without = "select count(*) from intake.raw_unit where not consent and unit_number = any($1)"
    assert await released.fetchval(without, [number, waiting]) == 2
    await cancel_withdrawal(released, withdrawal.digest)
    await add_inventory(released, 3_000, seed=2, synthetic=True)
    with pytest.raises(Refused, match="consent: 1 units without consent"):
        await _publish(released, keys)


async def test_consent_ends_where_nothing_is_published(released: Connection) -> None:
    """Units that wait lose their consent too, although there is no class to withdraw."""
    waiting = await released.fetchval(
        "select r.unit_number from intake.raw_unit r join intake.unit_map m "
        "on m.raw_unit_id = r.id where m.release is null and r.bank = 'BJ' limit 1"
    )
    for _ in range(2):
        with pytest.raises(Refused, match="no published class is left"):
            await plan_withdrawal(released, Selection("BJ", [waiting]), Cause.CONSENT, REASON)
    consent = "select consent from intake.raw_unit where bank = 'BJ' and unit_number = $1"
    assert await released.fetchval(consent, waiting) is False
    ended = [entry for entry in await read_log(released) if entry.action == "consent.end"]
    assert [(entry.subject, entry.details) for entry in ended] == [("bank BJ", {"units": 1})]
    assert await pending_withdrawals(released) == []


async def test_the_same_withdrawal_is_planned_once(released: Connection) -> None:
    """A second run finds the first; what was cancelled is not planned again unnoticed."""
    selection = Selection("BJ", await _two_units(released))
    first = await plan_withdrawal(released, selection, Cause.CONSENT, REASON)
    again = await plan_withdrawal(released, selection, Cause.CONSENT, REASON)
    assert first == again
    await cancel_withdrawal(released, first.digest)
    with pytest.raises(Refused, match="planned before and is done or cancelled"):
        await plan_withdrawal(released, selection, Cause.CONSENT, REASON)
    other = await plan_withdrawal(released, selection, Cause.CONSENT, "Another reason.")
    assert other.digest != first.digest
    with pytest.raises(Refused, match=r"no withdrawal .* is pending"):
        await cancel_withdrawal(released, first.digest)


async def test_strict_needs_approvals_for_a_withdrawal(operator: Connection, keys: Path) -> None:
    """Until two people have approved it, no strict release goes on holding its classes."""
    await load_reference(operator)
    await add_inventory(operator, 12_000)
    people = await two_approvers(operator)
    for bank in THREE_BANKS:
        await waive(operator, bank, "letter")
    first = await plan(operator, keys=keys)
    await record_plan(operator, first)
    await approve_by_all(operator, people, Kind.RELEASE, first.digest)
    await publish(operator, keys=keys)
    withdrawal = await plan_withdrawal(
        operator, Selection("BJ", await _two_units(operator)), Cause.CONSENT, REASON
    )
    waiting = await plan(operator, keys=keys)
    assert {"withdrawals", "consent"} <= {check.name for check in waiting.failed}
    assert waiting.figures.withdrawn == 0
    await approve_by_all(operator, people, Kind.WITHDRAWAL, withdrawal.digest)
    ready = await plan(operator, keys=keys)
    assert [check.name for check in ready.failed] == ["approvals"]
    assert ready.figures.withdrawn == withdrawal.units
    await record_plan(operator, ready)
    await approve_by_all(operator, people, Kind.RELEASE, ready.digest)
    published = await publish(operator, keys=keys)
    assert (published.added, published.withdrawn) == (0, withdrawal.units)


async def test_everything_cannot_be_withdrawn_by_classes(released: Connection, keys: Path) -> None:
    """A release without any unit is refused, with what to do."""
    for bank in THREE_BANKS:
        await plan_withdrawal(released, Selection(bank), Cause.FAULT, "All of it is wrong.")
    with pytest.raises(Refused, match="would hold no unit") as refusal:
        await _publish(released, keys)
    assert refusal.value.hint is not None
    assert "cordgraph release withdraw NUMBER" in refusal.value.hint


async def test_a_wrong_count_of_withdrawn_units_is_found(
    released: Connection, owner: Connection, keys: Path
) -> None:
    """A row that does not say what was left out breaks the promise."""
    await plan_withdrawal(
        released, Selection("BJ", await _two_units(released)), Cause.CONSENT, REASON
    )
    await _publish(released, keys)
    await verify_release(released, 3, k=K)
    await owner.execute("alter table open.release disable trigger all")
    await owner.execute("update open.release set withdrawn_unit_count = 11 where number = 3")
    with pytest.raises(BrokenPromiseError, match="release 3: its row says"):
        await verify_release(released, 3, k=K)


async def test_a_whole_release_is_withdrawn(released: Connection) -> None:
    """Its entry stays with day and public reason, once and for good; others are untouched."""
    before = await read_release(released, 1)
    reason = "Cell counts of 2019 were wrong in one bank's file of 2026-11-22."
    planned = await plan_release_withdrawal(released, 2, Cause.FAULT, reason)
    assert (await read_release(released, 2))["withdrawn_at"] is None
    await withdraw_release(released, planned, Profile.SYNTHETIC)
    row = await read_release(released, 2)
    assert row["withdrawn_reason"] == reason
    assert row["withdrawn_at"] is not None
    assert [each["number"] for each in await list_releases(released)] == [1, 2]
    assert await read_release(released, 1) == before
    with pytest.raises(Refused, match="release 2 is withdrawn already"):
        await plan_release_withdrawal(released, 2, Cause.FAULT, reason)
    assert (await read_log(released))[-1].action == "release.withdraw"


async def test_the_next_release_follows_a_withdrawn_one(released: Connection, keys: Path) -> None:
    """With its batch taken back too, the next release holds what the one before it held."""
    planned = await plan_release_withdrawal(released, 2, Cause.FAULT, "Wrong counts.")
    await withdraw_release(released, planned, Profile.SYNTHETIC)
    await plan_withdrawal(released, Selection(added=2), Cause.FAULT, "Wrong counts.")
    published = await _publish(released, keys)
    first = await read_release(released, 1)
    assert (published.number, published.units) == (3, first["unit_count"])


async def test_a_strict_release_is_not_withdrawn_by_one_person(
    released: Connection, owner: Connection
) -> None:
    """The profile synthetic relaxes approvals only for what was made under it."""
    await owner.execute("alter table open.release disable trigger all")
    await owner.execute("update open.release set profile = 'strict'")
    planned = await plan_release_withdrawal(released, 2, Cause.FAULT, "Wrong counts.")
    with pytest.raises(Refused, match="needs the approval of 2 people; so far: nobody"):
        await withdraw_release(released, planned, Profile.SYNTHETIC)
    people = await two_approvers(released)
    await approve_by_all(released, people, Kind.WITHDRAWAL, planned.digest)
    await withdraw_release(released, planned, Profile.STRICT)


@pytest.mark.parametrize(
    "reason",
    [
        "",
        " ",
        "two\nlines",
        "a" * 301,
        "Unit cbu_0123456789abcdef0123 was wrong.",
        "See 8629d103d778ebff7d17a53820d88ba6.",
        "Unit 20150042 was wrong.",
        "Unit S1-00000007, of Beijing, was wrong.",
        "Unit (S1-00000007).",
    ],
)
async def test_a_public_reason_names_no_unit(released: Connection, reason: str) -> None:
    """Ids, digests, numbers of units and anything that looks like one are refused."""
    with pytest.raises(Refused, match="reason"):
        await check_public_reason(released, reason)


@pytest.mark.parametrize(
    "reason",
    ["Counts of GD were wrong.", "guangdong: wrong.", "Wrong in Guangzhou.", "广东的数据有误。"],
)
async def test_a_public_reason_names_no_bank_without_its_waiver(
    released: Connection, reason: str
) -> None:
    """By code, name or place; a bank that agreed to be named may be."""
    with pytest.raises(Refused, match="names GD, which has no waiver"):
        await check_public_reason(released, reason)
    await waive(released, "GD", "letter")
    await check_public_reason(released, reason)


async def test_a_unit_number_that_looks_like_a_word_is_found(released: Connection) -> None:
    """Numbers of units are compared word for word with those in intake."""
    await check_public_reason(released, "The counter in Lab-A was broken.")
    await released.execute(
        "update intake.raw_unit set unit_number = 'Lab-A' where id = "
        "(select min(id) from intake.raw_unit)"
    )
    with pytest.raises(Refused, match="names a unit"):
        await check_public_reason(released, "The counter in Lab-A was broken.")


@pytest.mark.parametrize(
    "statement",
    [
        "update intake.withdrawal set reason = 'y'",
        "delete from intake.withdrawal",
        "truncate intake.withdrawal cascade",
        "delete from intake.withdrawal_class",
        "truncate intake.withdrawal_class",
    ],
)
async def test_a_withdrawal_is_never_rewritten(
    released: Connection, owner: Connection, statement: str
) -> None:
    """It is done or cancelled, once, and nothing else of it changes, also by the owner."""
    await plan_withdrawal(released, Selection("GD"), Cause.FAULT, "x")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(statement)
