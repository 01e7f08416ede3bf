"""Counts of what is used, day by day, as the role of the service."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from loaders.statements import Pool

# In the order of the names, so that two processes never wait for each other.
_ADD = """
insert into service.counter as kept (name, day, count)
select name, day, count from unnest($1::text[], $2::date[], $3::bigint[]) as new (name, day, count)
order by name, day
on conflict (name, day) do update set count = kept.count + excluded.count
"""
_SINCE = """
select name, day, count from service.counter
where starts_with(name, $1) and day >= $2
order by name, day
"""


@dataclass(frozen=True, slots=True)
class CounterRecord:
    """How often something was counted on one day (UTC)."""

    name: str
    day: dt.date
    count: int


async def add_counts(pool: Pool, counts: Mapping[tuple[str, dt.date], int]) -> None:
    """Add to the counter of each (name, day)."""
    names, days = [name for name, _ in counts], [day for _, day in counts]
    await pool.fetch(_ADD, names, days, list(counts.values()))


async def counts_since(pool: Pool, prefix: str, day: dt.date) -> list[CounterRecord]:
    """Return the counters whose names begin with ``prefix``, from ``day`` on, by name and day."""
    return [CounterRecord(*row) for row in await pool.fetch(_SINCE, prefix, day)]
