"""The audit log: whoever changes something leaves a line, and nobody takes one away."""

import datetime as dt
import os
import pwd
from pathlib import Path

import asyncpg
import pytest

from database.pool import Connection
from domain.failures import Refused
from publishing.api_keys import issue_key, revoke_key
from publishing.audit import read_log, record
from publishing.gate import Profile
from publishing.plan import plan, record_plan
from publishing.reference import load_reference
from publishing.release import publish
from publishing.waivers import list_banks, revoke_waiver, waive, waived_banks
from tests.inventories import add_inventory, place_key


@pytest.mark.parametrize(
    "statement",
    [
        "update intake.audit_log set actor = 'nobody'",
        "delete from intake.audit_log",
        "truncate intake.audit_log",
    ],
)
async def test_nobody_rewrites_the_log(
    operator: Connection, owner: Connection, statement: str
) -> None:
    """Neither the operator nor the owner of the tables changes or removes a line."""
    await record(operator, "test.done", "this")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed or removed"):
        await owner.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await operator.execute(statement)
    assert len(await read_log(operator)) == 1


async def test_a_line_says_who_when_and_what(operator: Connection) -> None:
    """Role, account, time, action, subject and details are kept as they were given."""
    await record(operator, "test.done", "this", {"words": ["一", "two"]})
    (entry,) = await read_log(operator)
    assert (entry.actor, entry.account) == (
        "cordgraph_operator",
        pwd.getpwuid(os.getuid()).pw_name,
    )
    assert (entry.action, entry.subject) == ("test.done", "this")
    assert entry.details == {"words": ["一", "two"]}
    assert abs(entry.at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


async def test_what_did_not_happen_is_not_logged(operator: Connection) -> None:
    """A line is part of the transaction of what it tells."""
    transaction = operator.transaction()
    await transaction.start()
    await record(operator, "test.done", "this")
    await transaction.rollback()
    assert await read_log(operator) == []


async def test_the_log_can_be_read_in_part(operator: Connection) -> None:
    """From a time on, or the newest so many; always oldest first."""
    for number in range(5):
        await record(operator, "test.done", str(number))
    entries = await read_log(operator)
    newest = await read_log(operator, at_most=2)
    assert [entry.subject for entry in newest] == ["3", "4"]
    since = await read_log(operator, since=entries[1].at)
    assert [entry.subject for entry in since] == ["1", "2", "3", "4"]


async def test_everything_that_changes_state_is_logged(
    operator: Connection, tmp_path: Path
) -> None:
    """Reference data, plans, releases, waivers and keys leave one line each."""
    keys = place_key(tmp_path / "keys").parent
    await load_reference(operator)
    await add_inventory(operator, 12_000)
    for _ in range(2):
        await record_plan(operator, await plan(operator, keys=keys, profile=Profile.SYNTHETIC))
    await publish(operator, keys=keys, profile=Profile.SYNTHETIC)
    await waive(operator, "BJ", "letter 1")
    await revoke_waiver(operator, "BJ", "letter 2")
    issued = await issue_key(operator, "Portal", 5)
    await revoke_key(operator, issued.id)
    entries = await read_log(operator)
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("reference.load", "release 1"),
        ("release.plan", "release 1"),
        ("release.publish", "release 1"),
        ("bank.waive", "BJ"),
        ("bank.revoke", "BJ"),
        ("key.issue", "key 1"),
        ("key.revoke", "key 1"),
    ]
    assert issued.key not in str([entry.details for entry in entries])


async def test_a_waiver_is_recorded_once(operator: Connection) -> None:
    """Twice is refused, revoked is revoked, and a new one can follow; the newest is listed."""
    await load_reference(operator)
    await waive(operator, "BJ", "letter 1")
    with pytest.raises(Refused, match="the waiver of BJ is recorded already"):
        await waive(operator, "BJ", "letter 2")
    assert await waived_banks(operator) == {"BJ"}
    await revoke_waiver(operator, "BJ", "letter 3")
    with pytest.raises(Refused, match="there is no waiver of BJ to revoke"):
        await revoke_waiver(operator, "BJ", "letter 4")
    assert await waived_banks(operator) == frozenset()
    await waive(operator, "BJ", "letter 5")
    banks = {standing.bank: standing for standing in await list_banks(operator)}
    assert len(banks) == 7
    assert (banks["BJ"].waived, banks["BJ"].reference) == (True, "letter 5")
    assert (banks["SC"].waived, banks["SC"].reference) == (False, None)


async def test_a_waiver_is_of_a_known_bank(operator: Connection) -> None:
    """A code that neither reference data nor a submission has is refused."""
    with pytest.raises(Refused, match="there is no bank BJ"):
        await waive(operator, "BJ", "letter 1")


async def test_a_waiver_is_never_rewritten(operator: Connection, owner: Connection) -> None:
    """It can be revoked, and nothing else, also by the owner."""
    await load_reference(operator)
    await waive(operator, "BJ", "letter 1")
    for statement in (
        "update intake.bank_waiver set bank = 'SC'",
        "delete from intake.bank_waiver",
        "truncate intake.bank_waiver",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(statement)
