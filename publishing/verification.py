"""The promises of a release, counted over the tables themselves before the transaction commits."""

from database.pool import Connection
from publishing.activity.verification import activity_faults

_CLASSES = """
select coalesce(min(n), 0), count(*), coalesce(sum(n), 0)::bigint,
       count(*) filter (where n <> units)
from (select b.units, count(u.id) as n
      from open.batch_class b left join open.unit u on u.batch_class_id = b.id
      where b.added = $1 group by b.id) c
"""

# Every combination of published values at every subset of the attributes, 2^7 tables at once.
_SMALLEST_DIFFERENCE = """
select coalesce(min(n), 0) from (
    select sum(b.units) as n
    from open.batch_class b join open.unit_class c on c.id = b.class_id
    where case $2 when 'added' then b.added else b.withdrawn end = $1
    group by cube (c.bank, (c.period_from, c.period_to), c.abo, (c.tnc_min, c.tnc_max),
                   (c.cd34_min, c.cd34_max), (c.volume_min, c.volume_max), c.processing)
    having sum(b.units) > 0
) d
"""

_ROW = """
select r.unit_count, r.added_unit_count, r.withdrawn_unit_count, r.class_count,
       r.smallest_class, r.bank_count,
       h.units, h.added, w.withdrawn, h.classes, h.smallest, h.banks
from open.release r, lateral (
    select sum(b.units)::integer as units, min(b.units) as smallest,
           coalesce(sum(b.units) filter (where b.added = $1), 0)::integer as added,
           count(*)::integer as classes, count(distinct c.bank)::integer as banks
    from open.batch_class b join open.unit_class c on c.id = b.class_id
    where b.added <= $1 and (b.withdrawn is null or b.withdrawn > $1)
) h, lateral (
    select coalesce(sum(b.units), 0)::integer as withdrawn
    from open.batch_class b where b.withdrawn = $1
) w
where r.number = $1
"""

# A unit of the batch has exactly one consented origin, and the batch holds nothing else.
_ORIGINS = """
select count(*) from intake.unit_map m
join intake.raw_unit r on r.id = m.raw_unit_id and r.consent
join open.unit u on u.id = m.unit_id
join open.batch_class b on b.id = u.batch_class_id and b.added = m.release
where m.release = $1
"""


class BrokenPromiseError(Exception):
    """The release that was about to be committed would break a promise; a fault of ours."""


async def verify_release(connection: Connection, number: int, *, k: int) -> None:
    """Count what release ``number`` adds and compare it with its promises and its row.

    Raises:
        BrokenPromiseError: A class has fewer than ``k`` units, a difference to the release
            before is neither 0 nor at least ``k``, a unit has no consented origin of its own,
            the row of the release does not say what the tables hold, or a count of transplants
            or its change is too small.
    """
    smallest, classes, units, wrong = await _one(connection, _CLASSES, number)
    if wrong or (classes and smallest < k):
        raise BrokenPromiseError(
            f"release {number}: {wrong} classes miscounted, smallest {smallest}"
        )
    for change in ("added", "withdrawn"):
        (difference,) = await _one(connection, _SMALLEST_DIFFERENCE, number, change)
        if 0 < difference < k:
            raise BrokenPromiseError(
                f"release {number}: a combination of values has {difference} units {change}"
            )
    (origins,) = await _one(connection, _ORIGINS, number)
    if origins != units:
        raise BrokenPromiseError(
            f"release {number}: {units} units, {origins} with an origin that consented"
        )
    row = await _one(connection, _ROW, number)
    said, found = row[: len(row) // 2], row[len(row) // 2 :]
    if said != found:
        raise BrokenPromiseError(f"release {number}: its row says {said}, the tables {found}")
    if faults := await activity_faults(connection, number):
        raise BrokenPromiseError(f"release {number}: {'; '.join(faults)}")


async def _one(connection: Connection, query: str, *arguments: object) -> tuple[int, ...]:
    row = await connection.fetchrow(query, *arguments)
    return tuple(row) if row is not None else ()
