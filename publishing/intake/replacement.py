"""Whether the units of a file may replace what its banks have in intake."""

import datetime as dt
from collections.abc import AsyncIterator

from database.pool import Connection
from publishing.intake.envelope import Mode
from publishing.intake.faults import Code, Finding
from publishing.intake.reading import Reading
from publishing.intake.staging import unknown_deletions

FREE_REMOVALS = 1_000
"""Units of a bank that a file may remove, whatever share of its units they are."""

# The newest time a bank's inventory referred to, where that is after the time of the file.
_NEWER = """
select b.bank, s.id, s.snapshot_time
from unnest($1::text[]) b(bank)
cross join lateral (select id, snapshot_time from intake.submission
                    where b.bank = any(banks) and snapshot_time is not null
                    order by snapshot_time desc, id desc limit 1) s
where s.snapshot_time > $2
order by b.bank
"""

# The newest submission of each bank, where that is not the one that the changes follow.
_OTHER_THAN = """
select b.bank, s.id, s.snapshot_time
from unnest($1::text[]) b(bank)
left join lateral (select id, snapshot_time from intake.submission
                   where b.bank = any(banks) order by id desc limit 1) s on true
where s.snapshot_time is distinct from $2
order by b.bank
"""

_LOSSES = """
select r.bank, count(*) as units,
       count(*) filter (where exists (select from gone_unit g where g.raw_unit_id = r.id)
       ) as removed,
       count(*) filter (where r.synthetic <> $2) as of_other_origin
from intake.raw_unit r
where r.bank = any($1) and not exists
    (select from intake.unit_map m where m.raw_unit_id = r.id and m.release is not null)
group by r.bank order by r.bank
"""

_ORIGINS = {True: "synthetic", False: "real"}
_EFFECTS = {Mode.FULL: "replace", Mode.DIFF: "stand beside"}


async def objections(connection: Connection, reading: Reading) -> list[Finding]:
    """Return why the staged units must not replace those of their banks.

    Args:
        connection: In the transaction of `publishing.intake.staging.compare`.
        reading: The file, read to its end.
    """
    if reading.mode is Mode.DIFF:
        found = [finding async for finding in _gaps(connection, reading)]
        found += [] if found else await unknown_deletions(connection)
    else:
        found = [finding async for finding in _newer_inventories(connection, reading)]
    if not reading.conditions.allow_removals:
        found += [finding async for finding in _losses(connection, reading)]
    return found


async def _gaps(connection: Connection, reading: Reading) -> AsyncIterator[Finding]:
    """Yield each bank whose newest submission is not the one that the changes follow."""
    follows = reading.follows
    assert follows is not None  # noqa: S101 - the envelope refuses changes without it
    banks = sorted(reading.banks)
    for bank, submission, newest in await connection.fetch(_OTHER_THAN, banks, follows):
        if submission is None:
            message = (
                f"There is no inventory of {bank} that changes can follow; send the whole one "
                "(UPDATE_MODE FULL) first."
            )
        elif newest is None:
            message = (
                f"No changes can follow submission {submission}, the newest of {bank}, since it "
                "has no SNAPSHOT_TIME; send the whole inventory (UPDATE_MODE FULL) with one."
            )
        else:
            message = (
                f"FOLLOWS is {_written(follows)}, and submission {submission}, the newest of "
                f"{bank}, is of {_written(newest)}; send the changes since then, or the whole "
                "inventory (UPDATE_MODE FULL)."
            )
        yield Finding(Code.SEQUENCE_BROKEN, message, field="FOLLOWS", bank=bank)


async def _newer_inventories(connection: Connection, reading: Reading) -> AsyncIterator[Finding]:
    time = reading.snapshot_time
    if time is None:
        return
    for bank, submission, newest in await connection.fetch(_NEWER, sorted(reading.banks), time):
        message = (
            f"SNAPSHOT_TIME is {_written(time)}, and submission {submission} loaded the "
            f"inventory of {bank} of {_written(newest)}; send a newer one."
        )
        yield Finding(Code.OUTDATED, message, field="SNAPSHOT_TIME", bank=bank)


async def _losses(connection: Connection, reading: Reading) -> AsyncIterator[Finding]:
    """Yield what would be lost; a unit of another origin is lost also where it is overwritten."""
    rows = await connection.fetch(_LOSSES, sorted(reading.banks), reading.synthetic)
    for bank, units, removed, of_other_origin in rows:
        if of_other_origin:
            message = (
                f"The file is {_ORIGINS[reading.synthetic]} and would {_EFFECTS[reading.mode]} "
                f"{of_other_origin:,} {_ORIGINS[not reading.synthetic]} units of {bank}; "
                "if that is meant, use --allow-removals."
            )
            yield Finding(Code.ORIGIN_CHANGES, message, field="SYNTHETIC", bank=bank)
        if removed > FREE_REMOVALS and 2 * removed > units:
            message = (
                f"The file would remove {removed:,} of {units:,} unpublished units of {bank}; "
                "if that is meant, use --allow-removals."
            )
            yield Finding(Code.SNAPSHOT_SHRINKS, message, bank=bank)


def _written(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
