"""Who holds a lock of the database, in words that let a person find and end it."""

import datetime as dt
from dataclasses import dataclass

from database.pool import Connection

_ADVISORY = """
l.locktype = 'advisory' and l.objsubid = 1
and l.classid::bigint = $1::bigint >> 32 and l.objid::bigint = $1::bigint & 4294967295
"""
_TABLE = "l.locktype = 'relation' and l.relation = $1::text::regclass and l.mode = any($2::text[])"
_HOLDER = """
select a.pid, a.application_name, greatest(clock_timestamp() - a.xact_start, interval '0')
from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.granted and l.pid <> pg_backend_pid()
  and l.database = (select oid from pg_database where datname = current_database()) and {}
order by a.xact_start limit 1
"""
WRITING = ("RowExclusiveLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
"""Modes in which those hold a table who change its rows."""
STANDING_STILL = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
"""Modes in which those hold a table who keep others from changing its rows."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose turn it is.

    Attributes:
        session: Process id of the server for it.
        name: What the session calls itself: the command, its process and its machine.
        held: How long its transaction has been open; ``None`` where the server does not tell.
    """

    session: int
    name: str
    held: dt.timedelta | None

    def __str__(self) -> str:
        since = "" if self.held is None else f", for {self.held.total_seconds():.0f} s"
        return f"{self.name or 'a session without a name'}, database session {self.session}{since}"


async def holder_of_key(connection: Connection, key: int) -> Holder | None:
    """Return who holds the advisory lock ``key``, or ``None`` if nobody does any more."""
    return await _holder(connection, _ADVISORY, key)


async def holder_of_table(
    connection: Connection, table: str, modes: tuple[str, ...]
) -> Holder | None:
    """Return who has held ``table`` longest in one of ``modes``, or ``None`` if nobody does."""
    return await _holder(connection, _TABLE, table, list(modes))


def busy(what: str, holder: Holder | None) -> str:
    """Return the sentence ``what`` with the one who holds the lock."""
    return f"{what} ({holder})" if holder else what


def patience(wait_for: str, holder: Holder | None) -> str:
    """Return what to do: wait for what ``wait_for`` names, or end it if it hangs."""
    hint = f"Wait until {wait_for} has ended and try again."
    if holder is None:
        return hint
    return (
        f"{hint} If it hangs, end its process, or its session: "
        f"select pg_terminate_backend({holder.session}). It leaves nothing half-done."
    )


async def _holder(connection: Connection, condition: str, *parameters: object) -> Holder | None:
    # What a transaction has seen of other sessions it sees until its end.
    await connection.execute("select pg_stat_clear_snapshot()")
    row = await connection.fetchrow(_HOLDER.format(condition), *parameters)
    return Holder(*row) if row else None
