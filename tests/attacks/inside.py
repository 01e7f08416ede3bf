"""Reads all that the reader's role can read: the open zone, and every number of the system."""

import re
from collections.abc import Awaitable, Callable

import asyncpg

from database.access import Access
from database.pool import Connection
from tests.attacks.public import ReadersView
from tests.database_copies import connection_to

SMALL, LARGE = 100, 1_100
"""Units of the two intakes between which all readable numbers are compared."""

_IDS = "select id from open.unit order by ctid"
_CLASSES = """
select b.id, b.added, coalesce(c.bank, '*'), coalesce(c.period_from::text, '*'),
       coalesce(c.abo, '*')
from open.batch_class b join open.unit_class c on c.id = b.class_id order by b.id
"""
_RELATIONS = """
select c.oid::regclass::text as name, array_agg(quote_ident(attname)) as columns
from pg_class c join pg_attribute a on a.attrelid = c.oid
where relkind in ('r', 'v', 'm', 'f') and attnum > 0 and not attisdropped
    and relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    and has_column_privilege(c.oid, attnum, 'select') and attname !~ 'pid$'
    and atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'float4'::regtype,
                     'float8'::regtype, 'numeric'::regtype, 'pg_lsn'::regtype)
group by c.oid order by 1
"""
_FUNCTIONS = """
select oid::regproc::text as name, pronargs as arguments
from pg_proc
where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and not proretset
    and proname ~ '^pg_(stat_get|current_wal|control|sequence)|_size$'
    and (pronargs = 0 or pronargs = 1 and proargtypes[0] in ('oid'::regtype, 'regclass'::regtype))
    and has_function_privilege(oid, 'execute')
order by 1
"""
_TARGETS = """
select oid, relname::text as name from pg_class
where relnamespace = to_regnamespace('intake')::oid and relkind in ('r', 'S', 'i')
union all
select oid, 'the database' from pg_database where datname = current_database()
order by 2
"""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?")
_LSN = re.compile(r"([0-9A-F]+)/([0-9A-F]+)")

Numbers = dict[str, float]


async def look_inside(
    access: Access, take_in: Callable[[int], Awaitable[None]], *, numbers: bool = True
) -> ReadersView:
    """Return what the reader's role sees before and after two intakes.

    Args:
        access: Addresses of the database, which is changed.
        take_in: Takes in so many units and closes its connections, as a command does.
        numbers: Whether to look at the system's numbers too.
    """
    async with connection_to(access.require("reader")) as reader:
        ids = [row[0] for row in await reader.fetch(_IDS)]
        classes = [(row[0], row[1], tuple(row)[2:]) for row in await reader.fetch(_CLASSES)]
    looks: list[Numbers] = []
    for size in (0, SMALL, LARGE) if numbers else ():
        await take_in(size)  # none at first, so that whatever follows an intake has happened
        async with connection_to(access.require("reader")) as reader:
            looks.append(await _numbers(reader))
    growth = {}
    if looks:
        zero, one, two = looks
        growth = {
            name: (one[name] - zero[name], two[name] - one[name])
            for name in zero.keys() & one.keys() & two.keys()
        }
    return ReadersView(ids, classes, growth, LARGE - SMALL)


async def _numbers(reader: Connection) -> Numbers:
    """Return every number that can be read, by where it stands."""
    found: Numbers = {}
    for name, columns in await reader.fetch(_RELATIONS):
        for column in columns:
            query = f"select array_agg({column}::text) from {name}"  # noqa: S608 - the catalogue's
            number = await _try(reader, query)
            if number is not None:
                found[f"{name}.{column}"] = number
    targets = await reader.fetch(_TARGETS)
    for name, arguments in await reader.fetch(_FUNCTIONS):
        for oid, target in targets if arguments else [(None, "")]:
            number = await _try(reader, f"select {name}({oid or ''})::text")
            if number is not None:
                found[f"{name}({target})"] = number
    return found


async def _try(reader: Connection, query: str) -> float | None:
    """Return the sum of the numbers that ``query`` finds, or ``None``: refused or none."""
    try:
        value = await reader.fetchval(query)
    except asyncpg.PostgresError:
        return None
    texts = value if isinstance(value, list) else [value]
    return sum(map(_number, filter(None, texts))) if any(texts) else None


def _number(text: str) -> float:
    if lsn := _LSN.fullmatch(text):
        return float(int(lsn[1], 16) * 2**32 + int(lsn[2], 16))
    return sum(map(float, _NUMBER.findall(text)))
