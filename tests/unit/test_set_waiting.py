"""Execution by sets: what waits waits together, and ends together."""

import asyncio
import gc
import time
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import parse

from loaders.slices import SLICE_S
from schema.executor import SetExecutor
from tests.executors import Answer, ask_by_sets, ask_stock


@pytest.fixture(autouse=True)
def _no_forgotten_coroutines() -> Iterator[None]:
    """Coroutines that nobody awaited are told of when they are collected: have that now."""
    yield
    gc.collect()


class _Watch:
    """What resolvers note of each other."""

    def __init__(self, parties: int) -> None:
        self.barrier = asyncio.Barrier(parties)
        self.tasks: set[asyncio.Task[Any] | None] = set()
        self.begun = self.ended = self.calls = 0


@strawberry.type
class _Waiter:
    number: int

    @strawberry.field
    async def met(self, info: strawberry.Info) -> int:
        """Return when all parties are there."""
        await info.context.barrier.wait()
        return self.number

    @strawberry.field
    async def task(self, info: strawberry.Info) -> int:
        """Note the task."""
        await asyncio.sleep(0)
        info.context.tasks.add(asyncio.current_task())
        return 1

    @strawberry.field
    async def slow(self, info: strawberry.Info) -> int | None:
        """Take for ever, once."""
        info.context.begun += 1
        try:
            await asyncio.sleep(3600 if info.context.begun <= info.context.barrier.parties else 0)
        finally:
            info.context.ended += 1
        return 1

    @strawberry.field
    async def bad(self, info: strawberry.Info) -> int | None:
        """Fail, and see to it that what was begun before has ended when it fails again."""
        await asyncio.sleep(0)
        info.context.calls += 1
        if info.context.calls > 1:
            assert info.context.ended >= info.context.barrier.parties
        raise ValueError("bad")

    @strawberry.field
    async def mixed(self, info: strawberry.Info) -> int | None:
        """Fail for the first object, and take for ever for the others, once."""
        info.context.calls += 1
        if self.number == 0:
            await asyncio.sleep(0)
            assert info.context.calls == 3 or info.context.ended == 2
            raise ValueError("bad")
        try:
            await asyncio.sleep(3600 if info.context.calls <= 3 else 0)
        finally:
            info.context.ended += 1
        return 1

    @strawberry.field
    def coy(self) -> int | None:
        """Return a coroutine where none is expected, or fail."""
        if self.number:
            raise ValueError("coy")
        return asyncio.sleep(0, 1)  # type: ignore[return-value]

    @strawberry.field
    def busy(self, info: strawberry.Info) -> int:
        """Take some time, without waiting."""
        end = time.perf_counter() + SLICE_S / 64
        while time.perf_counter() < end:
            info.context.calls += 1
        return 1


@strawberry.type
class _Waiting:
    @strawberry.field
    def waiters(self, count: int = 3) -> list[_Waiter]:
        """Return objects that wait."""
        return [_Waiter(number=number) for number in range(count)]

    @strawberry.field
    async def waiter(self) -> _Waiter:
        """Return an object that waits, later."""
        await asyncio.sleep(0)
        return _Waiter(number=0)


_WAITING = strawberry.Schema(_Waiting, execution_context_class=SetExecutor)


async def _wait(text: str, watch: _Watch) -> Answer:
    async with asyncio.timeout(20):
        return await ask_by_sets(_WAITING, parse(text), {}, watch)


@pytest.mark.parametrize(
    ("text", "parties"),
    [
        ("{ waiters(count: 5) { met } }", 5),
        ("{ waiters(count: 1) { a: met b: met c: met } }", 3),
        ("{ a: waiters(count: 2) { met } b: waiter { x: met number y: met } }", 4),
    ],
)
async def test_what_waits_waits_together(text: str, parties: int) -> None:
    """Resolvers of a set, fields of a set and fields below others: all run at the same time."""
    assert (await _wait(text, _Watch(parties))).by_sets


async def test_one_that_waits_needs_no_task() -> None:
    """It is awaited where the request runs."""
    watch = _Watch(1)
    assert (await _wait("{ waiter { task number } }", watch)).by_sets
    assert watch.tasks == {asyncio.current_task()}


@pytest.mark.parametrize("text", ["{ waiters { slow bad } }", "{ waiters { bad slow number } }"])
async def test_a_failure_ends_the_others_first(text: str) -> None:
    """Nothing of the attempt by sets is still running when the stock executor begins."""
    watch = _Watch(3)
    found = await _wait(text, watch)
    assert str(found.setback) == "bad"
    assert found.errors.count(b'"message":"bad"') == 3
    assert (watch.begun, watch.ended) == (6, 6)


async def test_a_failure_ends_the_rest_of_its_set_first() -> None:
    """The same within one field of several objects."""
    before = asyncio.all_tasks()
    watch = _Watch(3)
    found = await _wait("{ waiters { mixed } }", watch)
    assert str(found.setback) == "bad"
    assert found.data == b'{"waiters":[{"mixed":null},{"mixed":1},{"mixed":1}]}'
    assert (watch.calls, watch.ended) == (6, 4)
    assert asyncio.all_tasks() == before


async def test_what_is_returned_before_a_failure_is_not_forgotten() -> None:
    """A coroutine out of the blue is closed when the next object fails."""
    found = await _wait("{ waiters(count: 2) { coy } }", _Watch(1))
    assert str(found.setback) == "coy"
    assert found.data == b'{"waiters":[{"coy":1},{"coy":null}]}'


@pytest.mark.parametrize("text", ["{ waiters { a: slow b: slow } }", "{ waiter { slow } }"])
async def test_who_leaves_ends_everything(text: str) -> None:
    """A cancelled request is not tried again, and leaves nothing behind."""
    before = asyncio.all_tasks()
    watch = _Watch(100)
    request = asyncio.create_task(_wait(text, watch))
    await asyncio.sleep(0.01)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert watch.begun == watch.ended > 0
    assert asyncio.all_tasks() == before


async def test_who_leaves_at_once_leaves_no_coroutine_unawaited() -> None:
    """Not even what had no time to begin; Python would warn of it."""
    for turns in range(8):
        request = asyncio.create_task(_wait("{ waiters { a: slow b: slow } }", _Watch(100)))
        for _ in range(turns):
            await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request


async def test_many_resolvers_let_the_loop_turn() -> None:
    """The others wait for a slice or two, not for the whole set."""
    done = asyncio.Event()

    async def turn() -> int:
        turns = 0
        while not done.is_set():
            await asyncio.sleep(0)
            turns += 1
        return turns

    counting = asyncio.create_task(turn())
    found = await _wait("{ waiters(count: 640) { busy } }", _Watch(1))
    done.set()
    assert found.by_sets
    assert await counting >= 5


async def test_long_lists_are_whole() -> None:
    """Rows are made in pieces, which fit together."""
    text = "{ waiters(count: 1500) { number a: number b: number c: number d: number e: number } }"
    found = await _wait(text, _Watch(1))
    stock = await ask_stock(_WAITING, parse(text), {}, _Watch(1))
    assert found.by_sets
    assert found.data == stock.data
