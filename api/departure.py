"""Ending work for a client that has left."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from api.refusal import RefusalError
from schema.errors import Code

KEY = "cordgraph.departures"
"""Where the scope of a request has the `Departures` of its connection."""


RETRY_SECONDS = 5
"""What a client is asked to wait for the server to come back."""


class Departures:
    """What is to be called when the client of one connection leaves.

    Attributes:
        gone: Whether it has left.
        ending: Whether the server wants to end, and the client to ask another one.
    """

    __slots__ = ("_calls", "ending", "gone")

    def __init__(self) -> None:
        self.gone = False
        self.ending = False
        self._calls: set[Callable[[], None]] = set()

    def add(self, call: Callable[[], None]) -> None:
        """Have ``call`` called when the client leaves, at once if it has left."""
        if self.gone:
            call()
        else:
            self._calls.add(call)

    def discard(self, call: Callable[[], None]) -> None:
        """Have ``call`` called no more."""
        self._calls.discard(call)

    def announce(self) -> None:
        """Say that the client has left."""
        self.gone = True
        while self._calls:
            self._calls.pop()()


def require_lasting(scope: Scope) -> None:
    """Check that the server goes on; for long work that can be continued elsewhere.

    Raises:
        RefusalError: UNAVAILABLE: it is about to end.
    """
    departures: Departures | None = scope.get(KEY)
    if departures is not None and departures.ending:
        raise RefusalError(
            Code.UNAVAILABLE,
            "The service is being restarted. Go on in a moment.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )


class Departure:
    """Ends what runs in this context when the client closes the connection.

    Attributes:
        tell: Called in place of cancelling the running task when the client leaves; who sets it
            decides whether the work goes on for somebody else.
        left: Whether the client has left.
        worker: The running task.

    Raises:
        ClientDisconnect: The client left, at the end of the context.
    """

    __slots__ = ("_departures", "_receive", "_watcher", "left", "tell", "worker")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._departures: Departures | None = scope.get(KEY)
        self._receive = receive
        self.worker: asyncio.Task[object] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.tell: Callable[[], None] | None = None
        self.left = False

    async def __aenter__(self) -> Self:
        self.worker = asyncio.current_task()
        if self._departures is not None:
            self._departures.add(self._leave)
        else:
            self._watcher = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._departures is not None:
            self._departures.discard(self._leave)
        elif self._watcher is not None:
            self._watcher.cancel()
        if not self.left:
            return
        if kind is None:
            raise ClientDisconnect
        cancelled = issubclass(kind, asyncio.CancelledError)
        if cancelled and self.worker is not None and not self.worker.uncancel():
            raise ClientDisconnect from None

    def _leave(self) -> None:
        self.left = True
        if self.tell is not None:
            self.tell()
        elif self.worker is not None:
            self.worker.cancel()

    async def _watch(self) -> None:
        """Wait for word of the departure from a server that calls nobody."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()
