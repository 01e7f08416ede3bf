"""A second database, of 5 million units, made in minutes from the classes of the first one.

Its units are made up by the server itself instead of coming through intake, but into the same
tables, under the same constraints and triggers: 50 releases of 100,000 units, each spread over all
classes as the first database is.
"""

from typing import Any

import asyncpg

from database.access import Access, embedded_access
from database.embedded import EmbeddedServer
from database.migrate import prepare
from database.pool import Connection, connect
from domain.progress import Report

NAME = "cordgraph_growth"
RELEASES = 50
UNITS = 5_000_000
_STAGE = "Growing to 5 million units"

_COPIED = ("bank", "indication", "scheme", "unit_class")

_PLAN = """
create temporary table plan on commit drop as
select class_id, greatest(11, round($1::float8 * units / sum(units) over ()))::integer as units
from unnest($2::integer[], $3::bigint[]) as shares (class_id, units)
"""
_RELEASE = """
insert into open.release (number, scheme, profile, synthetic, licence, unit_count,
    added_unit_count, withdrawn_unit_count, bank_count, class_count, smallest_class, median_class,
    held_back_percent, digest)
select $1::integer, (select max(number) from open.scheme), 'synthetic', true, 'CC-BY-4.0',
    $1::integer * sum(units), sum(units), 0, (select count(*) from open.bank), count(*),
    $1::integer * min(units), $1::integer * percentile_disc(0.5) within group (order by units), 1,
    encode(sha256(('release ' || $1::integer)::bytea), 'hex')
from plan
"""
_BATCH_CLASSES = """
insert into open.batch_class (class_id, added, units, digest)
select class_id, $1::integer, units, encode(sha256((class_id || ' in ' || $1::integer)::bytea), 'hex')
from plan
order by class_id
"""
_UNITS = """
insert into open.unit (id, batch_class_id)
select 'cbu_' || substr(md5(b.id || '/' || member), 1, 20) as unit_id, b.id
from open.batch_class b, generate_series(1, b.units) as member
where b.added = $1::integer
order by unit_id
"""
_SHARES = "select class_id, sum(units) as units from open.batch_class group by class_id"


async def grow(server: EmbeddedServer, small: Access, report: Report) -> Access:
    """Return the database of 5 million units, made unless it is there.

    Every release is a transaction of its own, so an interrupted run goes on where it stopped.

    Args:
        server: The running PostgreSQL.
        small: The database of `benchmarks.database`, on the same server.
        report: Told of each release.
    """
    access = embedded_access(server, NAME)
    await _create(server)
    await prepare(access.require("owner"), access.role_passwords(), report=report)
    source = await connect(small.require("owner"))
    target = await connect(access.require("owner"))
    try:
        shares = await source.fetch(_SHARES)
        done: int = await target.fetchval("select count(*) from open.release")
        if not await target.fetchval("select exists (select from open.scheme)"):
            await _copy_reference(source, target)
        for number in range(done + 1, RELEASES + 1):
            report(_STAGE, number - 1, RELEASES)
            await _add_release(target, number, shares)
        report(_STAGE, RELEASES, RELEASES)
        if done < RELEASES:
            await target.execute("vacuum (analyze) open.unit, open.batch_class, open.unit_class")
            await target.execute("checkpoint")
    finally:
        await source.close()
        await target.close()
    return access


async def _create(server: EmbeddedServer) -> None:
    maintenance = await connect(server.dsn(database="postgres"))
    try:
        if not await maintenance.fetchval("select 1 from pg_database where datname = $1", NAME):
            await maintenance.execute(f"create database {NAME} template template0")
    finally:
        await maintenance.close()


async def _copy_reference(source: Connection, target: Connection) -> None:
    """Copy banks, indications, the scheme and its classes."""
    async with target.transaction():
        for table in _COPIED:
            rows = await source.fetch(f"select * from open.{table}")  # noqa: S608 - a fixed name
            await _insert(target, table, rows)


async def _insert(target: Connection, table: str, rows: list[asyncpg.Record]) -> None:
    columns = list(rows[0].keys())
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    statement = (
        f"insert into open.{table} ({', '.join(columns)}) "  # noqa: S608 - fixed names
        f"overriding system value values ({places})"
    )
    await target.executemany(statement, [tuple(row) for row in rows])


async def _add_release(target: Connection, number: int, shares: list[Any]) -> None:
    class_ids = [row["class_id"] for row in shares]
    units = [row["units"] for row in shares]
    async with target.transaction():
        await target.execute(_PLAN, UNITS / RELEASES, class_ids, units)
        for statement in (_RELEASE, _BATCH_CLASSES, _UNITS):
            await target.execute(statement, number)
