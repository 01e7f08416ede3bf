"""The database as commands meet it: made ready, and open for the length of one command."""

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Concatenate, ParamSpec, TypeVar

import asyncpg
import click

from database.access import VARIABLES, Access, data_home, open_access
from database.migrate import prepare
from database.pool import CONNECTION_LOST, Connection, connect
from domain.failures import Unavailable
from domain.progress import Report, silent

_COLLECTIONS = (50_000, 50, 1_000)
"""How often the garbage collector looks: seldom, since long work makes millions of objects of which
all live to its end."""
ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")

_LONGEST_NAME = 63  # of what the server keeps

_LOST = (*CONNECTION_LOST, asyncpg.IdleInTransactionSessionTimeoutError)
_NO_ROOM = (asyncpg.InsufficientResourcesError,)
_CROSSED = (asyncpg.LockNotAvailableError, asyncpg.TransactionRollbackError)
_STOPPED = (asyncpg.QueryCanceledError,)
# Besides faults of the server: a quota that is used up, and a disk that breaks.
_BROKEN = (asyncpg.InternalServerError, asyncpg.PostgresSystemError)
_ENDINGS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    (_LOST, "the connection to the database was lost", "run the command again"),
    (_NO_ROOM, "the database has no room left", "make room and run the command again"),
    (_CROSSED, "another session holds what this needs", "wait until it has ended and try again"),
    (_STOPPED, "the database was told to stop this", "run the command again"),
    (
        _BROKEN,
        "the database failed",
        "look at the server's log, give its disk room (or its account), and run the command again",
    ),
)


async def make_ready(access: Access, report: Report = silent) -> None:
    """Bring the embedded database to the newest migration; a real one is left as it is."""
    if not any(os.environ.get(variable) for variable in VARIABLES.values()):
        await prepare(access.require("owner"), access.role_passwords(), report=report)


def operator_session(report: Report = silent) -> AbstractAsyncContextManager[Connection]:
    """Connect as the operator to the database that the environment names.

    Raises:
        Unavailable: No connection, no tables, no room left (disk, memory), the server failed or
            stopped the work, or the connection was lost on the way.
    """
    return _session("operator", "open.release", report)


def as_operator(
    work: Callable[Concatenate[Connection, ArgumentsT], Awaitable[ResultT]],
    *arguments: ArgumentsT.args,
    **named: ArgumentsT.kwargs,
) -> ResultT:
    """Do ``work`` on an operator's connection, which comes before its arguments.

    Raises:
        Unavailable: As `operator_session`.
    """

    async def connected() -> ResultT:
        async with operator_session() as connection:
            return await work(connection, *arguments, **named)

    return asyncio.run(connected())


def service_session(report: Report = silent) -> AbstractAsyncContextManager[Connection]:
    """Connect as the role of the service, which keeps the counters.

    Raises:
        Unavailable: As `operator_session`.
    """
    return _session("service", "service.counter", report)


@asynccontextmanager
async def _session(role: str, table: str, report: Report) -> AsyncIterator[Connection]:
    gc.set_threshold(*_COLLECTIONS)
    with open_access(data_home(os.environ), os.environ) as access:
        await make_ready(access, report)
        connection = await connect(access.require(role))
        try:
            await connection.execute("select set_config('application_name', $1, false)", _name())
            if await connection.fetchval("select to_regclass($1) is null", table):
                raise Unavailable(
                    "the database has no tables of CordGraph", hint="Run `cordgraph migrate`."
                )
            yield connection
        except (asyncpg.PostgresError, *_LOST) as error:
            raise _ending(error) from error
        finally:
            await connection.close(timeout=5)


def _name() -> str:
    """Return what the session calls itself, so that whoever waits for it can find it."""
    context = click.get_current_context(silent=True)
    command = " ".join(context.command_path.split()[1:]) if context else ""
    words = ["cordgraph", *command.split(), "process", str(os.getpid()), "on", socket.gethostname()]
    return " ".join(words)[:_LONGEST_NAME]


def _ending(error: BaseException) -> BaseException:
    """Return in words why the work ended, or ``error`` itself if it is a fault of ours."""
    said = next(iter(str(error).splitlines()), type(error).__name__)  # without the server's hint
    for kinds, message, hint in _ENDINGS:
        if isinstance(error, kinds):
            return Unavailable(f"{message}: {said}", hint=f"Nothing is half-done; {hint}.")
    return error
