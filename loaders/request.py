"""The loaders of one request: one DataLoader for each batch function, made when first asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from loaders.statements import Pool

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

BatchFunction = Callable[[Pool, list[KeyT]], Awaitable[list[ValueT]]]
"""``(pool, keys) -> values aligned with keys``; keys come without repetition."""


class _Shared(DataLoader[KeyT, ValueT]):
    """A DataLoader whose values survive those who wait for them.

    All who load a key await one future. When a field fails, its siblings are cancelled, and a
    cancelled wait must not cancel the value for a field elsewhere in the document.
    """

    def load(self, key: KeyT) -> Awaitable[ValueT]:
        """Return the value of ``key`` once its batch is there."""
        return asyncio.shield(super().load(key))


class Loaders:
    """Gives batch functions their DataLoaders; lives as long as one request.

    The batch function itself is the key, so there is no registry to keep.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._loaders: dict[Callable[..., Any], DataLoader[Any, Any]] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def of(self, batch: BatchFunction[KeyT, ValueT]) -> DataLoader[KeyT, ValueT]:
        """Return the loader of ``batch``; every call in a request returns the same one."""
        if batch not in self._loaders:
            self._loaders[batch] = _Shared(self._while_open(batch))
        return self._loaders[batch]

    def close(self) -> None:
        """End what still runs for the request: nobody waits for it any more."""
        self._closed = True
        for task in self._running:
            task.cancel()

    def _while_open(
        self, batch: BatchFunction[KeyT, ValueT]
    ) -> Callable[[list[KeyT]], Awaitable[list[ValueT]]]:
        async def run(keys: list[KeyT]) -> list[ValueT]:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - for the type checker
            if self._closed:
                raise asyncio.CancelledError
            self._running.add(task)
            try:
                return await batch(self._pool, keys)
            finally:
                self._running.discard(task)

        return run
