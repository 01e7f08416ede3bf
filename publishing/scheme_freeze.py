"""Freezes a proposal: its levels become the scheme of all later batches, with a key of its own."""

from pathlib import Path

from database.pool import Connection
from domain.failures import Refused
from domain.schemes import Scheme
from publishing.approvals import Kind, require_approvals
from publishing.audit import record
from publishing.gate import Profile
from publishing.lock import hold_open_zone
from publishing.scheme import freeze, next_number
from publishing.scheme_key import obtain_key, record_fingerprint
from publishing.scheme_proposal import read_proposal

_ADD = "insert into intake.frozen_scheme (scheme, proposal, profile) values ($1, $2, $3)"
_ORIGIN = "select proposal, profile from intake.frozen_scheme where scheme = $1"
_NUMBER = "select scheme from intake.frozen_scheme where proposal = $1"


async def freeze_proposal(
    connection: Connection, digest: str, *, keys: Path, profile: Profile
) -> Scheme:
    """Freeze the proposal ``digest`` under the next number, wholly or not at all.

    A run that dies leaves at most a key file, which the next run takes. What is frozen already,
    perhaps by a run that died before it could say so, is left as it is.

    Args:
        connection: An operator's connection, outside a transaction.
        digest: Digest of the proposal.
        keys: Directory of the key files.
        profile: Whether approvals are needed.

    Raises:
        Refused: There is no such proposal, its number is taken, approvals are missing, or a key
            file of this number cannot be used.
        Unavailable: A release, a withdrawal or another freezing runs.
    """
    async with connection.transaction():
        await hold_open_zone(connection)
        document = await read_proposal(connection, digest)
        scheme = Scheme.from_json(document["scheme"], document["levels"])
        if await connection.fetchval(_NUMBER, digest) == scheme.number:
            await obtain_key(connection, keys, scheme.number)
            return scheme
        await _require_next(connection, scheme)
        await require_approvals(connection, Kind.SCHEME, digest, profile)
        await freeze(connection, scheme)
        key = await obtain_key(connection, keys, scheme.number)
        await record_fingerprint(connection, scheme.number, key)
        await connection.execute(_ADD, scheme.number, digest, profile.value)
        await record(
            connection,
            "scheme.freeze",
            f"scheme {scheme.number}",
            {"proposal": digest, "profile": profile.value, "levels": scheme.as_json()},
        )
    return scheme


async def require_approved(connection: Connection, scheme: Scheme, profile: Profile) -> None:
    """Check that ``scheme`` may be used under ``profile``: no demonstration opens a side door.

    Raises:
        Refused: It was frozen without approvals, ``profile`` needs them, and they are missing.
    """
    origin = await connection.fetchrow(_ORIGIN, scheme.number)
    if origin is not None and Profile(origin[1]) is not Profile.STRICT:
        await require_approvals(connection, Kind.SCHEME, origin[0], profile)


async def _require_next(connection: Connection, scheme: Scheme) -> None:
    number = await next_number(connection)
    if scheme.number != number:
        raise Refused(
            f"the proposal is for scheme {scheme.number}, and the next one is {number}: another "
            "scheme was frozen since",
            hint="Run `cordgraph scheme propose`: figures and approvals belong to one number.",
        )
