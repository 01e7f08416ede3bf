"""Loaders of a request: what is loaded together, once, and for whom."""

import asyncio
from typing import Any, cast

import pytest

from loaders.request import Loaders, Store

_STORE = cast("Store", object())


class _Batches:
    """A batch function that notes its keys, and waits if told to."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.go = asyncio.Event()
        self.go.set()
        self.cancelled = False

    async def squares(self, store: Store, keys: list[int]) -> list[int]:
        """Square the keys; 13 fails."""
        assert store is _STORE
        self.seen.append(keys)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if 13 in keys:
            raise ConnectionError("13")
        return [key * key for key in keys]


async def test_keys_of_one_turn_are_loaded_together_and_once() -> None:
    """In the order in which they were asked for; later ones are a batch of their own."""
    batches, loaders = _Batches(), Loaders(_STORE)
    batch = batches.squares
    first = await asyncio.gather(*(loaders.of(batch).load(key) for key in (3, 1, 3)))
    many = await loaders.of(batch).load_many([2, 1])
    assert (first, many) == ([9, 1, 9], [4, 1])
    assert batches.seen == [[3, 1], [2]]


async def test_who_is_alone_waits_for_nobody() -> None:
    """Each value is loaded at once, none twice; with company they are loaded together again."""
    batches, loaders = _Batches(), Loaders(_STORE)
    loaders.alone = True
    assert [await loaders.load(batches.squares, key) for key in (3, 3, 1)] == [9, 9, 1]
    assert batches.seen == [[3], [1]]
    with pytest.raises(ConnectionError):
        await loaders.load(batches.squares, 13)
    loaders.alone = False
    found = await asyncio.gather(*(loaders.load(batches.squares, key) for key in (1, 2, 4)))
    assert found == [1, 4, 16]
    assert batches.seen == [[3], [1], [13], [2, 4]]


async def test_a_failure_is_told_to_all_who_wait_and_to_nobody_else() -> None:
    """The next batch of the same loader is as good as ever."""
    batches, loaders = _Batches(), Loaders(_STORE)
    batch = batches.squares
    found = await asyncio.gather(
        *(loaders.of(batch).load(key) for key in (1, 13)), return_exceptions=True
    )
    assert [str(each) for each in found] == ["13", "13"]
    assert await loaders.of(batch).load(2) == 4


async def test_who_leaves_takes_nothing_from_the_others() -> None:
    """A cancelled wait leaves the value for whoever else loads the key, now or later."""
    batches, loaders = _Batches(), Loaders(_STORE)
    batch = batches.squares
    batches.go.clear()

    async def wait() -> int:
        return await loaders.of(batch).load(5)

    leaving, staying = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.sleep(0)
    batches.go.set()
    assert await staying == await wait() == 25
    assert leaving.cancelled()
    assert batches.seen == [[5]]


async def test_what_runs_ends_with_the_request() -> None:
    """And nothing new begins, neither on loaders that were there nor on others."""
    batches, loaders = _Batches(), Loaders(_STORE)
    batch = batches.squares
    batches.go.clear()
    running = loaders.of(batch).load(5)
    await asyncio.sleep(0.01)
    loaders.close()
    later: list[Any] = [loaders.of(batch).load(6), loaders.of(_Batches().squares).load(7)]
    for each in (running, *later):
        with pytest.raises(asyncio.CancelledError):
            await each
    assert batches.cancelled
    assert batches.seen == [[5]]
