"""An operator's connection for the length of one command."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from database.access import data_home, open_access
from database.pool import CONNECTION_LOST, Connection, connect
from domain.failures import Unavailable


@asynccontextmanager
async def operator_session() -> AsyncIterator[Connection]:
    """Connect as the operator to the database that the environment names.

    Raises:
        Unavailable: No connection, no tables, or the connection was lost on the way.
    """
    with open_access(data_home(os.environ), os.environ) as access:
        connection = await connect(access.require("operator"))
        try:
            if await connection.fetchval("select to_regclass('open.release') is null"):
                raise Unavailable(
                    "the database has no tables of CordGraph", hint="Run `cordgraph migrate`."
                )
            yield connection
        except CONNECTION_LOST as error:
            raise Unavailable(
                f"the connection to the database was lost: {error}",
                hint="Nothing is half-done; run the command again.",
            ) from error
        finally:
            await connection.close(timeout=5)
