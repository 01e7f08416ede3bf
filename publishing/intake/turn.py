"""One intake at a time, and none while a release is being made."""

import asyncio

import asyncpg

from database.pool import Connection
from domain.failures import Unavailable
from domain.progress import Report
from publishing.holder import STANDING_STILL, busy, holder_of_key, holder_of_table, patience
from publishing.own import refuse_mirror

_KEY = int.from_bytes(b"cg-intak", "big")
_WAITING = "Waiting for another intake to end"
_PAUSE_SECONDS = 0.25
_PATIENCE_SECONDS = 600.0

# The server looks for a client that was killed also while a statement runs, so that the turn of
# a dead process ends at once.
_SETTINGS = """
set local client_connection_check_interval = '250ms';
set local statement_timeout = 0;
set local idle_in_transaction_session_timeout = 0;  -- a long file that is refused sends nothing
"""


async def wait_turn(connection: Connection, report: Report) -> None:
    """Be the only intake until the end of the running transaction.

    Raises:
        Refused: The database mirrors another service.
        Unavailable: Another one has been at it for ten minutes; the message says whose.
    """
    await refuse_mirror(connection)
    await connection.execute(_SETTINGS)
    waited, stage = 0.0, ""
    while not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _KEY):
        stage = stage or busy(_WAITING, await holder_of_key(connection, _KEY))
        report(stage, int(waited), int(_PATIENCE_SECONDS))
        if waited >= _PATIENCE_SECONDS:
            holder = await holder_of_key(connection, _KEY)
            raise Unavailable(
                busy("another intake is running", holder), hint=patience("it", holder)
            )
        await asyncio.sleep(_PAUSE_SECONDS)
        waited += _PAUSE_SECONDS


async def hold_units(connection: Connection) -> None:
    """Keep releases from reading units until the end of the running transaction.

    Raises:
        Unavailable: A release is being made; the message says whose.
    """
    await connection.execute("set local lock_timeout = '60s'")
    try:
        async with connection.transaction():
            await connection.execute("lock table intake.raw_unit in row exclusive mode")
    except asyncpg.LockNotAvailableError:
        holder = await holder_of_table(connection, "intake.raw_unit", STANDING_STILL)
        raise Unavailable(
            busy("a release is being made, and the inventory must stand still for it", holder),
            hint=patience("`cordgraph release`", holder),
        ) from None
