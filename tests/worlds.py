"""Worlds to break: a database and a data folder of their own, copied as often as need be."""

import asyncio
import itertools
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import minisign  # type: ignore[import-untyped]

from database.access import Access, embedded_access
from database.embedded import EmbeddedServer
from database.pool import Connection
from database.roles import ensure_database_rights
from publishing.scheme_key import KEY_BYTES, fingerprint
from tests.database_copies import connection_to
from tests.whole_state import exact_digest, plain_digest

_numbers = itertools.count(1)
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class World:
    """A database with the folder of its operator.

    Attributes:
        database: Its name.
        access: Its addresses.
        home: The folder: keys, and the files of a test.
    """

    database: str
    access: Access
    home: Path

    @property
    def keys(self) -> Path:
        """Where the keys are."""
        return self.home / "keys"

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Connection]:
        """Connect as the operator."""
        async with connection_to(self.access.require("operator")) as connection:
            yield connection

    async def exactly(self) -> str:
        """Return `exact_digest`."""
        async with connection_to(self.access.require("owner")) as connection:
            return await exact_digest(connection)

    async def plainly(self) -> str:
        """Return `plain_digest`."""
        async with connection_to(self.access.require("owner")) as connection:
            return await plain_digest(connection)

    async def wait_for_end(self, backends: list[int]) -> None:
        """Wait until the server has noticed that its clients are gone."""
        alive = "select count(*) from pg_stat_activity where pid = any($1::integer[])"
        async with connection_to(self.access.require("owner")) as connection:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while await connection.fetchval(alive, backends):  # noqa: ASYNC110 - others act
                    await asyncio.sleep(0.005)

    async def check_keys(self) -> None:
        """Check that only this account can read the keys, and that bound ones are whole."""
        async with self.operator() as connection:
            rows = await connection.fetch("select scheme, fingerprint from intake.scheme_key")
        found = list(self.keys.iterdir()) if self.keys.exists() else []
        if self.keys.exists():
            assert stat.S_IMODE(self.keys.stat().st_mode) == 0o700
        for path in found:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            assert path.name.startswith(".") or _is_whole(path), path
        for scheme, expected in rows:
            key = await asyncio.to_thread((self.keys / f"scheme-{scheme}.key").read_bytes)
            assert fingerprint(key) == expected


def _is_whole(path: Path) -> bool:
    """Tell whether a file holds a whole key."""
    if path.name.startswith("scheme-"):
        return len(path.read_bytes()) == KEY_BYTES
    minisign.SecretKey.from_bytes(path.read_bytes())
    return True


class Worlds:
    """Makes worlds on one server, and takes them away again."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._made: list[World] = []

    async def copy(self, template: str, home: Path | None = None) -> World:
        """Return a new world like the database ``template`` and the folder ``home``."""
        name = f"world_{next(_numbers)}"
        async with connection_to(self._server.dsn(database="postgres")) as maintenance:
            await maintenance.execute(f"create database {name} template {template}")
        world = World(name, embedded_access(self._server, name), self._folder / name)
        self._made.append(world)
        if home is None:
            world.home.mkdir()
        else:
            shutil.copytree(home, world.home)
        async with connection_to(world.access.require("owner")) as connection:
            await ensure_database_rights(connection)
        return world

    async def again(self, world: World) -> World:
        """Return a new world like ``world``, to which nobody is connected."""
        return await self.copy(world.database, world.home)

    async def drop(self, world: World) -> None:
        """Take ``world`` away; what of it was not written yet never is."""
        self._made.remove(world)
        async with connection_to(self._server.dsn(database="postgres")) as maintenance:
            await maintenance.execute(f"drop database {world.database} with (force)")
        await asyncio.to_thread(shutil.rmtree, world.home)

    async def drop_all(self) -> None:
        """Take away all that are left."""
        for world in list(self._made):
            await self.drop(world)
