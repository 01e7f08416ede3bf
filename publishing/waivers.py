"""Waivers: a bank's recorded agreement that a release names it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import asyncpg

from database.pool import Connection
from domain.failures import Refused
from publishing.audit import record

_ADD = "insert into intake.bank_waiver (bank, reference) values ($1, $2)"
_REVOKE = """
update intake.bank_waiver set revoked_at = now(), revoked_reference = $2
where bank = $1 and revoked_at is null
"""
_WAIVED = "select bank from intake.bank_waiver where revoked_at is null"

# Every bank that the reference data describe or that has submitted, and its newest waiver.
_BANKS = """
select b.bank, r.name_en, w.reference, w.recorded_at, w.revoked_at, w.revoked_reference
from (select code as bank from open.bank where until is null
      union select unnest(banks) from intake.submission
      union select bank from intake.bank_waiver) b
left join open.bank r on r.code = b.bank and r.until is null
left join lateral (select * from intake.bank_waiver where bank = b.bank
                   order by id desc limit 1) w on true
order by b.bank
"""
_LIST = "`cordgraph bank list` shows the banks and their waivers."


@dataclass(frozen=True, slots=True)
class BankStanding:
    """A bank and its newest waiver.

    Attributes:
        bank: Code of the bank.
        name: Its English name, or ``None``: there is no reference row.
        reference: Where the agreement is kept, or ``None``: there never was one.
        recorded_at: When it was recorded.
        revoked_at: When it was revoked, or ``None``.
        revoked_reference: Where the revocation is kept.
    """

    bank: str
    name: str | None
    reference: str | None
    recorded_at: dt.datetime | None
    revoked_at: dt.datetime | None
    revoked_reference: str | None

    @property
    def waived(self) -> bool:
        """Whether releases may name the bank."""
        return self.reference is not None and self.revoked_at is None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "bank": self.bank,
            "name": self.name,
            "waived": self.waived,
            "reference": self.reference,
            "recordedAt": self.recorded_at.isoformat() if self.recorded_at else None,
            "revokedAt": self.revoked_at.isoformat() if self.revoked_at else None,
            "revokedReference": self.revoked_reference,
        }


async def waive(connection: Connection, bank: str, reference: str) -> None:
    """Record that ``bank`` agreed to be named; ``reference`` says where the agreement is kept.

    Raises:
        Refused: The bank is not known, or its waiver is recorded already.
    """
    async with connection.transaction():
        if bank not in {standing.bank for standing in await list_banks(connection)}:
            raise Refused(
                f"there is no bank {bank}",
                hint="Run `cordgraph reference load`, or take in a file of the bank first.",
            )
        try:
            async with connection.transaction():
                await connection.execute(_ADD, bank, reference)
        except asyncpg.UniqueViolationError:
            raise Refused(f"the waiver of {bank} is recorded already", hint=_LIST) from None
        await record(connection, "bank.waive", bank, {"reference": reference})


async def revoke_waiver(connection: Connection, bank: str, reference: str) -> None:
    """Record that ``bank`` no longer agrees; no release that adds units may name it.

    Raises:
        Refused: There is no waiver to revoke.
    """
    async with connection.transaction():
        if await connection.execute(_REVOKE, bank, reference) == "UPDATE 0":
            raise Refused(f"there is no waiver of {bank} to revoke", hint=_LIST)
        await record(connection, "bank.revoke", bank, {"reference": reference})


async def list_banks(connection: Connection) -> list[BankStanding]:
    """Return every bank that is known, by code, with its newest waiver."""
    return [BankStanding(*row) for row in await connection.fetch(_BANKS)]


async def waived_banks(connection: Connection) -> frozenset[str]:
    """Return the codes of the banks that releases may name."""
    return frozenset(row[0] for row in await connection.fetch(_WAIVED))
