"""Reads of the keys that raise a quota, as the role of the service."""

from dataclasses import dataclass

from loaders.statements import Pool

_LIVE_KEY = """
select id, quota_per_minute from service.api_key where key_sha256 = $1 and revoked_at is null
"""


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A key that is not revoked, and the cost that it may spend in a minute."""

    id: int
    quota_per_minute: int


async def live_key(pool: Pool, sha256: str) -> ApiKeyRecord | None:
    """Return the key with this hash, or ``None`` if there is none or it is revoked."""
    rows = await pool.fetch(_LIVE_KEY, sha256)
    return ApiKeyRecord(*rows[0]) if rows else None
