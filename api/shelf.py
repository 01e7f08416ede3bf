"""A store of values that is bounded in bytes; what was used longest ago goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

SHARE = 8
"""One value may take at most this part of the bytes: an eighth."""


class Shelf(Generic[KeyT, ValueT]):
    """Values by key, together at most so many bytes as their owners say they take.

    Attributes:
        max_bytes: Bytes of all values together.
        bytes: Bytes that they take.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._values: OrderedDict[KeyT, tuple[ValueT, int]] = OrderedDict()

    def __len__(self) -> int:
        """Count the values."""
        return len(self._values)

    @property
    def largest(self) -> int:
        """Bytes that one value may take."""
        return self.max_bytes // SHARE

    def get(self, key: KeyT) -> ValueT | None:
        """Return the value of ``key``, which counts as used; ``None`` if there is none."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: KeyT, value: ValueT, size: int) -> bool:
        """Hold ``value`` of ``size`` bytes in place of what ``key`` had; tell whether it fits."""
        self.drop(key)
        if size > self.largest:
            return False
        self._values[key] = value, size
        self.bytes += size
        while self.bytes > self.max_bytes:
            _, (_, oldest) = self._values.popitem(last=False)
            self.bytes -= oldest
        return True

    def drop(self, key: KeyT) -> None:
        """Forget the value of ``key``."""
        _, size = self._values.pop(key, (None, 0))
        self.bytes -= size

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()
        self.bytes = 0
