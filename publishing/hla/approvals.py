"""The approval without which no HLA data of real donors leave the platform.

Regulation on the Management of Human Genetic Resources (State Council Order 717): information on
human genetic resources is opened for use abroad only after it was reported, or approved.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import asyncpg

from database.pool import Connection
from domain.failures import Refused
from publishing.audit import record

_ADD = "insert into intake.hla_approval (reference) values ($1)"
_REVOKE = """
update intake.hla_approval set revoked_at = now(), revoked_reference = $1 where revoked_at is null
"""
_IN_FORCE = "select reference from intake.hla_approval where revoked_at is null"
_ALL = """
select reference, recorded_at, revoked_at, revoked_reference from intake.hla_approval order by id
"""
_LIST = "`cordgraph hla list` shows what is recorded."


@dataclass(frozen=True, slots=True)
class HlaApproval:
    """A recorded approval.

    Attributes:
        reference: Where it is kept.
        recorded_at: When it was recorded.
        revoked_at: When it was revoked, or ``None``: it is in force.
        revoked_reference: Where the revocation is kept.
    """

    reference: str
    recorded_at: dt.datetime
    revoked_at: dt.datetime | None
    revoked_reference: str | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "reference": self.reference,
            "recordedAt": self.recorded_at.isoformat(),
            "revokedAt": self.revoked_at.isoformat() if self.revoked_at else None,
            "revokedReference": self.revoked_reference,
        }


async def approve_hla(connection: Connection, reference: str) -> None:
    """Record the approval to open HLA frequencies; ``reference`` says where it is kept.

    Raises:
        Refused: One is in force already.
    """
    async with connection.transaction():
        try:
            async with connection.transaction():
                await connection.execute(_ADD, reference)
        except asyncpg.UniqueViolationError:
            raise Refused(
                "an approval to open HLA data is in force already",
                hint=f"Revoke it before another one is recorded. {_LIST}",
            ) from None
        await record(connection, "hla.approve", "HLA frequencies", {"reference": reference})


async def revoke_hla(connection: Connection, reference: str) -> None:
    """Record that the approval is no longer in force: later releases have no HLA tables.

    Raises:
        Refused: None is in force.
    """
    async with connection.transaction():
        if await connection.execute(_REVOKE, reference) == "UPDATE 0":
            raise Refused("there is no approval to open HLA data to revoke", hint=_LIST)
        await record(connection, "hla.revoke", "HLA frequencies", {"reference": reference})


async def hla_approval(connection: Connection) -> str | None:
    """Return the reference of the approval that is in force, or ``None``."""
    reference: str | None = await connection.fetchval(_IN_FORCE)
    return reference


async def list_hla_approvals(connection: Connection) -> list[HlaApproval]:
    """Return all approvals that were ever recorded, oldest first."""
    return [HlaApproval(*row) for row in await connection.fetch(_ALL)]
