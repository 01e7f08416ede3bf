"""Counting what is used, in memory, and writing it down every few seconds."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress

import structlog

from loaders.counters import add_counts
from loaders.statements import Pool

FLUSH_S = 5.0
"""Seconds between two writings."""
_LAST_FLUSH_S = 2.0
"""Seconds that the last writing may take, at the end of the process."""

_log = structlog.get_logger("cordgraph")


class Tally:
    """Counts by name and day (UTC). Counting never waits and never fails.

    What cannot be written is kept for the next time; a process that is killed loses what it
    counted in the last seconds. Names come from a closed set, so the memory is bounded.
    """

    def __init__(self, pool: Pool | None) -> None:
        self._pool = pool
        self._counts: Counter[tuple[str, dt.date]] = Counter()

    def count(self, names: Collection[str]) -> None:
        """Add one to each of ``names``."""
        if names and self._pool is not None:
            today = dt.datetime.now(dt.UTC).date()
            self._counts.update((name, today) for name in names)

    async def flush(self) -> None:
        """Write down what was counted since the last time."""
        if self._pool is None or not self._counts:
            return
        written, self._counts = self._counts, Counter()
        try:
            await add_counts(self._pool, written)
        except BaseException as error:
            self._counts += written
            if not isinstance(error, Exception):
                raise
            _log.warning("counters not written", fault=type(error).__name__)


@asynccontextmanager
async def open_tally(pool: Pool | None, seconds: float = FLUSH_S) -> AsyncIterator[Tally]:
    """Give a tally that is written every ``seconds`` and once more at the end.

    Args:
        pool: Connections of the service's role; without them nothing is counted.
        seconds: Time between two writings.
    """
    tally = Tally(pool)
    writer = asyncio.create_task(_write_down(tally, seconds))
    try:
        yield tally
    finally:
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_FLUSH_S):
                await tally.flush()


async def _write_down(tally: Tally, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        await tally.flush()
