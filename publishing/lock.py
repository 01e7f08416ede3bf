"""One writer of the open zone at a time, held by the database itself."""

from contextlib import suppress

import asyncpg

from database.pool import Connection
from domain.failures import Unavailable
from publishing.holder import WRITING, busy, holder_of_key, holder_of_table, patience
from publishing.own import refuse_mirror

_KEY = int.from_bytes(b"cg-relea", "big")


async def hold_open_zone(connection: Connection) -> None:
    """Let nobody else write the open zone until the end of the running transaction.

    Raises:
        Refused: The database mirrors another service.
        Unavailable: Another publication, withdrawal, freezing or loading of reference data runs;
            the message says whose.
    """
    await refuse_mirror(connection)
    await _end_with_client(connection)
    await connection.execute("set local lock_timeout = '5s'")
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _KEY)
    except asyncpg.LockNotAvailableError:
        holder = await holder_of_key(connection, _KEY)
        raise Unavailable(
            busy("another release or another loading of reference data is running", holder),
            hint=patience("it", holder),
        ) from None


async def hold_intake(connection: Connection) -> None:
    """Let no unit be taken in, changed or lose its consent until the end of the transaction.

    Raises:
        Unavailable: Units are being taken in; the message says by whom.
    """
    await connection.execute("set local lock_timeout = '30s'; set local statement_timeout = 0")
    try:
        async with connection.transaction():
            await connection.execute("lock table intake.raw_unit in share mode")
    except asyncpg.LockNotAvailableError:
        holder = await holder_of_table(connection, "intake.raw_unit", WRITING)
        raise Unavailable(
            busy(
                "units are being taken in, and a release needs an inventory that stands still",
                holder,
            ),
            hint=patience("`cordgraph intake`", holder),
        ) from None


async def _end_with_client(connection: Connection) -> None:
    """Let the server notice while a statement runs that we were killed, and free our locks.

    It would else finish the statement first, and the next run would find the locks taken. Not
    every system that a server runs on can tell it; there the next run may have to wait.
    """
    with suppress(asyncpg.InvalidParameterValueError):
        async with connection.transaction():
            await connection.execute("set local client_connection_check_interval = '250ms'")
