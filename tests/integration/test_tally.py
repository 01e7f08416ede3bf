"""Counters are written by the role of the service, and never in the way of a request."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest

from api.tally import Tally, open_tally
from database.access import Access
from database.pool import Connection, Pool, open_pool


@pytest.fixture
async def service(database: Access) -> AsyncIterator[Pool]:
    """Connections of the service's role."""
    pool = await open_pool(database.require("service"), size=2)
    try:
        yield pool
    finally:
        pool.terminate()


async def _kept(owner: Connection) -> dict[str, int]:
    rows = await owner.fetch("select name, sum(count)::int as n from service.counter group by name")
    return {row["name"]: row["n"] for row in rows}


async def test_counts_add_up_over_writings_and_processes(service: Pool, owner: Connection) -> None:
    """Two tallies that write at once, in opposite orders, lose nothing and never lock up."""
    tallies = [Tally(service), Tally(service)]
    for round_ in range(20):
        for tally, names in zip(tallies, (["a", "b", "c"], ["c", "b", "a"]), strict=True):
            tally.count(names)
            tally.count(["a"] if round_ % 2 else [])
        await asyncio.gather(*(tally.flush() for tally in tallies))
    assert await _kept(owner) == {"a": 60, "b": 40, "c": 40}


async def test_each_day_has_its_own_counter(service: Pool, owner: Connection) -> None:
    """Yesterday's count stays as it is."""
    await owner.execute("insert into service.counter values ('a', date '2020-01-01', 5)")
    tally = Tally(service)
    tally.count(["a"])
    await tally.flush()
    rows = await owner.fetch("select day, count from service.counter where name = 'a' order by day")
    assert [row["count"] for row in rows] == [5, 1]
    assert rows[0]["day"] == dt.date(2020, 1, 1)


async def test_counters_are_written_every_few_seconds_and_at_the_end(
    service: Pool, owner: Connection
) -> None:
    """Without anybody asking for it."""
    async with open_tally(service, seconds=0.01) as tally:
        tally.count(["a"])
        while not await _kept(owner):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.01)
        assert await _kept(owner) == {"a": 1}
    async with open_tally(service, seconds=3_600) as tally:
        tally.count(["a", "b"])
    assert await _kept(owner) == {"a": 2, "b": 1}


async def test_what_cannot_be_written_is_kept_for_the_next_time(
    database: Access, owner: Connection
) -> None:
    """A database that is away loses no counts and fails no request."""
    pool = await open_pool(database.require("service"), size=1)
    tally = Tally(pool)
    tally.count(["a"])
    await owner.execute("revoke update, insert on service.counter from cordgraph_service")
    await tally.flush()
    tally.count(["a", "b"])
    await owner.execute("grant update, insert on service.counter to cordgraph_service")
    await tally.flush()
    assert await _kept(owner) == {"a": 2, "b": 1}
    pool.terminate()
    tally.count(["a"])
    await tally.flush()
    assert await _kept(owner) == {"a": 2, "b": 1}


async def test_without_the_role_nothing_is_counted() -> None:
    """Memory does not grow for counters that nobody will write."""
    async with open_tally(None, seconds=0.01) as tally:
        tally.count(["a"])
        await tally.flush()
        assert not tally._counts
