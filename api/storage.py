"""The database as the API uses it: as reader, after proof that the roles are narrow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from api.settings import Settings
from database.access import Access
from database.lanes import Lanes
from database.pool import Connection, Pool, connect, open_pool
from database.privileges import check_reader, check_service

_CLOSE_SECONDS = 2.0
_SERVICE_POOL_SIZE = 2


@asynccontextmanager
async def open_reader(access: Access, settings: Settings) -> AsyncIterator[Lanes]:
    """Give the reader's connections.

    Raises:
        Refused: The reader can do more than read what is published, or the service's role can
            enter the intake; nothing is served then.
        Unavailable: There is no address for the reader, or nobody answers there.
    """
    pool = await open_pool(
        access.require("reader"),
        size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        prepared=settings.prepared_statements,
        reset=False,
    )
    lanes = Lanes(pool, settings.pool_size)
    try:
        async with pool.acquire() as connection:
            await check_reader(cast("Connection", connection))
        if access.service is not None:
            await _check_service_role(access.service)
        yield lanes
    finally:
        await lanes.close()
        await _close(pool)


@asynccontextmanager
async def open_service(access: Access, settings: Settings) -> AsyncIterator[Pool | None]:
    """Give a pool of the service's connections; ``None`` if this process has no address for it.

    Raises:
        Unavailable: Nobody answers there.
    """
    if access.service is None:
        yield None
        return
    pool = await open_pool(
        access.service,
        size=_SERVICE_POOL_SIZE,
        statement_timeout_ms=settings.statement_timeout_ms,
        prepared=settings.prepared_statements,
    )
    try:
        yield pool
    finally:
        await _close(pool)


async def check_access(access: Access, settings: Settings) -> None:
    """Try whether the database would be served.

    Raises:
        Refused: As `open_reader`.
        Unavailable: As `open_reader`.
    """
    async with open_reader(access, settings):
        pass


async def _close(pool: Pool) -> None:
    """Close the connections in order, those that are still in use by force."""
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def _check_service_role(dsn: str) -> None:
    connection = await connect(dsn)
    try:
        await check_service(connection)
    finally:
        await connection.close()
