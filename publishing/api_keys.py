"""Issues and revokes the keys that raise a client's quota, as the operator."""

import datetime as dt
from dataclasses import dataclass

import asyncpg

from database.pool import Connection
from domain.api_keys import api_key_sha256, new_api_key
from domain.failures import Refused
from publishing.audit import record

_ISSUE = """
insert into service.api_key (key_sha256, label, quota_per_minute) values ($1, $2, $3) returning id
"""
_REVOKE = "update service.api_key set revoked_at = now() where id = $1"
_LIST = """
select id, label, quota_per_minute, issued_at, revoked_at from service.api_key order by id
"""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; ``key`` is nowhere else and cannot be had again."""

    id: int
    key: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key.

    Attributes:
        id: Its number.
        label: Whom or what it is for.
        quota_per_minute: Cost that its holder may spend in a minute.
        issued_at: When it was issued.
        revoked_at: When it was revoked, or ``None``.
    """

    id: int
    label: str
    quota_per_minute: int
    issued_at: dt.datetime
    revoked_at: dt.datetime | None


async def issue_key(connection: Connection, label: str, quota_per_minute: int) -> IssuedKey:
    """Make a key and keep its hash."""
    key = new_api_key()
    async with connection.transaction():
        number: int = await connection.fetchval(
            _ISSUE, api_key_sha256(key), label, quota_per_minute
        )
        details = {"label": label, "quota_per_minute": quota_per_minute}
        await record(connection, "key.issue", f"key {number}", details)
    return IssuedKey(number, key)


async def revoke_key(connection: Connection, number: int) -> None:
    """Revoke the key ``number`` for good; a running API heeds it within seconds.

    Raises:
        Refused: There is no such key, or it is revoked already.
    """
    try:
        async with connection.transaction():
            if await connection.execute(_REVOKE, number) == "UPDATE 0":
                raise Refused(f"there is no key {number}", "`cordgraph key list` shows the keys.")
            await record(connection, "key.revoke", f"key {number}")
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Refused(f"key {number} is revoked already") from error


async def list_keys(connection: Connection) -> list[ApiKey]:
    """Return all keys, oldest first."""
    return [ApiKey(*row) for row in await connection.fetch(_LIST)]
