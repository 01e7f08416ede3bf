"""What one request reads from, and its loaders: one DataLoader for each batch function."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import asyncpg
from strawberry.dataloader import DataLoader, DefaultCache

from loaders.catalogue import Catalogue
from loaders.statements import Pool

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Store:
    """What batch functions read from.

    Attributes:
        pool: Runs statements.
        catalogue: Everything but the units, as of the beginning of the request.
    """

    pool: Pool
    catalogue: Catalogue

    def fetch(self, query: str, *args: object) -> Awaitable[list[asyncpg.Record]]:
        """Run ``query`` and return its rows."""
        return self.pool.fetch(query, *args)


BatchFunction = Callable[[Store, list[KeyT]], Awaitable[list[ValueT]]]
"""``(store, keys) -> values aligned with keys``; keys come without repetition."""


class Loader(DataLoader[KeyT, ValueT]):
    """A DataLoader whose values survive those who wait for them, and end with the request.

    All who load a key await one future. When a field fails, its siblings are cancelled, and a
    cancelled wait must not cancel the value for a field elsewhere in the document.
    """

    def __init__(self, batch: BatchFunction[KeyT, ValueT], store: Store) -> None:
        self._values: DefaultCache[KeyT, ValueT] = DefaultCache()
        self._closed = False
        super().__init__(partial(batch, store), cache_map=self._values)

    def load(self, key: KeyT) -> Awaitable[ValueT]:
        """Return the value of ``key`` once its batch is there."""
        value = asyncio.ensure_future(super().load(key))
        if self._closed:
            value.cancel()
        return asyncio.shield(value)

    def has(self, key: KeyT) -> bool:
        """Tell whether the value of ``key`` is there or on its way."""
        return self._values.get(key) is not None

    def close(self) -> None:
        """End what runs, and begin nothing more: a batch ends when none of its values is wanted."""
        self._closed = True
        for value in self._values.cache_map.values():
            value.cancel()


class Loaders:
    """Gives batch functions their loaders; lives as long as one request.

    The batch function itself is the key, so there is no registry to keep.

    Attributes:
        store: What the batch functions read from.
        alone: Whether a value is only loaded when the one before it is there, so that there is
            nothing to wait for to load them together.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.alone = False
        self._loaders: dict[Callable[..., Any], Loader[Any, Any]] = {}
        self._closed = False

    def of(self, batch: BatchFunction[KeyT, ValueT]) -> Loader[KeyT, ValueT]:
        """Return the loader of ``batch``; every call in a request returns the same one."""
        found = self._loaders.get(batch)
        if found is None:
            found = self._loaders[batch] = Loader(batch, self.store)
            if self._closed:
                found.close()
        return found

    async def load(self, batch: BatchFunction[KeyT, ValueT], key: KeyT) -> ValueT:
        """Return the value of ``key``, loaded together with others of the same batch function."""
        loader = self.of(batch)
        if not self.alone or loader.has(key):
            return await loader.load(key)
        (value,) = await batch(self.store, [key])
        loader.prime(key, value)
        return value

    def close(self) -> None:
        """End what still runs for the request: nobody waits for it any more."""
        self._closed = True
        for loader in self._loaders.values():
            loader.close()
