"""Long work is cut in slices between which the event loop turns."""

import asyncio
import time

import pytest
import strawberry

from loaders.slices import SLICE_S, sliced, slices
from schema.execution import SlicedExecutor


async def _turns(until: asyncio.Event) -> int:
    """Count the turns of the loop."""
    turns = 0
    while not until.is_set():
        await asyncio.sleep(0)
        turns += 1
    return turns


def _busy(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


async def test_short_work_is_not_cut() -> None:
    """Nothing waits while the slice lasts."""
    done = asyncio.Event()
    counting = asyncio.create_task(_turns(done))
    await asyncio.sleep(0)
    assert [item async for item in sliced(range(10))] == list(range(10))
    done.set()
    assert await counting == 1


async def test_long_work_lets_the_loop_turn() -> None:
    """After each slice others have a turn, and no item is lost."""
    done = asyncio.Event()
    counting = asyncio.create_task(_turns(done))
    found = []
    async for item in sliced(range(640)):
        if item % 64 == 0:
            _busy(2 * SLICE_S)
        found.append(item)
    done.set()
    assert found == list(range(640))
    assert await counting >= 9


async def test_a_pause_that_is_cancelled_holds_up_nobody() -> None:
    """The others in the queue go on."""
    here = slices()

    async def hog() -> None:
        here.spent()
        _busy(2 * SLICE_S)

    first = asyncio.create_task(hog())
    waiting = [asyncio.create_task(here.pause()) for _ in range(200)]
    await asyncio.sleep(0)
    for task in waiting[::2]:
        task.cancel()
    async with asyncio.timeout(5):
        results = await asyncio.gather(*waiting, return_exceptions=True)
        await first
    assert results[1::2] == [None] * 100
    assert all(isinstance(each, asyncio.CancelledError) for each in results[::2])


async def test_who_comes_anew_does_not_overtake_who_has_paused() -> None:
    """Although in every turn of the loop another one uses up the slice."""
    here, loop = slices(), asyncio.get_running_loop()
    came = 0

    def come_anew() -> None:
        nonlocal came
        came += 1
        here.spent()
        if came < 100:
            loop.call_soon(come_anew)
        _busy(1.5 * SLICE_S)

    loop.call_soon(come_anew)
    await asyncio.sleep(0)
    for _ in range(3):
        await here.pause()
        _busy(1.5 * SLICE_S)
    assert came < 20
    came = 100


async def test_who_pauses_goes_on_in_order() -> None:
    """First those who came first, each for as long as there is time."""
    here = slices()
    order: list[int] = []

    async def work(number: int) -> None:
        for _ in range(2):
            if here.spent():
                await here.pause()
            order.append(number)
            _busy(1.2 * SLICE_S)

    await asyncio.gather(*(work(number) for number in range(4)))
    assert order == [0, 0, 1, 2, 3, 1, 2, 3]  # 0 had paused before the others came


@strawberry.type
class _Leaf:
    number: int

    @strawberry.field
    async def later(self) -> int:
        """Answer in a later turn of the loop."""
        await asyncio.sleep(0)
        return self.number

    @strawberry.field
    def odd(self) -> int | None:
        """Fail where the number is odd."""
        _busy(SLICE_S / 4)
        if self.number % 2:
            raise ValueError(f"{self.number} is odd")
        return self.number

    @strawberry.field
    def needed(self) -> int:
        """Fail for one number, which may not be null."""
        if self.number == 30:
            raise ValueError("thirty")
        return self.number


@strawberry.type
class _Query:
    @strawberry.field
    def leaves(self, count: int = 60) -> list[_Leaf | None] | None:
        """Return leaves."""
        return [_Leaf(number=number) for number in range(count)]

    @strawberry.field
    async def strict(self, count: int = 60) -> list[_Leaf] | None:
        """Return leaves of which none may fail."""
        return [_Leaf(number=number) for number in range(count)]


_DOCUMENTS = [
    "{ leaves { number } }",
    "{ leaves { number later odd } }",
    "{ strict { later odd } leaves { later } }",
    "{ strict { odd needed } }",
    "{ strict { later needed odd } a: strict { odd } b: leaves { odd later } }",
    "{ leaves(count: 0) { number } strict(count: 1) { later } }",
]


@pytest.mark.parametrize("text", _DOCUMENTS)
async def test_slicing_changes_no_answer(text: str) -> None:
    """Data and errors are those of the stock executor."""
    stock = strawberry.Schema(_Query)
    cut = strawberry.Schema(_Query, execution_context_class=SlicedExecutor)
    expected, found = await stock.execute(text), await cut.execute(text)
    assert found.data == expected.data

    def shown(errors: object) -> list[str]:
        assert isinstance(errors, list | None)
        return sorted(str(error) for error in errors or ())

    assert shown(found.errors) == shown(expected.errors)
    if "needed" not in text:
        assert len(found.errors or ()) == text.count("odd") * 30


async def test_slicing_lets_the_loop_turn() -> None:
    """A long list of slow items does not hold it up."""
    schema = strawberry.Schema(_Query, execution_context_class=SlicedExecutor)
    done = asyncio.Event()
    counting = asyncio.create_task(_turns(done))
    await schema.execute("{ leaves { odd } }")
    done.set()
    assert await counting >= 8


def test_execution_without_a_loop_is_not_cut() -> None:
    """Synchronous execution works as ever."""
    schema = strawberry.Schema(_Query, execution_context_class=SlicedExecutor)
    result = schema.execute_sync("{ leaves { number } }")
    assert result.errors is None
