"""The people who may approve: a name and a public key of minisign each."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import asyncpg

from database.pool import Connection
from domain.failures import Refused
from files.signatures import PublicKey, parse_public_key
from publishing.audit import record

_ADD = "insert into intake.approver (name, key_id, public_key) values ($1, $2, $3)"
_REMOVE = "update intake.approver set removed_at = now() where name = $1 and removed_at is null"
_LIST = """
select id, name, key_id, public_key, added_at, removed_at from intake.approver order by id
"""
_HINT = "`cordgraph approver list` shows the approvers."


@dataclass(frozen=True, slots=True)
class Approver:
    """A person who may approve, or might until ``removed_at``."""

    id: int
    name: str
    key: PublicKey
    added_at: dt.datetime
    removed_at: dt.datetime | None

    def as_json(self) -> dict[str, Any]:
        """Return the approver as plain data."""
        return {
            "name": self.name,
            "keyId": self.key.key_id,
            "addedAt": self.added_at.isoformat(),
            "removedAt": self.removed_at.isoformat() if self.removed_at else None,
        }


async def add_approver(connection: Connection, name: str, public_key: bytes) -> PublicKey:
    """Let ``name`` approve with the key in ``public_key``, the content of a ``.pub`` file.

    Raises:
        Refused: It is no public key, or the name or the key is an approver's already. One key
            under two names, or under two key ids, would be one person who approves twice.
    """
    try:
        key = parse_public_key(public_key)
    except ValueError as error:
        raise Refused(
            f"this is not a public key of minisign: {error}",
            hint="Give the .pub file that `minisign -G` wrote.",
        ) from error
    try:
        async with connection.transaction():
            await connection.execute(_ADD, name, key.key_id, key.key)
            await record(connection, "approver.add", name, {"key": key.key_id})
    except asyncpg.UniqueViolationError as error:
        same = "name" if "name" in (error.constraint_name or "") else "key"
        raise Refused(f"there is an approver with this {same} already", hint=_HINT) from None
    return key


async def remove_approver(connection: Connection, name: str) -> None:
    """Let ``name`` no longer approve; what this person approved no longer counts.

    Raises:
        Refused: There is no such approver.
    """
    async with connection.transaction():
        if await connection.execute(_REMOVE, name) == "UPDATE 0":
            raise Refused(f"there is no approver {name}", hint=_HINT)
        await record(connection, "approver.remove", name)


async def list_approvers(connection: Connection) -> list[Approver]:
    """Return all approvers, removed ones too, in the order in which they were added."""
    return [
        Approver(number, name, PublicKey(key_id, key), added_at, removed_at)
        for number, name, key_id, key, added_at, removed_at in await connection.fetch(_LIST)
    ]


async def find_approver(connection: Connection, name: str) -> Approver:
    """Return the approver ``name``, who was not removed.

    Raises:
        Refused: There is none.
    """
    for approver in await list_approvers(connection):
        if approver.name == name and approver.removed_at is None:
            return approver
    raise Refused(f"there is no approver {name}", hint=_HINT)
