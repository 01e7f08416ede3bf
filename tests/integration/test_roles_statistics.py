"""How many rows the intake has is nobody's business but the owner's."""

import re
from pathlib import Path

import asyncpg
import pytest

from database.access import Access
from database.embedded import EmbeddedServer
from database.pool import Connection, connect, open_pool
from database.roles import CLOSE_STATISTICS, ensure_database_rights

_VIEWS = r"""
select relname::text from pg_class where relnamespace = 'pg_catalog'::regnamespace
    and relname ~ '^pg_stat(io)?_(xact_)?(all|sys|user)_(tables|indexes|sequences)$' order by 1
"""


async def test_statistics_of_tables_are_closed(owner: Connection, reader: Connection) -> None:
    """Every view of table and index statistics is refused to the reader, for every table."""
    views = [row[0] for row in await owner.fetch(_VIEWS)]
    assert "pg_stat_user_tables" in views
    assert "pg_stat_xact_all_tables" in views
    assert len(views) == 18
    for view in views:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=view):
            await reader.fetch(f"table {view}")


@pytest.mark.parametrize(
    "expression",
    [
        "pg_stat_get_live_tuples($1)",
        "pg_stat_get_tuples_inserted($1)",
        "pg_stat_get_ins_since_vacuum($1)",
        "pg_relation_size($1::oid::regclass)",
        "pg_total_relation_size($1::oid::regclass)",
        "(select reltuples from pg_class where oid = $1)",
        "(select relpages from pg_class where oid = $1)",
    ],
)
async def test_rows_of_the_intake_are_not_counted(
    owner: Connection, reader: Connection, expression: str
) -> None:
    """What would tell the size of an intake table is refused to the reader, not to the owner."""
    table = await owner.fetchval("select 'intake.raw_unit'::regclass::oid")
    assert isinstance(await owner.fetchval(f"select {expression}", table), int | float)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.fetchval(f"select {expression}", table)


@pytest.mark.parametrize(
    "query",
    [
        "table pg_stat_database",
        "table pg_stat_wal",
        "table pg_stat_io",
        "select pg_database_size(current_database())",
        "select pg_current_wal_lsn()",
        "select pg_stat_get_db_tuples_inserted(oid) from pg_database",
        "select pg_stat_get_backend_wal(pg_backend_pid())",
    ],
)
async def test_the_work_of_the_server_is_not_counted(
    owner: Connection, reader: Connection, query: str
) -> None:
    """Nor can what was written be counted: looked at twice, it tells the size of an intake."""
    await owner.execute(query)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute(query)


async def test_the_readers_pool_needs_none_of_it(database: Access) -> None:
    """Types that asyncpg looks up in the catalogue are found as before."""
    pool = await open_pool(database.require("reader"), size=1)
    row = await pool.fetchrow("select array['a'] as list, int4range(1, 3) as span")
    assert row
    assert tuple(row) == (["a"], asyncpg.Range(1, 3))
    assert await pool.fetchval("select r from open.release r limit 1") is None
    assert await pool.fetchval("select count(relname) > 0 from pg_class") is True
    await pool.close()


async def test_closing_again_changes_nothing(owner: Connection) -> None:
    """A second run writes no row of the catalogue of functions, views or columns."""
    seen = (
        "select max(xmin::text::bigint) from (select xmin from pg_class"
        " where relnamespace = 'pg_catalog'::regnamespace union all select xmin from pg_attribute"
        " where attrelid = 'pg_class'::regclass) as written"
    )
    before = await owner.fetchval(seen)
    await ensure_database_rights(owner)
    assert await owner.fetchval(seen) == before


async def test_statements_for_a_real_server(server: EmbeddedServer) -> None:
    """What docs/production.md has a superuser do leaves nothing for `migrate` to close."""
    text = (Path(__file__).parents[2] / "docs" / "production.md").read_text()
    statements = re.findall(r"```sql\n(revoke select on.*?)```", text, re.DOTALL)
    assert len(statements) == 1
    owner = await connect(server.dsn(database="postgres"))
    change = owner.transaction()
    await change.start()
    assert await owner.fetch(CLOSE_STATISTICS) != []
    await owner.execute(statements[0])
    assert await owner.fetch(CLOSE_STATISTICS) == []
    await change.rollback()
    await owner.close()
