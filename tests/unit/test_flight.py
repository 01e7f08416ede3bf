"""One computation for several who want it: who waits, who leaves, who works."""

import asyncio
from collections.abc import Callable

import pytest

from api.flight import Flights


class _Work:
    """A computation that ends when the test says so."""

    def __init__(self) -> None:
        self.flights: Flights[str] = Flights()
        self.gate = asyncio.Event()
        self.leave: Callable[[], None] = self.gate.set

    async def lead(self) -> str:
        flight = self.flights.begin("k", asyncio.current_task())
        self.leave = flight.leave
        outcome = None
        try:
            await self.gate.wait()
            outcome = "done"
        finally:
            flight.land(outcome)
        return outcome

    async def follow(self) -> str | None:
        flight = self.flights.get("k")
        assert flight is not None
        return await flight.outcome()


async def _started() -> tuple[_Work, "asyncio.Task[str]", list["asyncio.Task[str | None]"]]:
    work = _Work()
    leader = asyncio.create_task(work.lead())
    await asyncio.sleep(0)
    followers = [asyncio.create_task(work.follow()) for _ in range(2)]
    await asyncio.sleep(0)
    return work, leader, followers


async def test_all_who_wait_get_what_one_computes() -> None:
    """Afterwards nobody can join."""
    work, leader, followers = await _started()
    work.gate.set()
    assert [await leader, *await asyncio.gather(*followers)] == ["done"] * 3
    assert work.flights.get("k") is None
    assert len(work.flights) == 0


async def test_work_goes_on_for_those_who_stay() -> None:
    """The client of the worker may leave, and one of the others too."""
    work, leader, followers = await _started()
    work.leave()
    followers[0].cancel()
    await asyncio.sleep(0)
    assert not leader.done()
    work.gate.set()
    assert await followers[1] == "done"
    assert await leader == "done"


async def test_work_ends_when_the_last_one_leaves() -> None:
    """Whoever comes in that moment begins anew."""
    work, leader, followers = await _started()
    for follower in followers:
        follower.cancel()
    await asyncio.sleep(0)
    assert not leader.done()
    work.leave()
    assert work.flights.get("k") is None
    with pytest.raises(asyncio.CancelledError):
        await leader


async def test_the_last_one_may_be_one_who_waits() -> None:
    """The worker has no client of its own any more then."""
    work, leader, followers = await _started()
    work.leave()
    for follower in followers:
        follower.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader


async def test_a_worker_that_gives_up_lets_the_others_try() -> None:
    """They are told that there is no outcome."""
    _, leader, followers = await _started()
    leader.cancel()
    assert await asyncio.gather(*followers) == [None, None]


async def test_who_comes_late_to_a_flight_in_hand_gets_its_outcome() -> None:
    """It may have landed between finding it and waiting for it."""
    work, leader, followers = await _started()
    flight = work.flights.get("k")
    assert flight is not None
    work.gate.set()
    await asyncio.gather(leader, *followers)
    assert await flight.outcome() == "done"
