"""The newest catalogue: the process asks once a second whether there is another one."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from api.settings import Settings
from database.access import Access
from database.pool import Connection, connect
from domain.channel import NEW_RELEASE
from loaders.catalogue import Catalogue, load_catalogue, read_fingerprint

STALE_S = 10.0
"""Seconds without a look after which nothing is answered: a withdrawal might be missed."""
_LOOK_S = 1.0
"""Seconds between two looks; half of the time in which a release must be seen."""
_PATIENCE_S = 2.0
"""Seconds that a look, or the end of its connection, may take."""

_log = structlog.get_logger("cordgraph")


class StaleError(ConnectionError):
    """The database has been away so long that what is in memory may have been withdrawn."""


class Newest:
    """Holds the catalogue of what is published now, or was a second ago."""

    def __init__(self, dsn: str, settings: Settings) -> None:
        self._dsn = dsn
        self._settings = settings
        self._catalogue: Catalogue | None = None
        self._looked = 0.0
        self._connection: Connection | None = None
        self._told = asyncio.Event()

    @property
    def catalogue(self) -> Catalogue:
        """The newest catalogue; whoever has it in hand reads one state of the data throughout.

        Raises:
            StaleError: No look at the database has succeeded for 10 seconds.
        """
        if self._catalogue is None or time.monotonic() - self._looked > STALE_S:
            raise StaleError(f"the database has not answered for {STALE_S:g} seconds")
        return self._catalogue

    async def look(self) -> None:
        """Ask the database what is published, and read what is new."""
        now = time.monotonic()
        async with asyncio.timeout(_PATIENCE_S):
            connection = await self._open()
            fingerprint = await read_fingerprint(connection)
        if self._catalogue is None or self._catalogue.fingerprint != fingerprint:
            self._catalogue = await load_catalogue(connection, self._catalogue)
            _log.info("catalogue", fingerprint=self._catalogue.fingerprint)
        self._looked = now

    async def keep_looking(self) -> None:
        """Look every second, and at once when the database tells of a release."""
        away = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._told.wait()
            self._told.clear()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
                if not away:
                    _log.warning("cannot look for releases", fault=type(error).__name__)
                away = True
                await self.close()
            else:
                away = False

    async def close(self) -> None:
        """Close the connection; the next look opens another one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            await connection.close(timeout=_PATIENCE_S)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()

    async def _open(self) -> Connection:
        """Return a connection of its own, since those of the pool may all be busy."""
        if self._connection is None:
            settings = self._settings
            self._connection = connection = await connect(
                self._dsn,
                statement_timeout_ms=settings.statement_timeout_ms,
                prepared=settings.prepared_statements,
            )
            if settings.prepared_statements:  # no pooler between
                with suppress(asyncpg.PostgresError):  # a replica cannot listen
                    await connection.add_listener(NEW_RELEASE, self._hear)
        return self._connection

    def _hear(self, *_arguments: object) -> None:
        self._told.set()


@asynccontextmanager
async def open_newest(access: Access, settings: Settings) -> AsyncIterator[Newest]:
    """Give what holds the newest catalogue, which is read once before; it looks by itself."""
    newest = Newest(access.require("reader"), settings)
    try:
        await newest.look()
        looking = asyncio.create_task(newest.keep_looking())
        try:
            yield newest
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
    finally:
        await newest.close()
