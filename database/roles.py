"""The roles of the three zones; which tables they may use is said by the migrations."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import asyncpg

from database.pool import Connection
from domain.failures import Refused, Unavailable

OWNER = "cordgraph_owner"
OPERATOR = "cordgraph_operator"
READER = "cordgraph_reader"
SERVICE = "cordgraph_service"
ROLES = (OPERATOR, READER, SERVICE)

# What a killed process was doing is cancelled within a second or two, and its locks are freed.
_NOTICE_DEATH = {"client_connection_check_interval": "1s"}
# A machine that vanished says nothing: its locks are freed after two minutes, not two hours.
_NOTICE_SILENCE = {
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}
_SETTINGS = {
    OPERATOR: {
        **_NOTICE_DEATH,
        **_NOTICE_SILENCE,
        "lock_timeout": "60s",
        "idle_in_transaction_session_timeout": "15min",
    },
    READER: {
        **_NOTICE_DEATH,
        "default_transaction_read_only": "on",
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
    },
    SERVICE: {
        **_NOTICE_DEATH,
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
    },
}
_POWERS = """
select array_remove(array[
    case when rolsuper then 'superuser' end,
    case when rolcreaterole then 'createrole' end,
    case when rolcreatedb then 'createdb' end,
    case when rolreplication then 'replication' end,
    case when rolbypassrls then 'bypassrls' end], null)
from pg_roles where rolname = $1
"""
_CREATE = (
    "create role {} login noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
)
# A verifier is part of a statement: kept out of the log, whether the statement succeeds, fails,
# is slow, waits or is what a process did that died.
_LOG_NO_STATEMENT = """
set local log_min_error_statement = 'panic';
set local log_statement = 'none';
set local log_min_duration_statement = -1;
set local log_min_duration_sample = -1;
set local log_transaction_sample_rate = 0;
set local log_duration = off;
set local track_activities = off
"""
_NO_LARGE_OBJECTS = """
revoke execute on function
    lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)
from public
"""
# By default everybody sees of every table how many rows and bytes it has, and how many came and go,
# and the same of whole databases and of the log: who looks before and after an intake counts it.
# Only what still is everybody's is returned, so that nothing is written from the second time on.
CLOSE_STATISTICS = r"""
select format('revoke select on pg_catalog.%I from public', relname) from pg_class
where relnamespace = 'pg_catalog'::regnamespace
    and (relname ~ '^pg_stat(io)?_(xact_)?(all|sys|user)_(tables|indexes|sequences)$'
        or relname ~ '^pg_stat_(database|wal|io|bgwriter|checkpointer|slru)$')
    and has_table_privilege('public', oid, 'SELECT')
union all
select format('revoke execute on function %s from public', oid::regprocedure) from pg_proc
where pronamespace = 'pg_catalog'::regnamespace
    and (proname ~ '^pg_(relation|table|indexes|total_relation|database|tablespace)_size$'
        or proname ~ '^pg_stat_get_(xact_)?(live|dead|tuples|ins_since|mod_since|numscans|blocks)'
        or proname ~ '^pg_stat_get_(db_|buf_|wal|io|bgwriter|checkpointer|slru|backend_(io|wal))'
        or proname ~ '^pg_current_wal_|^pg_control_(checkpoint|recovery)$')
    and has_function_privilege('public', oid, 'EXECUTE')
union all
select format(
    'revoke select on pg_catalog.pg_class from public; '
    'grant select (%s) on pg_catalog.pg_class to public', string_agg(quote_ident(attname), ', '))
from pg_attribute
where attrelid = 'pg_catalog.pg_class'::regclass and attnum > 0
    and attname not in ('reltuples', 'relpages', 'relallvisible', 'relallfrozen')
    and has_table_privilege('public', attrelid, 'SELECT')
having count(*) > 0
"""
_ITERATIONS = 4096
_LOCK = 4_702_394_921_428  # one number for all processes that change roles and rights
_WAIT_SECONDS = 60
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.05


async def ensure_roles(connection: Connection, passwords: Mapping[str, str | None]) -> None:
    """Make the three roles where they are missing, and give them limits and passwords.

    Roles belong to the whole server, so several processes, on whichever database, may do this
    at once. All is done or nothing.

    Args:
        connection: Of a role that may create roles.
        passwords: By role name; ``None`` or absence leaves a password as it is. The server is
            sent a verifier, never a password, and by a superuser is told not to log it.

    Raises:
        Refused: A role of that name exists and has powers that none of ours may have, or a
            password holds characters other than printable ASCII.
        Unavailable: Another process has been at it for a minute.
    """
    async with _turn(connection):
        if await _is_superuser(connection):
            await connection.execute(_LOG_NO_STATEMENT)
        for role in ROLES:
            await _ensure_role(connection, role, passwords.get(role))


async def _ensure_role(connection: Connection, role: str, password: str | None) -> None:
    powers = await connection.fetchval(_POWERS, role)
    if powers:
        raise Refused(
            f"the role {role} exists and is {', '.join(powers)}",
            f"Take these powers from it: alter role {role} no{' no'.join(powers)}.",
        )
    if powers is None:
        await _insist(connection, _CREATE.format(role))
    await _ensure_settings(connection, role)
    if password is not None:
        statement = await connection.fetchval(
            "select format('alter role %I password %L', $1::text, $2::text)",
            role,
            scram_verifier(password),
        )
        await _insist(connection, statement)


async def ensure_database_rights(connection: Connection) -> None:
    """Take from everybody what PostgreSQL gives to all: temporary tables and large objects.

    The operator may make temporary tables. Where the owner is a superuser, as on the embedded
    server, the statistics of tables are taken too: they count the rows of every zone. Rights on
    the database itself are not copied with a template. Functions of the system are a superuser's;
    where the owner is none, large objects stay allowed, which shows nothing and changes nothing
    of ours.

    Raises:
        Unavailable: Another process has been at it for a minute.
    """
    async with _turn(connection):
        await _ensure_rights(connection)


async def _ensure_rights(connection: Connection) -> None:
    name = await connection.fetchval("select quote_ident(current_database())")
    for statement in (
        f"revoke temporary, create on database {name} from public",
        f"grant temporary on database {name} to {OPERATOR}",
    ):
        await _insist(connection, statement)
    with suppress(asyncpg.InsufficientPrivilegeError):
        await _insist(connection, _NO_LARGE_OBJECTS)
    if await _is_superuser(connection):
        for row in await connection.fetch(CLOSE_STATISTICS):
            await _insist(connection, row[0])


async def _is_superuser(connection: Connection) -> bool:
    superuser: bool = await connection.fetchval(
        "select rolsuper from pg_roles where rolname = current_user"
    )
    return superuser


@asynccontextmanager
async def _turn(connection: Connection) -> AsyncIterator[None]:
    """Hold a transaction in which nobody else on this database changes roles and rights."""
    async with connection.transaction():
        await connection.execute(f"set local lock_timeout = '{_WAIT_SECONDS}s'")
        try:
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        except asyncpg.LockNotAvailableError:
            raise Unavailable(
                f"another process has been changing the roles for {_WAIT_SECONDS} seconds",
                "Wait until it is done, or end its session, and try again.",
            ) from None
        yield


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """Return what PostgreSQL stores for ``password`` (RFC 5802, RFC 7677).

    Raises:
        Refused: ``password`` is not printable ASCII, where its normal form would be needed.
    """
    if not (password.isascii() and password.isprintable()):
        raise Refused("a password of a database role holds other than printable ASCII characters")
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    return (
        f"SCRAM-SHA-256${_ITERATIONS}:{_base64(salt)}${_base64(stored_key)}:{_base64(server_key)}"
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def _ensure_settings(connection: Connection, role: str) -> None:
    """Give ``role`` its limits; nothing is changed, and no right needed, where it has them."""
    present = await connection.fetchval("select rolconfig from pg_roles where rolname = $1", role)
    for name, value in _SETTINGS[role].items():
        if f"{name}={value}" not in (present or ()):
            await _insist(connection, f"alter role {role} set {name} = '{value}'")


async def _insist(connection: Connection, statement: str) -> None:
    """Execute ``statement``, again while others change the same row of a shared catalogue."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with connection.transaction():
                await connection.execute(statement)
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            return  # another process made the role first
        except asyncpg.InternalServerError as error:
            if "concurrently updated" not in str(error) or attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(_PAUSE_SECONDS * attempt)
        else:
            return
