"""The promises of HLA tables, counted over the tables themselves before they are committed.

Nothing here uses what made them: units are counted anew, as the released rows say whose they are.
"""

from database.pool import Connection
from publishing.verification import BrokenPromiseError

# The units of a release by what is known of each locus. What is typed has both values.
_TYPED = """
create temporary table hla_typed on commit drop as
select r.bank, b.region as part, l.locus, l.one, l.other, count(*) as units,
       count(*) filter (where not r.synthetic) as real
from open.batch_class c
join open.unit u on u.batch_class_id = c.id
join intake.unit_map m on m.unit_id = u.id
join intake.raw_unit r on r.id = m.raw_unit_id
left join open.bank b on b.code = r.bank and b.since <= $1 and (b.until is null or b.until > $1)
cross join lateral (
    select key as locus, split_part(value ->> 0, ':', 1) as one,
           split_part(value ->> 1, ':', 1) as other
    from jsonb_each(coalesce(r.hla_normal, '{}'))
    where value ->> 0 is not null and value ->> 1 is not null
) l
where c.added <= $1 and (c.withdrawn is null or c.withdrawn > $1)
group by r.bank, b.region, l.locus, l.one, l.other
"""

# A fresh row counts exactly the distinct units that have the group.
_MISCOUNTED = """
select f.locus || '*' || f.hla_group || ' in ' || f.region
from open.hla_frequency f
cross join lateral (
    select coalesce(sum(t.units), 0) as units,
           coalesce(sum(t.units) filter (where t.one = t.other), 0) as twice
    from hla_typed t
    where t.locus = f.locus and f.hla_group in (t.one, t.other)
      and (f.region = 'NATION' or t.part = f.region)
) counted
where f.release = $1 and f.as_of = $1 and f.hla_group <> 'OTHER'
  and (f.units <> counted.units or abs(f.copies - f.units - counted.twice) > 60)
limit 1
"""

# Typed units of a fresh table are told down to less than 20 in each of at most three parts.
_MISTYPED = """
select h.locus || ' in ' || h.region
from open.hla_table h
cross join lateral (
    select coalesce(sum(t.units), 0) as units, count(distinct t.bank) as banks from hla_typed t
    where t.locus = h.locus and (h.region = 'NATION' or t.part = h.region)
) counted
where h.release = $1 and h.as_of = $1
  and (counted.units - h.typed_units not between 0 and 57 or counted.banks < 3)
limit 1
"""

# What no row shows: distinct units with a group that has no row of its own.
_UNTOLD = """
select h.locus || ' in ' || h.region
from open.hla_table h
left join open.hla_frequency o
    on (o.release, o.locus, o.region, o.hla_group) = (h.release, h.locus, h.region, 'OTHER')
cross join lateral (
    select coalesce(sum(t.units), 0) as units from hla_typed t
    where t.locus = h.locus and (h.region = 'NATION' or t.part = h.region)
      and (select count(*) from open.hla_frequency f
           where (f.release, f.locus, f.region) = (h.release, h.locus, h.region)
             and f.hla_group in (t.one, t.other)) < case when t.one = t.other then 1 else 2 end
) counted
where h.release = $1 and h.as_of = $1
  and counted.units - coalesce(o.units, 0) not between 0 and 57
limit 1
"""

# Any two releases, whichever: a count, or typed units, that differ by 1 to 19.
_DIFFERENCES = """
select f.locus || '*' || f.hla_group || ' in ' || f.region || ' since release ' || e.release
from open.hla_frequency f join open.hla_frequency e using (locus, region, hla_group)
where f.release = $1 and abs(f.units - e.units) between 1 and 19
union all
select h.locus || ' in ' || h.region || ' since release ' || e.release
from open.hla_table h join open.hla_table e using (locus, region)
where h.release = $1 and abs(h.typed_units - e.typed_units) between 1 and 19
limit 1
"""

# The nation is the sum of its parts, or has 20 more: those of banks of no part.
_SUMS = """
select n.locus || '*' || n.hla_group
from open.hla_frequency n
join (select release, locus, hla_group, sum(units) as units, count(*) as parts
      from open.hla_frequency where region <> 'NATION' group by 1, 2, 3) p
using (release, locus, hla_group)
where n.release = $1 and n.region = 'NATION' and n.hla_group <> 'OTHER'
  and (p.parts <> 2 or n.units - p.units <> 0 and n.units - p.units < 20)
limit 1
"""

# What stands says what it said in the release that it was counted for.
_CHANGED = """
select f.locus || '*' || f.hla_group || ' in ' || f.region
from open.hla_frequency f
where f.release = $1 and f.as_of < $1 and not exists (
    select from open.hla_frequency e
    where (e.release, e.locus, e.region, e.hla_group, e.units, e.frequency, e.as_of)
        = (f.as_of, f.locus, f.region, f.hla_group, f.units, f.frequency, f.as_of)
      and e.copies is not distinct from f.copies)
union all
select h.locus || ' in ' || h.region
from open.hla_table h
where h.release = $1 and h.as_of < $1 and not exists (
    select from open.hla_table e
    where (e.release, e.locus, e.region, e.published_units, e.typed_units, e.as_of)
        = (h.as_of, h.locus, h.region, h.published_units, h.typed_units, h.as_of))
limit 1
"""

_UNAPPROVED = """
select locus || ' in ' || region from open.hla_table
where release = $1 and exists (select from hla_typed where real > 0)
  and not exists (select from intake.hla_approval where revoked_at is null)
limit 1
"""

_CHECKS = {
    "a group is miscounted": _MISCOUNTED,
    "typed units are miscounted, or of fewer than three banks": _MISTYPED,
    "OTHER is miscounted": _UNTOLD,
    "two releases differ by fewer than 20 units": _DIFFERENCES,
    "the nation is not the sum of its parts": _SUMS,
    "what stands is not what it was": _CHANGED,
    "there is no approval to open HLA data": _UNAPPROVED,
}


async def verify_hla(connection: Connection, number: int) -> None:
    """Count what the HLA tables of release ``number`` say; part of its transaction.

    Raises:
        BrokenPromiseError: A row does not say what the units are, two releases differ by a few
            units, a table stands for fewer than three banks, or the approval is missing.
    """
    tables = "select exists (select from open.hla_table where release = $1)"
    if not await connection.fetchval(tables, number):
        return
    await connection.execute(_TYPED, number, timeout=None)
    for broken, query in _CHECKS.items():
        place = await connection.fetchval(query, number, timeout=None)
        if place is not None:
            raise BrokenPromiseError(f"release {number}: {broken}: {place}")
