"""Ending work for a client that has left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect
from starlette.types import Receive


@asynccontextmanager
async def ended_by_departure(receive: Receive) -> AsyncIterator[None]:
    """Cancel what runs in this context when the client closes the connection.

    Raises:
        ClientDisconnect: The client left.
    """
    worker = asyncio.current_task()
    left = False

    async def watch() -> None:
        nonlocal left
        while (await receive())["type"] != "http.disconnect":
            pass
        left = True
        if worker is not None:
            worker.cancel()

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if left and worker is not None and not worker.uncancel():
            raise ClientDisconnect from None
        raise
    finally:
        watcher.cancel()
