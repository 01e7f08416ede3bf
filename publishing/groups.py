"""Counts of a release by bank and ABO group, also where its scheme publishes neither."""

from collections.abc import Iterable

import asyncpg

from database.pool import Connection
from publishing.anonymise import Candidate
from publishing.batch import Batch
from publishing.figures import Group, Tally, compute_tally, tally_of
from publishing.history import History

_CHOSEN = """
select bank, coalesce(abo, 'UNKNOWN'), count(*)::integer
from intake.raw_unit where id = any($1::bigint[])
group by 1, 2
"""

# What a class says of its members counts; only what it leaves out is asked of the intake zone.
_PUBLISHED = """
select coalesce(c.bank, r.bank), coalesce(c.abo, r.abo, 'UNKNOWN'), count(*)::integer
from open.batch_class b
join open.unit_class c on c.id = b.class_id
join open.unit u on u.batch_class_id = b.id
join intake.unit_map m on m.unit_id = u.id
join intake.raw_unit r on r.id = m.raw_unit_id
where b.id = any($1::integer[])
group by 1, 2
"""


async def tally_release(connection: Connection, history: History, batch: Batch) -> Tally:
    """Count the release that continues ``history`` with ``batch`` by bank and ABO group.

    Limits for groups of people hold whether the groups are published or not.
    """
    if _all_named(history, batch):
        return compute_tally(history, batch)
    unnamed = {row.id for row in history.classes if row.bank is None or row.abo is None}
    earlier = [_group(row) for row in await connection.fetch(_PUBLISHED, sorted(unnamed))]
    named = (row for row in history.classes if row.id not in unnamed)
    earlier += [(row.bank, row.abo, row.units) for row in named]
    members = (unit for group in batch.classes.values() for unit in group)
    return tally_of(
        released=[*earlier, *await _groups(connection, members)],
        held=await _groups(connection, batch.deferred),
    )


def _all_named(history: History, batch: Batch) -> bool:
    """Tell whether every class says bank and ABO group."""
    classes = {*batch.classes, *(unit.unit_class for unit in batch.deferred)}
    named = {(row.bank, row.abo) for row in history.classes}
    named |= {(unit_class.bank, unit_class.abo) for unit_class in classes}
    return all(bank is not None and abo is not None for bank, abo in named)


async def _groups(connection: Connection, units: Iterable[Candidate]) -> list[Group]:
    rows = await connection.fetch(_CHOSEN, [unit.row for unit in units])
    return [_group(row) for row in rows]


def _group(row: asyncpg.Record) -> Group:
    return row[0], row[1], row[2]
