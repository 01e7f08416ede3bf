"""The database as commands meet it: made ready, and open for the length of one command."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from database.access import VARIABLES, Access, data_home, open_access
from database.migrate import prepare
from database.pool import CONNECTION_LOST, Connection, connect
from domain.failures import Unavailable
from domain.progress import Report, silent


async def make_ready(access: Access, report: Report = silent) -> None:
    """Bring the embedded database to the newest migration; a real one is left as it is."""
    if not any(os.environ.get(variable) for variable in VARIABLES.values()):
        await prepare(access.require("owner"), access.role_passwords(), report=report)


def operator_session(report: Report = silent) -> AbstractAsyncContextManager[Connection]:
    """Connect as the operator to the database that the environment names.

    Raises:
        Unavailable: No connection, no tables, no room left (disk, memory), or the connection
            was lost on the way.
    """
    return _session("operator", "open.release", report)


def service_session(report: Report = silent) -> AbstractAsyncContextManager[Connection]:
    """Connect as the role of the service, which keeps the counters.

    Raises:
        Unavailable: As `operator_session`.
    """
    return _session("service", "service.counter", report)


@asynccontextmanager
async def _session(role: str, table: str, report: Report) -> AsyncIterator[Connection]:
    with open_access(data_home(os.environ), os.environ) as access:
        await make_ready(access, report)
        connection = await connect(access.require(role))
        try:
            if await connection.fetchval("select to_regclass($1) is null", table):
                raise Unavailable(
                    "the database has no tables of CordGraph", hint="Run `cordgraph migrate`."
                )
            yield connection
        except CONNECTION_LOST as error:
            raise Unavailable(
                f"the connection to the database was lost: {error}",
                hint="Nothing is half-done; run the command again.",
            ) from error
        except asyncpg.InsufficientResourcesError as error:
            raise Unavailable(
                f"the database has no room left: {error}",
                hint="Nothing is half-done; make room and run the command again.",
            ) from error
        finally:
            await connection.close(timeout=5)
