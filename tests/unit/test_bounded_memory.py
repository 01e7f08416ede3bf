"""Counting in memory: windows, and a bound on them."""

import time

from api.quota.memory import BoundedMemory


class Clock:
    """A clock that is set by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


async def test_a_window_begins_with_its_first_use_and_ends_after_its_length() -> None:
    """Later uses do not prolong it; afterwards the count starts anew."""
    clock = Clock()
    memory = BoundedMemory(clock=clock)
    assert await memory.incr("a", 60, 5) == 5
    clock.now += 59.9
    assert await memory.incr("a", 60, 2) == 7
    assert await memory.get("a") == 7
    clock.now += 0.1
    assert await memory.get("a") == 0
    assert await memory.incr("a", 60, 1) == 1


async def test_the_end_of_a_window_is_told_as_a_time() -> None:
    """It is in the time that clients have too; without a window it is now."""
    clock = Clock()
    memory = BoundedMemory(clock=clock)
    await memory.incr("a", 60)
    clock.now += 20
    assert 39 < await memory.get_expiry("a") - time.time() <= 40
    assert await memory.get_expiry("b") <= time.time()


async def test_the_oldest_window_makes_room() -> None:
    """However many clients come, only so many are kept."""
    memory = BoundedMemory(most=3)
    for key in ("a", "b", "a", "c", "d"):
        await memory.incr(key, 60)
    assert [await memory.get(key) for key in "abcd"] == [0, 1, 1, 1]
    await memory.clear("b")
    assert await memory.reset() == 2
    assert await memory.check()
