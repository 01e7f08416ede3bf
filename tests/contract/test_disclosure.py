"""What the database promises to the people behind the units, whoever asks it."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
import pytest

from database.access import Access
from database.pool import Connection, connect
from domain.identifiers import unit_id
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from tests.inventories import add_inventory, place_key

INTAKE = (
    "submission",
    "raw_unit",
    "rejection",
    "unit_map",
    "scheme_key",
    "scheme_proposal",
    "frozen_scheme",
    "plan",
    "approver",
    "approval",
    "bank_waiver",
    "withdrawal",
    "withdrawal_class",
    "published_difference",
    "ended_consent",
    "audit_log",
)


class Published(NamedTuple):
    """The database after three releases, and the ids of all units that they hold."""

    access: Access
    key: bytes
    ids: frozenset[str]


@pytest.fixture(scope="module")
async def published(
    module_database: Access, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Published]:
    """Three releases of 12,000 units, two per cent of them without consent."""
    key = place_key(tmp_path_factory.mktemp("data") / "keys")
    operator = await connect(module_database.require("operator"))
    reader = await connect(module_database.require("reader"))
    try:
        await load_reference(operator)
        await add_inventory(operator, 12_000)
        for at_most in (9_000, 1_500, None):
            await publish(operator, keys=key.parent, profile=Profile.SYNTHETIC, at_most=at_most)
        rows = await reader.fetch("select id from open.unit")
        yield Published(
            access=module_database,
            key=bytes(range(32)),
            ids=frozenset(row[0] for row in rows),
        )
    finally:
        await operator.close()
        await reader.close()


async def test_no_unit_without_consent_is_published(published: Published) -> None:
    """Not one id belongs to a unit whose consent is missing, and there are such units."""
    operator = await connect(published.access.require("operator"))
    try:
        rows = await operator.fetch(
            "select bank, unit_number from intake.raw_unit where not consent"
        )
    finally:
        await operator.close()
    refused = {unit_id(published.key, row[0], row[1]) for row in rows}
    assert len(refused) > 150
    assert refused.isdisjoint(published.ids)


async def test_the_open_zone_has_no_place_for_more(published: Published) -> None:
    """The columns of units and classes are the published ones: no number, date, HLA or status."""
    reader = await connect(published.access.require("reader"))
    try:
        rows = await reader.fetch(
            "select relname::text, array_agg(attname::text order by attnum) as columns "
            "from pg_attribute join pg_class c on c.oid = attrelid "
            "where relnamespace = 'open'::regnamespace and attnum > 0 and not attisdropped "
            "and relname in ('unit', 'unit_class', 'batch_class') group by relname"
        )
    finally:
        await reader.close()
    assert {row[0]: row[1] for row in rows} == {
        "unit": ["id", "batch_class_id"],
        "batch_class": ["id", "class_id", "added", "withdrawn", "units", "digest"],
        "unit_class": [
            "id",
            "scheme",
            "bank",
            "period_from",
            "period_to",
            "abo",
            "tnc_min",
            "tnc_max",
            "cd34_min",
            "cd34_max",
            "volume_min",
            "volume_max",
            "processing",
        ],
    }


@pytest.fixture
async def attacker(published: Published) -> AsyncIterator[Connection]:
    """A reader's connection that first lifts its own limits."""
    connection = await connect(published.access.require("reader"))
    await connection.execute("set default_transaction_read_only = off")
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("table", INTAKE)
async def test_the_reader_cannot_reach_intake(attacker: Connection, table: str) -> None:
    """No table of the intake zone can be read with the reader's role."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attacker.fetch(f"select * from intake.{table}")  # noqa: S608 - our own names


@pytest.mark.parametrize(
    "statement",
    [
        "delete from open.unit",
        "update open.batch_class set units = units + 1",
        "insert into open.unit values ('cbu_00000000000000000000', 1)",
        "truncate open.unit",
        "select pg_read_file('/etc/passwd')",
        "set role cordgraph_operator",
    ],
)
async def test_the_reader_cannot_write(attacker: Connection, statement: str) -> None:
    """Nothing can be changed with the reader's role, also after it lifted its own limits."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await attacker.execute(statement)


@pytest.mark.parametrize("role", ["owner", "operator"])
@pytest.mark.parametrize(
    "statement",
    [
        "update open.unit set batch_class_id = 1",
        "delete from open.unit",
        "update open.unit_class set abo = 'A'",
        "update open.batch_class set units = units + 1",
        "delete from open.batch_class",
        "update open.release set unit_count = 0",
        "delete from open.release",
        "update open.scheme set k = 11",
    ],
)
async def test_nobody_changes_what_is_published(
    published: Published, role: str, statement: str
) -> None:
    """Neither operator nor owner can change a published row."""
    connection = await connect(published.access.require(role))
    try:
        with pytest.raises(
            (asyncpg.InsufficientPrivilegeError, asyncpg.IntegrityConstraintViolationError)
        ):
            await connection.execute(statement)
    finally:
        await connection.close()
