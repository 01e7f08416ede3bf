"""Counts in the memory of this process: bounded, and each use takes constant time."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from limits.aio.storage import Storage

MOST_KEYS = 100_000
"""Clients that are counted at once; about 200 bytes each."""


_NEVER = (0, -math.inf)


class BoundedMemory(Storage):
    """A storage of the library `limits` that holds a fixed number of windows.

    The library's own looks through all keys at every use and keeps as many as there are
    addresses. All windows here must have the same length, so that the first in is the first out.
    """

    STORAGE_SCHEME = None

    def __init__(self, most: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most = most
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What a use may raise: nothing."""
        return ()

    def add(self, key: str, expiry: int, amount: int) -> tuple[int, float]:
        """Do what `incr` and then `look` do, at once."""
        now = self._forget()
        count, ends = self._counts.get(key, (0, now + expiry))
        if key not in self._counts and len(self._counts) >= self._most:
            self._counts.popitem(last=False)
        self._counts[key] = (count + amount, ends)
        return count + amount, ends - now

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add ``amount`` to the count of ``key``, whose window begins with its first use."""
        return self.add(key, expiry, amount)[0]

    def look(self, key: str) -> tuple[int, float]:
        """Return the count of ``key`` and the seconds until its window ends, at once."""
        count, ends = self._counts.get(key, _NEVER)
        left = ends - self._clock()
        return (count, left) if left > 0 else (0, 0.0)

    async def get(self, key: str) -> int:
        """Return the count of ``key``; 0 if its window is over."""
        self._forget()
        return self._counts.get(key, (0, 0.0))[0]

    async def get_expiry(self, key: str) -> float:
        """Return when the window of ``key`` ends, in seconds since 1970; now if there is none."""
        self._forget()
        now = self._clock()
        return time.time() + self._counts.get(key, (0, now))[1] - now

    async def check(self) -> bool:
        """Say that all is well."""
        return True

    async def reset(self) -> int | None:
        """Forget all counts and return how many there were."""
        found = len(self._counts)
        self._counts.clear()
        return found

    async def clear(self, key: str) -> None:
        """Forget the count of ``key``."""
        self._counts.pop(key, None)

    def _forget(self) -> float:
        """Drop the windows that are over, which lie in the order they end in; return the time."""
        now = self._clock()
        while self._counts:
            key, (_, ends) = next(iter(self._counts.items()))
            if ends > now:
                break
            del self._counts[key]
        return now
