"""Several services over one database, and waiting until they answer with what is new."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from api.settings import Settings
from database.access import Access
from tests.serving import serving

DEAF = Settings(anonymous_quota=0, prepared_statements=False)
"""As behind a pooler, which lets no notification through."""
LISTENING = Settings(anonymous_quota=0)
SEEN_S = 2.0
"""Seconds after which everybody answers with what is new."""
PATIENCE_S = 20.0


@asynccontextmanager
async def clients_of(access: Access, *settings: Settings) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Give a client of each of several services, which run at the same time."""
    async with AsyncExitStack() as stack:
        urls = [stack.enter_context(serving(access, each)) for each in settings]
        yield [await stack.enter_async_context(httpx.AsyncClient(base_url=url)) for url in urls]


async def until(
    found: Callable[[], Awaitable[Any]], expected: Any, seconds: float = PATIENCE_S
) -> None:
    """Wait until ``found`` returns ``expected``, at most so long."""
    deadline = time.monotonic() + seconds
    while (value := await found()) != expected:
        assert time.monotonic() < deadline, f"still {value} after {seconds} seconds"
        await asyncio.sleep(0.05)
