"""Counts what clients spend in a minute: in memory, or in a Redis that several processes share."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import structlog
from limits.aio.storage import RedisStorage, Storage
from limits.errors import StorageError
from valkey.asyncio import BlockingConnectionPool

from api.quota.memory import BoundedMemory

WINDOW_S = 60
"""Seconds of a window; a client's begins with its first request."""
PAUSE_S = 5.0
"""Seconds without Redis after it failed, so that requests need not wait for it."""
_PATIENCE_S = 0.5
_REDIS_CONNECTIONS = 20

_log = structlog.get_logger("cordgraph")


class Count(NamedTuple):
    """What one client has spent.

    Attributes:
        spent: Cost in the window that runs.
        ends_in: Seconds after which the window is surely over, whole, 1 to `WINDOW_S`.
    """

    spent: int
    ends_in: int


class Counter:
    """Adds up costs by client; in memory for as long as the shared storage does not answer."""

    def __init__(
        self, shared: Storage | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._memory = BoundedMemory(clock=clock)
        self._shared_again = 0.0
        self._failed = False

    def look(self, key: str) -> Count | None:
        """Return what ``key`` has spent; ``None`` if the shared storage has to be asked."""
        if self._shared is not None and self._clock() >= self._shared_again:
            return None
        spent, seconds = self._memory.look(key)
        return _count(spent, seconds)

    async def add(self, key: str, amount: int) -> Count:
        """Add ``amount``, which may be negative, to what ``key`` has spent; 0 only looks."""
        if self._shared is not None and self._clock() >= self._shared_again:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    count = await _add(self._shared, key, amount)
            except (StorageError, OSError, TimeoutError) as error:
                self._leave_shared(error)
            else:
                self._note(failed=False)
                return count
        # To look must not begin a window.
        used = self._memory.add(key, WINDOW_S, amount) if amount else self._memory.look(key)
        return _count(*used)

    def _leave_shared(self, error: Exception) -> None:
        self._shared_again = self._clock() + PAUSE_S
        self._note(failed=True, fault=type(error.__cause__ or error).__name__)

    def _note(self, *, failed: bool, **details: str) -> None:
        """Log a change, once."""
        if failed and not self._failed:
            _log.warning("redis does not answer; quotas are counted in memory", **details)
        elif self._failed and not failed:
            _log.info("redis answers again; quotas are shared")
        self._failed = failed


@asynccontextmanager
async def open_counter(redis_url: str) -> AsyncIterator[Counter]:
    """Give a counter; without an address it counts in memory, for this process alone."""
    if not redis_url:
        _log.info("quotas are counted in memory, by each process for itself")
        yield Counter()
        return
    pool = BlockingConnectionPool.from_url(
        redis_url,
        max_connections=_REDIS_CONNECTIONS,
        timeout=_PATIENCE_S,
        socket_timeout=_PATIENCE_S,
        socket_connect_timeout=_PATIENCE_S,
    )
    _log.info("quotas are counted in redis, for all processes together")
    try:
        yield Counter(redis_storage(pool))
    finally:
        await pool.disconnect()


def redis_storage(pool: BlockingConnectionPool) -> Storage:
    """Return a storage over the connections of ``pool``."""
    return RedisStorage(
        "redis://",  # the pool knows the address
        wrap_exceptions=True,
        implementation="valkey",
        key_prefix="cordgraph",
        connection_pool=pool,  # type: ignore[arg-type]  # the library types its options too narrowly
    )


async def _add(storage: Storage, key: str, amount: int) -> Count:
    # To look must not begin a window.
    spent = await (storage.incr(key, WINDOW_S, amount) if amount else storage.get(key))
    left = await storage.get_expiry(key) - time.time()
    return _count(spent, left)


def _count(spent: int, left: float) -> Count:
    # Redis rounds to the nearest second, and a client that waits must not come too early.
    seconds = int(left) + 1 if left > 0 else 1
    return Count(spent, min(WINDOW_S, seconds))
