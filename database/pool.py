"""Connections over asyncpg: JSON as Python values, time limits, failures in the user's words."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import parse_qs

import asyncpg
import orjson

from domain.failures import Unavailable

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

_CONNECT_SECONDS = 15.0
# What the server cannot stop (a lost network, a stopped machine) the client gives up later.
_GRACE_SECONDS = 5.0

_ADDRESS = re.compile(
    r"postgres(?:ql)?://"
    r"(?:(?P<user>[^:@/?#]*)(?::[^@/?#]*)?@)?"
    r"(?P<hosts>(?:(?:\[[^\]@/?#]*\]|[^]\[@/?#:,]*)(?::\d+)?,?)*)"
    r"(?P<database>(?:/[^@/?#]*)?)"
    r"(?:\?(?P<query>[^@#]*))?"
)
_T = TypeVar("_T")

CONNECTION_LOST = (
    ConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
)
"""What a statement raises when its server or the way to it is gone."""

_FAULTS = (
    OSError,
    TimeoutError,
    ValueError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


async def open_pool(
    dsn: str,
    *,
    size: int = 10,
    statement_timeout_ms: int | None = None,
    prepared: bool = True,
    reset: bool = True,
) -> Pool:
    """Return an open pool; ``jsonb`` and ``json`` columns are Python values.

    Args:
        dsn: ``postgresql://`` address; it may name several hosts and ``target_session_attrs``.
        size: Most connections; one is opened at once, to fail early.
        statement_timeout_ms: Time that one statement may take; ``None`` leaves the role's.
        prepared: Keep prepared statements; false behind a pooler in transaction mode, which
            also takes no session settings, so that the role's time limit alone holds.
        reset: Reset the session when a connection comes back (a round trip); false where all
            who use the pool only read.

    Raises:
        Unavailable: No connection; the message names the place without the password.
    """
    options = _options(statement_timeout_ms, prepared=prepared)

    async def open_it() -> Pool:
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            init=_set_codecs,
            reset=None if reset else _leave,
            timeout=_CONNECT_SECONDS,
            **options,
        )
        return cast("Pool", pool)

    return await _reach(dsn, open_it)


async def connect(
    dsn: str, *, statement_timeout_ms: int | None = None, prepared: bool = True
) -> Connection:
    """Return one connection, made like those of `open_pool`.

    Raises:
        Unavailable: No connection; the message names the place without the password.
    """
    options = _options(statement_timeout_ms, prepared=prepared)

    async def open_it() -> Connection:
        connection: Connection = await asyncpg.connect(dsn, timeout=_CONNECT_SECONDS, **options)
        await _set_codecs(connection)
        return connection

    return await _reach(dsn, open_it)


def place(dsn: str) -> str:
    """Return ``user@host/database`` of an address, for messages; never a part of its password."""
    address = _ADDRESS.fullmatch(dsn)
    if not address:
        return "an address that is not of the form postgresql://USER:PASSWORD@HOST/DATABASE"
    query = parse_qs(address["query"] or "")
    hosts = address["hosts"] or ",".join(query.get("host", ["localhost"]))
    user = f"{address['user']}@" if address["user"] else ""
    return f"{user}{hosts}{address['database']}"


def _options(statement_timeout_ms: int | None, *, prepared: bool) -> dict[str, Any]:
    settings = {"application_name": "cordgraph"}
    options: dict[str, Any] = {"server_settings": settings}
    if prepared:
        settings["jit"] = "off"
    else:
        options["statement_cache_size"] = 0
    if statement_timeout_ms is not None:
        options["command_timeout"] = statement_timeout_ms / 1000 + _GRACE_SECONDS
        if prepared:
            settings["statement_timeout"] = str(statement_timeout_ms)
    return options


async def _set_codecs(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(memoryview(data)[1:]),
    )
    await connection.set_type_codec(
        "json",
        schema="pg_catalog",
        format="binary",
        encoder=orjson.dumps,
        decoder=orjson.loads,
    )


async def _leave(_connection: object) -> None:
    """Leave the session as it is."""


async def _reach(dsn: str, open_it: Callable[[], Awaitable[_T]]) -> _T:
    if not _ADDRESS.fullmatch(dsn):
        # Parsed in another way, a part of the password might be looked up as a host's name.
        raise Unavailable(
            f"cannot connect to {place(dsn)}",
            "Special characters in a password must be percent-encoded.",
        )
    try:
        return await open_it()
    except _FAULTS as error:
        said = str(error) or type(error).__name__
        raise Unavailable(f"cannot connect to {place(dsn)}: {said}") from error
