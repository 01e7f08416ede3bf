"""The promises of a table of activity, counted over the tables themselves before the commit."""

from collections.abc import Mapping

from database.pool import Connection
from domain.disclosure import MINIMUM_ACTIVITY, MINIMUM_BANKS, PROTECTION_PERCENT

# Every new value: what it says, what its parts hold by the newest reports, and by bank.
_VALUES = """
with counted as (
    select v.cell, v.units as said, n.bank, sum(k.units)::integer as units
    from open.activity_value v
    join open.activity_part p on p.cell = v.cell
    join intake.activity_count k on k.indication = p.indication
    join intake.newest_activity_report n on n.id = k.report_id and n.year = p.year
    left join open.bank b on b.code = n.bank and b.since <= $1
                          and (b.until is null or b.until > $1)
    where v.as_of = $1 and p.region = coalesce(b.region, 'NEITHER')
    group by v.cell, v.units, n.bank
)
select cell, said, sum(units)::integer, array_agg(units order by units desc)
from counted group by cell, said order by cell
"""

# Every pair of a new value and an earlier one of its cell: the change, in all and by bank.
_CHANGES = """
with pair as (
    select n.cell, o.as_of as earlier, n.units - o.units as change
    from open.activity_value n join open.activity_value o on o.cell = n.cell and o.as_of < n.as_of
    where n.as_of = $1
), origin as (
    select o.cell, o.as_of, r.bank, sum(o.units) as units
    from intake.activity_origin o join intake.activity_report r on r.id = o.report_id
    group by o.cell, o.as_of, r.bank
), moved as (
    select p.cell, p.earlier, p.change, bank,
           abs(coalesce(sum(units) filter (where o.as_of = $1), 0)
               - coalesce(sum(units) filter (where o.as_of = p.earlier), 0))::integer as units
    from pair p join origin o on o.cell = p.cell and o.as_of in ($1, p.earlier)
    group by p.cell, p.earlier, p.change, bank
)
select cell, earlier, change, array_agg(units order by units desc) filter (where units > 0)
from moved group by cell, earlier, change order by cell, earlier
"""

# Cells without a value, parts outside the years of their cell, parts that are missing in one,
# values and origins that differ.
_FAULTS = """
select
    (select count(*) from open.activity_cell c where c.since = $1
     and not exists (select from open.activity_value v where v.cell = c.id and v.as_of = $1)),
    (select count(*) from open.activity_part p join open.activity_cell c on c.id = p.cell
     where c.since = $1 and (p.year not between c.year_from and c.year_to
                             or c.region not in ('NATION', p.region))),
    (select count(*) from open.activity_cell c join lateral (
         select count(*) as parts, count(distinct indication) as codes
         from open.activity_part p where p.cell = c.id) held on true
     where c.since = $1 and held.parts <> held.codes * (c.year_to - c.year_from + 1)
                                          * case c.region when 'NATION' then 3 else 1 end),
    (select count(*) from open.activity_value v where v.as_of = $1 and v.units is distinct from
        (select sum(o.units) from intake.activity_origin o
         where o.cell = v.cell and o.as_of = v.as_of))
"""


async def activity_faults(connection: Connection, release: int) -> list[str]:
    """Count what release ``release`` shows anew of activity, independently of how it was made.

    Returns:
        A sentence for each promise that it breaks: a value has at least `MINIMUM_ACTIVITY` units
        of at least `MINIMUM_BANKS` banks and says what the newest reports say of its parts; it
        differs from each earlier value by as much and as many; each part lies in its cell.
    """
    faults = [
        f"activity cell {row['cell']} says {row['said']} units, the reports {row['sum']}"
        for row in await connection.fetch(_VALUES, release)
        if row["said"] != row["sum"] or not _stands(row["said"], row["array_agg"])
    ]
    for cell, earlier, change, banks in await connection.fetch(_CHANGES, release):
        if not _stands(abs(change), banks or []):
            faults.append(f"activity cell {cell} changes by {change} since release {earlier}")
    row = await connection.fetchrow(_FAULTS, release)
    counted: Mapping[str, int] = dict(zip(_NAMES, row or (), strict=True))
    faults += [f"{number} activity {name}" for name, number in counted.items() if number]
    return faults


_NAMES = ("cells without a value", "parts outside their cell", "cells with gaps", "values astray")


def _stands(units: int, banks: list[int]) -> bool:
    """Judge a number by the units of its banks, the largest first; a second way to say it."""
    if units < MINIMUM_ACTIVITY or len(banks) < MINIMUM_BANKS:
        return False
    return 100 * sum(banks[2:]) >= PROTECTION_PERCENT * banks[0]
