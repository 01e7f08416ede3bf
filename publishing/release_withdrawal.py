"""Withdraws a whole release: it can no longer be read, and its entry stays with a public reason."""

import re

from database.pool import Connection
from domain.channel import NEW_RELEASE
from domain.failures import Refused
from publishing.approvals import Kind, require_approvals
from publishing.audit import record
from publishing.gate import Profile
from publishing.history import read_release
from publishing.lock import hold_open_zone
from publishing.waivers import waived_banks
from publishing.withdrawal import (
    Cause,
    Withdrawal,
    finish,
    record_release_withdrawal,
    release_withdrawal_digest,
)

_LONGEST_REASON = 300
_WITHDRAW = """
update open.release set withdrawn_at = now(), withdrawn_reason = $2 where number = $1
"""
# A word of the text that is a unit's number at any bank, or holds one between its punctuation.
_UNIT_NUMBERS = "select exists (select from intake.raw_unit where unit_number = any($1::text[]))"
_BANKS = "select code, name_en, name_zh, city from open.bank where code <> all($1::text[])"
_WORD = re.compile(r"[\w./-]+")
_LETTERS = re.compile(r"[A-Za-z]+")
_IDENTIFYING = re.compile(r"(?:cbu|bnk|ind)_\w+|[0-9a-f]{16,}|[0-9][0-9A-Za-z-]{5,}", re.IGNORECASE)
_DATE = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")


async def plan_release_withdrawal(
    connection: Connection, number: int, cause: Cause, reason: str
) -> Withdrawal:
    """Plan to withdraw release ``number``; `withdraw_release` does it once it is approved.

    Args:
        connection: An operator's connection, outside a transaction.
        number: Number of the release.
        cause: Why.
        reason: Why, in a sentence that everybody will read.

    Raises:
        Refused: There is no such release, it is withdrawn already, or the reason could name a
            unit or names a bank that did not agree to it.
        Unavailable: A publication runs.
    """
    async with connection.transaction(isolation="read_committed"):
        await hold_open_zone(connection)
        release = await read_release(connection, number)
        if release["withdrawn_at"] is not None:
            raise Refused(f"release {number} is withdrawn already: {release['withdrawn_reason']}")
        await check_public_reason(connection, reason)
        digest = release_withdrawal_digest(number, release["digest"], cause, reason)
        return await record_release_withdrawal(connection, cause, reason, digest, number)


async def withdraw_release(
    connection: Connection, withdrawal: Withdrawal, profile: Profile
) -> None:
    """Carry out a planned ``withdrawal`` of a release, once and for good.

    Raises:
        Refused: Approvals are missing. The profile ``synthetic`` relaxes them for releases that
            were made under it, never for others.
        Unavailable: A publication runs.
    """
    number = withdrawal.release
    if number is None:
        raise ValueError("this withdrawal is of classes; the next release carries it out")
    async with connection.transaction(isolation="read_committed"):
        await hold_open_zone(connection)
        release = await read_release(connection, number)
        if release["profile"] != Profile.SYNTHETIC:
            profile = Profile.STRICT
        await require_approvals(connection, Kind.WITHDRAWAL, withdrawal.digest, profile)
        await connection.execute(_WITHDRAW, number, withdrawal.reason)
        await finish(connection, withdrawal)
        details = {"withdrawal": withdrawal.digest, "cause": withdrawal.cause}
        await record(connection, "release.withdraw", f"release {number}", details)
        await connection.execute("select pg_notify($1, $2)", NEW_RELEASE, str(number))


async def check_public_reason(connection: Connection, reason: str) -> None:
    """Refuse a public text that is no plain sentence or could point to a unit.

    Raises:
        Refused: It is empty, too long or not printable, or it holds an id, a digest, a unit's
            number at a bank, or the name of a bank without a waiver.
    """
    if not 1 <= len(reason.strip()) <= _LONGEST_REASON or not reason.isprintable():
        raise Refused(f"a public reason has 1 to {_LONGEST_REASON} printable characters")
    words = _WORD.findall(reason)
    named = _IDENTIFYING.search(_DATE.sub("", reason))
    parts = [*words, *(word.strip("./-") for word in words)]
    if named or await connection.fetchval(_UNIT_NUMBERS, parts):
        found = f": {named.group()}" if named else ""
        raise Refused(
            f"everybody will read this reason, and it names a unit or looks as if{found}",
            hint="Say what was wrong without ids and numbers of units.",
        )
    if bank := await _bank_named(connection, reason):
        raise Refused(
            f"everybody will read this reason, and it names {bank}, which has no waiver",
            hint="Say what was wrong without the bank, its place and its code.",
        )


async def _bank_named(connection: Connection, text: str) -> str | None:
    """Return the code of a bank that ``text`` names although it did not agree to be named."""
    words, folded = set(_LETTERS.findall(text)), text.casefold()
    waived = sorted(await waived_banks(connection))
    for code, name_en, name_zh, city in await connection.fetch(_BANKS, waived):
        places = (
            city,
            name_en.partition(" Cord ")[0],
            name_zh.partition("脐带血")[0].rstrip("省市"),
        )
        if code in words or any(place and place.casefold() in folded for place in places):
            return str(code)
    return None
