"""Turns at work that only so many requests do at once: a bounded queue, fair between clients."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.refusal import RefusalError
from schema.errors import Code

RETRY_SECONDS = 1
"""What a client that is turned away is asked to wait."""


class Turns:
    """Lets a few requests work at once and some wait, client by client in turn.

    Whoever sends many requests waits behind its own. When no room is left to wait, the client
    with the most waiting requests loses its latest one.
    """

    def __init__(
        self, at_once: int, waiting: int, patience_s: float, *, breathe: bool = False
    ) -> None:
        """Make an empty queue.

        Args:
            at_once: Requests that work at once.
            waiting: Requests that may wait.
            patience_s: Seconds that one may wait.
            breathe: Let the event loop turn between one request and the next; for work that
                never waits and so would not be seen as taking its time.
        """
        self._free = at_once
        self._room = waiting
        self._patience_s = patience_s
        self._breathe = breathe
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        self.waiting = 0

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for a turn of ``client`` and hold it while the context lasts.

        Raises:
            RefusalError: OVERLOADED: there is no room to wait, or the wait was too long.
        """
        await self._enter(client)
        try:
            yield
        finally:
            if self._breathe:
                asyncio.get_running_loop().call_soon(self._pass_on)
            else:
                self._pass_on()

    async def _enter(self, client: str) -> None:
        if self._free:
            self._free -= 1
            return
        if self.waiting >= self._room:
            self._make_room(client)
        place = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(place)
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await place
        except TimeoutError:
            self._give_up(client, place)
            raise _overloaded() from None
        except asyncio.CancelledError:
            self._give_up(client, place)
            raise

    def _make_room(self, client: str) -> None:
        """Turn away the latest of whoever has most waiting, unless that is ``client`` itself."""
        lengths = {name: len(queue) for name, queue in self._queues.items()}
        greediest = max(lengths, key=lengths.__getitem__, default=client)
        if lengths.get(greediest, 0) <= lengths.get(client, 0) + 1:
            raise _overloaded()
        place = self._take(greediest, -1)
        if not place.done():
            place.set_exception(_overloaded())

    def _pass_on(self) -> None:
        """Give the turn to the client that has waited longest for one."""
        while self._queues:
            client = next(iter(self._queues))
            place = self._take(client, 0)
            if client in self._queues:
                self._queues[client] = self._queues.pop(client)
            if not place.done():
                place.set_result(None)
                return
        self._free += 1

    def _give_up(self, client: str, place: "asyncio.Future[None]") -> None:
        """Leave the queue, or pass on the turn that came at the same moment."""
        queue = self._queues.get(client, ())
        if place in queue:
            self._take(client, queue.index(place))
        elif not place.cancelled() and place.exception() is None:
            self._pass_on()

    def _take(self, client: str, index: int) -> "asyncio.Future[None]":
        queue = self._queues[client]
        place = queue[index]
        del queue[index]
        if not queue:
            del self._queues[client]
        self.waiting -= 1
        return place


def _overloaded() -> RefusalError:
    return RefusalError(
        Code.OVERLOADED,
        "More requests arrive than can be answered. Try again in a moment.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )
