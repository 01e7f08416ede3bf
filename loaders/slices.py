"""Slices of time: long work lets the event loop turn, so that other requests need not wait."""

import asyncio
import time
import weakref
from collections.abc import AsyncIterator, Iterable
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

ItemT = TypeVar("ItemT")

SLICE_S = 0.004
"""Time after which work pauses; another request waits for a few slices."""
GRACE_S = 0.016
"""Time that may pass beyond a slice before new work is not even begun."""
_WOKEN = 64
"""Pauses that end in one turn of the loop; those for which no time is left go on."""
_CHECKED = 64
"""Items of cheap work between two looks at the clock."""


class Slices:
    """The slices of one event loop; all work of one turn of the loop shares a slice.

    Who has paused longest goes on first, and has a slice to itself: those who come anew cannot
    overtake it for ever.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._began = 0.0
        self._ending = False
        self._tickets = count()
        self._paused: list[tuple[int, asyncio.Future[bool]]] = []

    def spent(self, after: float = SLICE_S) -> bool:
        """Tell whether work has gone on for ``after`` seconds in this turn of the loop."""
        now = time.perf_counter()
        if not self._began:
            self._begin(now)
        return now - self._began > after

    async def pause(self, after: float = SLICE_S) -> None:
        """Wait for a turn of the loop in which there is time; not at all if there is now."""
        if not (self._paused or self.spent(after)):
            return
        ticket = next(self._tickets)
        while True:
            place = self._loop.create_future()
            heappush(self._paused, (ticket, place))
            self.spent()  # a turn that has not begun would not end either
            if await place:
                self._begin(time.perf_counter())
                return
            if not self.spent(after):
                return

    def _begin(self, now: float) -> None:
        self._began = now
        if not self._ending:
            self._ending = True
            self._loop.call_soon(self._end)

    def _end(self) -> None:
        self._began, self._ending = 0.0, False
        is_first = True
        for _ in range(min(_WOKEN, len(self._paused))):
            _, place = heappop(self._paused)
            if not place.done():
                place.set_result(is_first)
                is_first = False
        if self._paused:
            self.spent()  # whoever is woken may have left, so the next end must not depend on them


_of_loops: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Slices]" = (
    weakref.WeakKeyDictionary()
)


def slices() -> Slices:
    """Return the slices of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = Slices(loop)
    return found


async def sliced(items: Iterable[ItemT]) -> AsyncIterator[ItemT]:
    """Yield ``items``, pausing where their handling takes longer than a slice."""
    here = slices()
    for number, item in enumerate(items):
        if number % _CHECKED == 0:
            await here.pause()
        yield item
