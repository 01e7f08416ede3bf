"""The three roles: what they are, and that the reader can do nothing but read what is open."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Sequence

import asyncpg
import pytest

from database.access import Access, embedded_access
from database.embedded import EmbeddedServer
from database.pool import Connection, connect
from database.privileges import check_reader, check_service
from database.roles import OPERATOR, READER, ROLES, SERVICE, ensure_roles, scram_verifier
from domain.failures import Refused, Unavailable

_RELATIONS = """
select format('%I.%I', nspname, relname) from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname = any($1) and relkind in ('r', 'p', 'v', 'm', 'f') order by 1
"""
_ADVANCE_SEQUENCES = """
select format('select nextval(%L)', c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname = any($1) and relkind = 'S'
"""
_FIRST_COLUMN = "select quote_ident(attname) from pg_attribute where attrelid = $1 and attnum = 1"
_ZONES = ("intake", "open", "service", "history")


async def _relations(connection: Connection, *zones: str) -> Sequence[str]:
    return [row[0] for row in await connection.fetch(_RELATIONS, zones)]


async def _is_denied(connection: Connection, statement: str) -> bool:
    try:
        await connection.execute(statement)
    except (asyncpg.InsufficientPrivilegeError, asyncpg.WrongObjectTypeError):
        return True  # some statements are refused to views before rights are looked at
    return False


async def _writes(owner: Connection, relation: str) -> list[str]:
    oid = await owner.fetchval("select $1::text::regclass::oid", relation)
    column = await owner.fetchval(_FIRST_COLUMN, oid)
    forms = (
        "insert into {} default values",
        "update {} set {} = default",
        "delete from {}",
        "truncate {}",
        "table {} for update",
        "create index on {} ({})",
        "drop table {}",
    )
    return [form.format(relation, column) for form in forms]


async def test_reader_reads_what_is_open_and_nothing_else(
    owner: Connection, reader: Connection
) -> None:
    """Every relation of the zone open is readable, and none of any other zone."""
    opened = await _relations(owner, "open")
    assert "open.unit" in opened
    for relation in opened:
        assert await reader.fetch(f"table {relation} limit 1") == []
    closed = await _relations(owner, "intake", "service", "history")
    assert "intake.raw_unit" in closed
    assert [name for name in closed if not await _is_denied(reader, f"table {name}")] == []


async def test_reader_writes_nothing(owner: Connection, reader: Connection) -> None:
    """Out of its read-only mode the reader can still change no relation, a future one included."""
    await owner.execute(
        "create table open.future (id integer); create view open.seen as select id from open.unit"
    )
    await reader.execute("set default_transaction_read_only = off")
    relations = await _relations(owner, *_ZONES)
    assert len(relations) > 15
    statements = [word for name in relations for word in await _writes(owner, name)]
    statements += [row[0] for row in await owner.fetch(_ADVANCE_SEQUENCES, _ZONES)]
    assert [word for word in statements if not await _is_denied(reader, word)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "create table public.mine ()",
        "create table open.mine ()",
        "create temporary table mine ()",
        "create schema mine",
        "create role mine",
        "select lo_create(0)",
        "select lo_creat(0)",
        "select lo_from_bytea(0, 'x')",
        "set role cordgraph_operator",
        "set session authorization cordgraph_operator",
        "alter table open.unit disable trigger all",
        "copy open.unit to program 'true'",
    ],
)
async def test_reader_makes_nothing(reader: Connection, statement: str) -> None:
    """Out of its read-only mode the reader can make nothing and become nobody."""
    await reader.execute("set default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute(statement)


async def test_reader_begins_read_only(reader: Connection) -> None:
    """The reader's transactions are read-only and bounded in time from the start."""
    settings = {
        name: await reader.fetchval("select current_setting($1)", name)
        for name in ("default_transaction_read_only", "statement_timeout", "lock_timeout")
    }
    assert settings == {
        "default_transaction_read_only": "on",
        "statement_timeout": "15s",
        "lock_timeout": "5s",
    }


async def test_operator_publishes_and_changes_nothing(operator: Connection) -> None:
    """The operator adds to the zone open, and has no right to change or delete units."""
    await operator.execute("insert into open.scheme (number, k, levels) values (1, 11, '{}')")
    for statement in (
        "update open.unit set id = id",
        "delete from open.unit",
        "truncate open.unit",
        "update open.batch_class set units = 12",
        "update open.release set digest = ''",
        "delete from intake.audit_log",
        "update intake.plan set checks = '{}'",
        "alter table open.unit disable trigger all",
        "drop table open.unit",
    ):
        assert await _is_denied(operator, statement), statement


async def test_service_knows_neither_intake_nor_units(database: Access) -> None:
    """The API's second role sees its own zone only."""
    connection = await connect(database.require("service"))
    assert await connection.fetch("select * from service.api_key") == []
    assert await _is_denied(connection, "table intake.raw_unit")
    assert await _is_denied(connection, "insert into service.api_key default values")
    assert await _is_denied(connection, "update service.api_key set revoked_at = null")
    await connection.close()


async def test_operator_issues_keys_and_reads_no_hash(operator: Connection) -> None:
    """The operator adds keys and revokes them; nothing else of a key can change or come back."""
    await operator.execute(
        "insert into service.api_key (key_sha256, label, quota_per_minute)"
        " values (repeat('0', 64), 'a', 1)"
    )
    for statement in (
        "select key_sha256 from service.api_key",
        "update service.api_key set quota_per_minute = 2",
        "update service.api_key set label = ''",
        "delete from service.api_key",
        "truncate service.api_key",
        "table service.counter",
    ):
        assert await _is_denied(operator, statement), statement
    await operator.execute("update service.api_key set revoked_at = now()")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="revoked for good"):
        await operator.execute("update service.api_key set revoked_at = null")


async def test_attributes(owner: Connection) -> None:
    """Every role can log in and has no power of the whole server."""
    rows = await owner.fetch(
        "select rolname, rolcanlogin, rolsuper, rolinherit, rolcreaterole, rolcreatedb,"
        " rolreplication, rolbypassrls from pg_roles where rolname = any($1) order by 1",
        ROLES,
    )
    no_power = (True, False, False, False, False, False, False)
    assert [tuple(row) for row in rows] == [
        (OPERATOR, *no_power),
        (READER, *no_power),
        (SERVICE, *no_power),
    ]


async def test_only_verifiers_are_stored(owner: Connection, database: Access) -> None:
    """Every password is stored as a SCRAM verifier, and opens the door again after a change."""
    stored = await owner.fetch("select rolpassword from pg_authid where rolname = any($1)", ROLES)
    assert [row[0].split("$")[0] for row in stored] == ["SCRAM-SHA-256"] * 3
    await ensure_roles(owner, database.role_passwords())
    connection = await connect(database.require("reader"))
    assert await connection.fetchval("select session_user::text") == READER
    await connection.close()


async def test_several_at_once(server: EmbeddedServer, template_database: str) -> None:
    """Processes that make and change the roles at once, on several databases, do not collide."""
    passwords = embedded_access(server, template_database).role_passwords()
    connections = [await connect(server.dsn(database="postgres")) for _ in range(4)]
    connections += [await connect(server.dsn(database="template1")) for _ in range(4)]
    await asyncio.gather(*(ensure_roles(connection, passwords) for connection in connections))
    for connection in connections:
        await connection.close()


async def test_role_with_powers_is_refused(owner: Connection) -> None:
    """A role of ours that somebody made a superuser is not used."""
    change = owner.transaction()
    await change.start()
    await owner.execute(f"alter role {SERVICE} superuser createdb")
    with pytest.raises(Refused) as refusal:
        await ensure_roles(owner, {})
    await change.rollback()
    assert refusal.value.message == f"the role {SERVICE} exists and is superuser, createdb"
    assert refusal.value.hint == (
        f"Take these powers from it: alter role {SERVICE} nosuperuser nocreatedb."
    )


def test_verifier_is_that_of_the_standard() -> None:
    """The verifier signs the exchange printed in RFC 7677 as its server does."""
    verifier = scram_verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    server_key = base64.b64decode(verifier.rpartition(":")[2])
    exchange = (
        "n=user,r=rOprNGfwEbeRWgbNEkqO,"
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    signature = hmac.digest(server_key, exchange.encode(), hashlib.sha256)
    assert base64.b64encode(signature) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert verifier.startswith("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")


def test_password_outside_ascii_is_refused() -> None:
    """A password that would need a normal form is refused, without being repeated."""
    with pytest.raises(Refused) as refusal:
        scram_verifier("p\u00e4ss")
    assert "p\u00e4ss" not in refusal.value.message


async def test_checks_pass_for_our_roles(database: Access) -> None:
    """The reader and the service as migrated pass, and the owner does not."""
    for role, check in (("reader", check_reader), ("service", check_service)):
        connection = await connect(database.require(role))
        await check(connection)
        await connection.close()


@pytest.mark.parametrize(
    ("grant", "fault"),
    [
        ("alter role other createrole", "other is createrole"),
        ("alter role other bypassrls", "other is bypassrls"),
        ("alter role other superuser", "other is superuser"),
        ("grant usage on schema intake to other", "may use schema intake"),
        ("grant select on intake.plan to other", "may read intake.plan"),
        ("grant select (id) on intake.plan to other", "may read intake.plan"),
        ("grant select on intake.plan to public", "may read intake.plan"),
        ("grant cordgraph_operator to other", "may read intake.activity_count"),
        ("grant pg_read_all_data to other", "may read history.migration"),
        ("grant insert on open.unit to other", "may write open.unit"),
        ("grant update (id) on open.unit to other", "may write open.unit"),
        ("grant truncate on service.counter to other", "may write service.counter"),
        ("grant usage on sequence open.batch_class_id_seq to other", "may advance open.batch_"),
        ("grant create on schema open to other", "may create in schema open"),
        ("grant create on schema public to public", "may create in schema public"),
    ],
)
async def test_reader_with_too_many_rights_is_refused(
    owner: Connection, grant: str, fault: str
) -> None:
    """Any right beyond reading what is open is found, also by membership."""
    change = owner.transaction()
    await change.start()
    await owner.execute(f"create role other noinherit; {grant}; set session authorization other")
    with pytest.raises(Refused) as refusal:
        await check_reader(owner)
    await change.rollback()
    assert refusal.value.message.startswith("the database role other has too many rights: ")
    assert fault in refusal.value.message


async def test_operator_is_no_reader_and_no_service(operator: Connection) -> None:
    """An API that is given the operator's address does not start."""
    for check in (check_reader, check_service):
        with pytest.raises(Refused, match=f"the database role {OPERATOR} has too many rights"):
            await check(operator)


async def test_database_without_tables(server: EmbeddedServer) -> None:
    """A database that was never migrated is not taken for a safe one."""
    connection = await connect(server.dsn(database="template1"))
    with pytest.raises(Unavailable, match="no tables of CordGraph"):
        await check_reader(connection)
    await connection.close()
