"""Lanes: connections that stay taken from their pool."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from database.access import Access
from database.lanes import Lanes
from database.pool import CONNECTION_LOST, Connection, Pool, open_pool

_ASLEEP = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event = 'PgSleep' and state = 'active'
"""
_MY_PID = "select pg_backend_pid(), pg_sleep(0.01)"


@pytest.fixture
async def pool(database: Access) -> AsyncIterator[Pool]:
    """A pool of two connections."""
    opened = await open_pool(database.require("reader"), size=2, reset=False)
    yield opened
    async with asyncio.timeout(10):
        await opened.close()


@pytest.fixture
async def lanes(pool: Pool) -> AsyncIterator[Lanes]:
    """Lanes over all of it."""
    made = Lanes(pool, 2)
    yield made
    await made.close()


async def _pids(lanes: Lanes, statements: int) -> list[int]:
    found = await asyncio.gather(*(lanes.fetch(_MY_PID) for _ in range(statements)))
    return [rows[0][0] for rows in found]


async def _until_asleep(owner: Connection, number: int) -> None:
    for _ in range(400):
        if await owner.fetchval(_ASLEEP) == number:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"not {number} statements sleep")


async def test_as_many_statements_run_at_once_as_there_are_lanes(lanes: Lanes, pool: Pool) -> None:
    """Others wait for a turn, and the same connections serve again and again."""
    pids = await _pids(lanes, 20)
    assert len(set(pids)) == 2
    assert set(await _pids(lanes, 20)) == set(pids)
    assert (pool.get_size(), pool.get_idle_size()) == (2, 0)


async def test_a_failure_ends_nothing_but_its_statement(lanes: Lanes) -> None:
    """The next one on the same connection is as good as ever."""
    pids = set(await _pids(lanes, 4))
    for _ in range(5):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await lanes.fetch("select 1 / 0")
    assert set(await _pids(lanes, 4)) == pids


async def test_a_connection_that_was_lost_is_replaced(lanes: Lanes, owner: Connection) -> None:
    """Whether the loss was noticed before or by a statement."""
    before = await _pids(lanes, 4)
    await owner.execute("select pg_terminate_backend(pid, 5000) from unnest($1::int[]) pid", before)
    found = await asyncio.gather(*(lanes.fetch(_MY_PID) for _ in range(2)), return_exceptions=True)
    lost = [each for each in found if isinstance(each, Exception)]
    assert all(isinstance(each, CONNECTION_LOST) for each in lost)
    after = await _pids(lanes, 4)
    assert set(after).isdisjoint(before)


async def test_a_statement_that_nobody_waits_for_ends(lanes: Lanes, owner: Connection) -> None:
    """PostgreSQL stops it, and its lane serves others, who waited for their turn."""
    sleeping = [asyncio.create_task(lanes.fetch("select pg_sleep(600)")) for _ in range(2)]
    await _until_asleep(owner, 2)
    waiting = [asyncio.create_task(lanes.fetch(_MY_PID)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    for task in sleeping:
        task.cancel()
    async with asyncio.timeout(20):
        done = await asyncio.gather(*sleeping, *waiting, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in done] == [True] * 3 + [False] * 2
    await _until_asleep(owner, 0)
    assert len(await _pids(lanes, 8)) == 8


async def test_all_lanes_go_back_at_the_end(lanes: Lanes, pool: Pool) -> None:
    """The free ones at once, the busy ones when they are free."""
    await _pids(lanes, 4)
    last = asyncio.create_task(lanes.fetch("select 1 as one, pg_sleep(0.2)"))
    await asyncio.sleep(0.05)
    await lanes.close()
    assert pool.get_idle_size() == 1
    assert (await last)[0]["one"] == 1
    assert pool.get_idle_size() == 2
