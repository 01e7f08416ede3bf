"""Copies of a database, to be changed at will and dropped."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from database.access import Access, embedded_access
from database.embedded import EmbeddedServer
from database.pool import Connection, connect
from database.roles import ensure_database_rights

_numbers = itertools.count(1)


@asynccontextmanager
async def database_copy(server: EmbeddedServer, template: str) -> AsyncIterator[Access]:
    """Give access to a new copy of the database ``template``, to which nobody is connected."""
    name = f"test_{next(_numbers)}"
    async with connection_to(server.dsn(database="postgres")) as maintenance:
        await maintenance.execute(f"create database {name} template {template}")
        try:
            access = embedded_access(server, name)
            async with connection_to(access.require("owner")) as connection:
                await ensure_database_rights(connection)
            yield access
        finally:
            await maintenance.execute(f"drop database {name} with (force)")


@asynccontextmanager
async def connection_to(dsn: str) -> AsyncIterator[Connection]:
    """Give a connection that is closed at the end."""
    connection = await connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()
