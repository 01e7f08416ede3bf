"""What the headers say is what happens: in memory and in a real Redis, whatever a client does."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from valkey.asyncio import BlockingConnectionPool, Valkey

from api.quota.counter import Counter, redis_storage
from api.quota.meter import MINIMUM, Account, Client
from api.refusal import RefusalError
from schema.errors import Code
from tests.redis_server import redis_server

_LIMIT = re.compile(r'"anonymous";r=(\d+);t=(\d+)')


@dataclass
class World:
    """A counter, and time that passes at will."""

    counter: Counter
    wait: Callable[[int], Awaitable[None]]
    """Let so many seconds pass."""


Worlds = Callable[[], Any]


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    """Address of a real Redis."""
    with redis_server() as (_, url):
        yield url


@asynccontextmanager
async def _in_memory() -> AsyncIterator[World]:
    now = 0.0

    async def wait(seconds: int) -> None:
        nonlocal now
        now += seconds

    yield World(Counter(clock=lambda: now), wait)


@asynccontextmanager
async def _in_redis(url: str) -> AsyncIterator[World]:
    """Time passes in Redis by taking it from what each key has left."""
    pool = BlockingConnectionPool.from_url(url)
    client = Valkey(connection_pool=pool)
    await client.flushall()

    async def wait(seconds: int) -> None:
        for key in await client.keys():
            await client.pexpire(key, await client.pttl(key) - seconds * 1000)

    try:
        yield World(Counter(redis_storage(pool)), wait)
    finally:
        await client.aclose()
        await pool.disconnect()


@pytest.fixture(params=["memory", "redis"])
def world(request: pytest.FixtureRequest) -> Worlds:
    """Make a world of its own for each example."""
    if request.param == "memory":
        return _in_memory
    url = request.getfixturevalue("redis")
    return lambda: _in_redis(url)


async def _spend(counter: Counter, quota: int, cost: int) -> tuple[Code | None, int, int]:
    """Make a request; return how it is refused, if so, and what the headers say after it."""
    account = Account(Client("anonymous", "192.0.2.7", quota), counter)
    refused = None
    try:
        await account.settle(MINIMUM)
        await account.settle(cost)
    except RefusalError as refusal:
        refused = refusal
    assert account.headers["RateLimit-Policy"].startswith(f'"anonymous";q={quota};w=60')
    found = _LIMIT.fullmatch(account.headers["RateLimit"])
    assert found
    if refused is not None and refused.code is Code.RATE_LIMITED:
        assert refused.headers == {"Retry-After": found[2]}
    return (None if refused is None else refused.code), int(found[1]), int(found[2])


def _expected(quota: int, left: int, cost: int) -> tuple[Code | None, int]:
    """Return how a request must be refused that meets ``left``, and what is left then."""
    if left < MINIMUM:
        return Code.RATE_LIMITED, 0
    if cost > quota:
        return Code.LIMIT_EXCEEDED, left - MINIMUM
    if cost > left:
        return Code.RATE_LIMITED, left - MINIMUM
    return None, left - cost


@given(
    quota=st.integers(1, 50),
    steps=st.lists(st.tuples(st.integers(0, 55), st.sampled_from([0] * 6 + [1, 9, 30, 59, 90]))),
)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_headers_are_true(world: Worlds, quota: int, steps: list[tuple[int, int]]) -> None:
    """No request is refused that the headers allow, none passes above, and ``t`` is enough.

    A client that keeps the last ``r`` and ``t`` in mind knows what will happen to each request:
    before ``t`` is over it has ``r``, after that the whole quota.
    """

    async def act() -> None:
        async with world() as here:
            left, ends = quota, 0
            for cost, pause in steps:
                # Whole seconds cannot tell whether the last one before the end is over.
                seconds = ends if pause == ends - 1 else pause
                await here.wait(seconds)
                if seconds >= ends:
                    left = quota
                code, found, ends = await _spend(here.counter, quota, cost)
                assert (code, found) == _expected(quota, left, cost)
                assert 1 <= ends <= 60
                left = found

    asyncio.run(act())


@pytest.mark.parametrize("processes", [1, 2])
async def test_requests_at_once_share_one_quota(redis: str, processes: int) -> None:
    """Together they never spend more than the quota, whichever process they meet."""
    async with _in_redis(redis) as here:
        pools = [BlockingConnectionPool.from_url(redis) for _ in range(processes)]
        counters = [Counter(redis_storage(pool)) for pool in pools]
        fitting = await asyncio.gather(
            *(_spend(counters[n % processes], 1_000, 40) for n in range(25))
        )
        assert [code for code, _, _ in fitting] == [None] * 25
        assert min(left for _, left, _ in fitting) == 0
        late = await asyncio.gather(*(_spend(counters[n % processes], 1_000, 1) for n in range(9)))
        assert {code for code, _, _ in late} == {Code.RATE_LIMITED}
        await here.wait(max(ends for _, _, ends in late))
        assert await _spend(counters[0], 1_000, 1_000) == (None, 0, 60)
        for pool in pools:
            await pool.disconnect()


async def test_what_is_given_back_can_be_spent_again(world: Worlds) -> None:
    """An answer that turns out to cost nothing takes nothing."""
    async with world() as here:
        assert (await _spend(here.counter, 5, 0))[:2] == (None, 5)
        assert (await _spend(here.counter, 5, 5))[:2] == (None, 0)


async def test_without_a_quota_nothing_is_counted(world: Worlds) -> None:
    """There is nothing to tell the client either."""
    async with world() as here:
        account = Account(Client("anonymous", "192.0.2.7", 0), here.counter)
        await account.settle(10**9)
        assert account.headers == {}
