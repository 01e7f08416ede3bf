"""The queue of requests: order, fairness, bounds and departures."""

import asyncio

import pytest

from api.refusal import RefusalError
from api.turns import Turns
from schema.errors import Code


class Row:
    """Starts requests that hold their turn until they are told to go on."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.served: list[str] = []
        self.refused: list[str] = []
        self.reasons: set[tuple[Code, str]] = set()
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._go = asyncio.Semaphore(0)

    async def arrive(self, *names: str) -> None:
        """Let requests arrive; the first letter of a name is the client."""
        for name in names:
            self.tasks[name] = asyncio.create_task(self._request(name))
        await asyncio.sleep(0)

    async def go_on(self, turns: int = 1) -> None:
        """End so many requests that have their turn."""
        for _ in range(turns):
            self._go.release()
        for _ in range(10):
            await asyncio.sleep(0)

    async def _request(self, name: str) -> None:
        try:
            async with self.turns.turn(name[0]):
                self.served.append(name)
                await self._go.acquire()
        except RefusalError as refusal:
            self.refused.append(name)
            self.reasons.add((refusal.code, refusal.headers["Retry-After"]))


async def test_so_many_work_at_once_and_the_others_in_turn() -> None:
    """One client's requests come in the order in which they arrived."""
    row = Row(Turns(2, 10, 5))
    await row.arrive("a1", "a2", "a3", "a4")
    assert row.served == ["a1", "a2"]
    await row.go_on()
    assert row.served == ["a1", "a2", "a3"]
    await row.go_on(3)
    assert row.served == ["a1", "a2", "a3", "a4"]
    assert row.turns.waiting == 0


async def test_clients_take_turns() -> None:
    """Whoever sends many waits behind its own; a newcomer comes next but one at the latest."""
    row = Row(Turns(1, 100, 5))
    await row.arrive(*(f"a{n}" for n in range(6)), "b1", "b2", "c1")
    await row.go_on(9)
    assert row.served == ["a0", "a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5"]


async def test_without_room_a_client_that_waits_enough_is_refused() -> None:
    """The newcomer goes if nobody has more waiting than it would have."""
    row = Row(Turns(1, 2, 5))
    await row.arrive("a1", "a2", "a3", "a4")
    assert row.refused == ["a4"]
    assert row.reasons == {(Code.OVERLOADED, "1")}
    await row.go_on(3)
    assert row.served == ["a1", "a2", "a3"]


async def test_without_room_the_greediest_loses_its_latest() -> None:
    """Nobody can fill the queue against others."""
    row = Row(Turns(1, 3, 5))
    await row.arrive("a1", "a2", "a3", "a4", "b1", "c1", "d1")
    await row.go_on(4)
    assert sorted(row.refused) == ["a3", "a4", "d1"]
    assert row.served == ["a1", "a2", "b1", "c1"]


async def test_without_any_room_nobody_waits() -> None:
    """A queue of length 0 refuses at once."""
    row = Row(Turns(1, 0, 5))
    await row.arrive("a1", "b1")
    assert row.refused == ["b1"]
    await row.go_on()


async def test_who_waits_too_long_is_refused() -> None:
    """Its place is free again."""
    row = Row(Turns(1, 5, 0.01))
    await row.arrive("a1", "b1")
    await row.tasks["b1"]
    assert (row.served, row.refused, row.turns.waiting) == (["a1"], ["b1"], 0)
    await row.go_on()
    await row.arrive("c1")
    assert row.served == ["a1", "c1"]
    await row.go_on()


@pytest.mark.parametrize("turn_comes_first", [False, True])
async def test_who_leaves_loses_no_turn_for_others(*, turn_comes_first: bool) -> None:
    """Leaving while waiting, or at the moment when the turn comes, passes the turn on."""
    row = Row(Turns(1, 5, 5))
    await row.arrive("a1", "b1", "c1")
    if turn_comes_first:
        row.turns._pass_on()
    row.tasks["b1"].cancel()
    if not turn_comes_first:
        row.turns._pass_on()
    await row.go_on(0)
    assert row.served == ["a1", "c1"]
    assert row.turns.waiting == 0
    await row.go_on(2)


async def test_work_that_never_waits_lets_others_in_between() -> None:
    """With room to breathe the event loop turns between one request and the next."""
    turns = Turns(1, 100, 5, breathe=True)
    seen: list[str] = []

    async def work(name: str) -> None:
        async with turns.turn("a"):
            seen.append(name)

    async def tick() -> None:
        for _ in range(3):
            seen.append("tick")
            await asyncio.sleep(0)

    await asyncio.gather(work("1"), work("2"), work("3"), tick())
    assert seen.index("2") > seen.index("tick")
    assert [each for each in seen if each != "tick"] == ["1", "2", "3"]
    assert seen.count("tick") == 3
    assert turns.waiting == 0
