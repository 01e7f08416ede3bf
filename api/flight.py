"""Computing once what several requests want at the same time."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

OutcomeT = TypeVar("OutcomeT")


class Flight(Generic[OutcomeT]):
    """One computation: the request that began it works, others with the same question wait.

    It goes on for as long as one of them wants it, even if that is not the one that works.
    """

    def __init__(
        self, flights: "Flights[OutcomeT]", key: Hashable, worker: asyncio.Task[object] | None
    ) -> None:
        self._flights = flights
        self._key = key
        self._worker = worker
        self._wanted_by = 1
        self._places: list[asyncio.Future[OutcomeT | None]] = []
        self._landed = False
        self._outcome: OutcomeT | None = None

    async def outcome(self) -> OutcomeT | None:
        """Wait for what the worker brings; ``None`` if it gave up for reasons of its own."""
        if self._landed:
            return self._outcome
        place: asyncio.Future[OutcomeT | None] = asyncio.get_running_loop().create_future()
        self._places.append(place)
        self._wanted_by += 1
        try:
            return await place
        except asyncio.CancelledError:
            self.leave()
            raise

    def leave(self) -> None:
        """Note that one client does not want it any more; after the last the worker is ended."""
        self._wanted_by -= 1
        if not self._wanted_by and not self._landed:
            self._flights.forget(self._key, self)
            if self._worker is not None:
                self._worker.cancel()

    def land(self, outcome: OutcomeT | None) -> None:
        """Give all who wait the outcome; ``None`` lets them try by themselves."""
        self._landed = True
        self._outcome = outcome
        self._flights.forget(self._key, self)
        for place in self._places:
            if not place.done():
                place.set_result(outcome)


class Flights(Generic[OutcomeT]):
    """The computations that are under way."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, Flight[OutcomeT]] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._under_way)

    def get(self, key: Hashable) -> Flight[OutcomeT] | None:
        """Return the computation of ``key``, if it is under way."""
        return self._under_way.get(key)

    def begin(self, key: Hashable, worker: asyncio.Task[object] | None) -> Flight[OutcomeT]:
        """Begin one; ``worker``, the running task, has to `Flight.land` it."""
        flight = self._under_way[key] = Flight(self, key, worker)
        return flight

    def forget(self, key: Hashable, flight: Flight[OutcomeT]) -> None:
        """Let nobody join ``flight`` any more."""
        if self._under_way.get(key) is flight:
            del self._under_way[key]
