"""The roles of the three zones; which tables they may use is said by the migrations."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress

import asyncpg

from database.pool import Connection
from domain.failures import Refused

OWNER = "cordgraph_owner"
OPERATOR = "cordgraph_operator"
READER = "cordgraph_reader"
SERVICE = "cordgraph_service"
ROLES = (OPERATOR, READER, SERVICE)

# What a killed process was doing is cancelled within a second or two, and its locks are freed.
_NOTICE_DEATH = {"client_connection_check_interval": "1s"}
_SETTINGS = {
    OPERATOR: {
        **_NOTICE_DEATH,
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
_NO_LARGE_OBJECTS = """
revoke execute on function
    lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)
from public
"""
_ITERATIONS = 4096
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.05


async def ensure_roles(connection: Connection, passwords: Mapping[str, str | None]) -> None:
    """Make the three roles where they are missing, and give them limits and passwords.

    Roles belong to the whole server, so several processes, on whichever database, may do this
    at once.

    Args:
        connection: Of a role that may create roles.
        passwords: By role name; ``None`` or absence leaves a password as it is. The server is
            sent a verifier, never a password.

    Raises:
        Refused: A role of that name exists and has powers that none of ours may have, or a
            password holds characters other than printable ASCII.
    """
    for role in ROLES:
        powers = await connection.fetchval(_POWERS, role)
        if powers:
            raise Refused(
                f"the role {role} exists and is {', '.join(powers)}",
                f"Take these powers from it: alter role {role} no{' no'.join(powers)}.",
            )
        if powers is None:
            await _insist(connection, _CREATE.format(role))
        await _ensure_settings(connection, role)
        password = passwords.get(role)
        if password is not None:
            statement = await connection.fetchval(
                "select format('alter role %I password %L', $1::text, $2::text)",
                role,
                scram_verifier(password),
            )
            await _insist(connection, statement)


async def ensure_database_rights(connection: Connection) -> None:
    """Take from everybody what PostgreSQL gives to all: temporary tables and large objects.

    The operator may make temporary tables. These rights belong to the database itself and are not
    copied with a template. Functions of the system are a superuser's; where the owner is none,
    large objects stay allowed, which shows nothing and changes nothing of ours.
    """
    name = await connection.fetchval("select quote_ident(current_database())")
    for statement in (
        f"revoke temporary, create on database {name} from public",
        f"grant temporary on database {name} to {OPERATOR}",
    ):
        await _insist(connection, statement)
    with suppress(asyncpg.InsufficientPrivilegeError):
        await _insist(connection, _NO_LARGE_OBJECTS)


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
            await connection.execute(statement)
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            return  # another process made the role first
        except asyncpg.InternalServerError as error:
            if "concurrently updated" not in str(error) or attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(_PAUSE_SECONDS * attempt)
        else:
            return
