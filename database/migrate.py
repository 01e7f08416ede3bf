"""Brings a database to the newest migration: plain SQL files, forward only, checksummed."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import asyncpg

from database.pool import CONNECTION_LOST, Connection, connect, place
from database.roles import ensure_database_rights, ensure_roles
from domain.failures import Refused, Unavailable
from domain.progress import Report, silent

STAGE = "Migrating the database"

_OLDEST_MAJOR = 15
_LOCK = 4_702_394_921_427  # one number for all processes that migrate
_WAIT_SECONDS = 60
_CLOSE_SECONDS = 5
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql", re.ASCII)
_A_STATEMENT = "\n;select"
"""Follows each file: asyncpg cannot run a text that holds comments only."""
_SET_UP = """
create schema if not exists history;
create table if not exists history.migration (
    number integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; its text has one kind of line end, however it was checked out."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The hash by which an applied migration is known."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Traversable) -> list[Migration]:
    """Return the migrations in ``folder``, named ``NNNN_title.sql``, in their order.

    Raises:
        Refused: A name has another form, or the numbers are not 1, 2, 3 and so on.
    """
    found: list[Migration] = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".sql"):
            continue
        match = _NAME.fullmatch(file.name)
        if not match or int(match[1]) != len(found) + 1:
            raise Refused(
                f"migration {file.name} should be called {len(found) + 1:04}_title.sql",
                "Numbers have four digits and no gaps; titles are small letters, digits and _.",
            )
        sql = file.read_bytes().decode().replace("\r\n", "\n")
        found.append(Migration(int(match[1]), file.name, sql))
    return found


async def prepare(
    dsn: str, passwords: Mapping[str, str | None], *, report: Report = silent
) -> list[str]:
    """Make a database ready for use: roles, rights and every migration.

    Args:
        dsn: Address for the database's owner, who may create roles.
        passwords: For the roles, see `database.roles.ensure_roles`.
        report: Told of each migration.

    Returns:
        Names of the migrations that were applied.

    Raises:
        Refused: See `migrate` and `database.roles.ensure_roles`.
        Unavailable: No connection, or another process has been migrating for a minute.
    """
    async with _session(dsn) as connection:
        await ensure_roles(connection, passwords)
        await ensure_database_rights(connection)
    return await migrate(dsn, report=report)


async def migrate(
    dsn: str, *, report: Report = silent, folder: Traversable | None = None
) -> list[str]:
    """Apply the migrations that the database lacks, each in a transaction of its own.

    Any number of processes may call this at once; one works and the others wait for it.

    Args:
        dsn: Address for the database's owner; the roles exist already.
        report: Told of each migration.
        folder: Where the files are; the package ``migrations`` if not given.

    Returns:
        Names of the migrations that were applied.

    Raises:
        Refused: The server is too old, an applied file was changed or is missing, or a
            migration failed (it leaves nothing behind).
        Unavailable: No connection, or another process has been migrating for a minute.
    """
    known = read_migrations(folder or files("migrations"))
    async with _session(dsn) as connection:
        await _lock(connection)
        missing = await _missing(connection, known)
        for done, migration in enumerate(missing):
            report(STAGE, done, len(missing))
            await _apply(connection, migration)
        if missing:
            report(STAGE, len(missing), len(missing))
    return [migration.name for migration in missing]


@asynccontextmanager
async def _session(dsn: str) -> AsyncIterator[Connection]:
    """Connect to a server that is new enough, and say in words why work on it ended."""
    connection = await connect(dsn)
    try:
        _check_server(connection)
        yield connection
    except asyncpg.InsufficientPrivilegeError as error:
        raise Refused(
            f"{place(dsn)} lacks a right: {error}",
            "The database's owner needs CREATEROLE; or let an administrator migrate.",
        ) from error
    except CONNECTION_LOST as error:
        raise Unavailable(
            f"the connection to {place(dsn)} was lost: {error}",
            "Nothing is half-done; run the command again.",
        ) from error
    finally:
        await connection.close(timeout=_CLOSE_SECONDS)


def _check_server(connection: Connection) -> None:
    version = connection.get_server_version()
    if version.major < _OLDEST_MAJOR:
        raise Refused(
            f"the database server is PostgreSQL {version.major}, and {_OLDEST_MAJOR} is the "
            "oldest that serves",
            "Name a newer one in DATABASE_URL.",
        )


async def _lock(connection: Connection) -> None:
    """Hold the lock of all who migrate this database until the connection closes."""
    await connection.execute(
        f"set statement_timeout = 0; set lock_timeout = '{_WAIT_SECONDS}s';"
        "set client_connection_check_interval = '1s'"  # a killed process lets go of the lock
    )
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
    except asyncpg.LockNotAvailableError:
        raise Unavailable(
            f"another process has been migrating this database for {_WAIT_SECONDS} seconds",
            "Wait until it is done, or end its session, and try again.",
        ) from None
    await connection.execute("set statement_timeout = '10min'; set lock_timeout = '10s'")


async def _missing(connection: Connection, known: Sequence[Migration]) -> list[Migration]:
    """Check what was applied against what we know, and return what was not applied."""
    await connection.execute(_SET_UP)
    applied = await connection.fetch(
        "select number, name, sha256 from history.migration order by number"
    )
    if len(applied) > len(known):
        newest = applied[-1]["name"]
        raise Refused(
            f"the database has the migration {newest}, which this version of CordGraph lacks",
            "Use the version that made it, or a newer one.",
        )
    for row, migration in zip(applied, known, strict=False):
        if (row["number"], row["sha256"]) != (migration.number, migration.sha256):
            raise Refused(
                f"migration {migration.name} was changed after the database applied it "
                f"as {row['name']}",
                "Restore the file, and put the change into a new migration.",
            )
    return list(known[len(applied) :])


async def _apply(connection: Connection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql + _A_STATEMENT)
            await connection.execute(
                "insert into history.migration (number, name, sha256) values ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.sha256,
            )
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            f"migration {migration.name} waited too long for a table that others use",
            "End long transactions, and try again.",
        ) from error
    except CONNECTION_LOST:
        raise
    except asyncpg.PostgresError as error:
        raise Refused(f"migration {migration.name} failed and was undone: {error}") from error
