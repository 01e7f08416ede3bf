"""The loaders of one request: one DataLoader for each batch function, made when first asked for."""

from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from loaders.statements import Pool

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

BatchFunction = Callable[[Pool, list[KeyT]], Awaitable[list[ValueT]]]
"""``(pool, keys) -> values aligned with keys``; keys come without repetition."""


class Loaders:
    """Gives batch functions their DataLoaders; lives as long as one request.

    The batch function itself is the key, so there is no registry to keep.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._loaders: dict[Callable[..., Any], DataLoader[Any, Any]] = {}

    def of(self, batch: BatchFunction[KeyT, ValueT]) -> DataLoader[KeyT, ValueT]:
        """Return the loader of ``batch``; every call in a request returns the same one."""
        if batch not in self._loaders:
            self._loaders[batch] = DataLoader(partial(batch, self._pool))
        return self._loaders[batch]
