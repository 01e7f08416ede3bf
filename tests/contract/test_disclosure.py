"""What every release promises to the people behind its units, checked as an attacker would."""

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

import asyncpg
import pytest

from database.access import Access
from database.pool import Connection, connect
from domain.identifiers import unit_id
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from tests.inventories import add_inventory, place_key

K = 11
RELEASES = (1, 2, 3)
PAIRS = list(itertools.combinations(RELEASES, 2))
PUBLISHED = (
    "bank",
    "period_from",
    "abo",
    "tnc_min",
    "tnc_max",
    "cd34_min",
    "cd34_max",
    "volume_min",
    "processing",
    "added",
)
INTAKE = (
    "submission",
    "raw_unit",
    "rejection",
    "unit_map",
    "scheme_key",
    "plan",
    "approval",
    "audit_log",
)

_UNITS = """
select u.id, b.added, c.bank, c.period_from, c.abo, c.tnc_min, c.tnc_max, c.cd34_min, c.cd34_max,
       c.volume_min, c.processing
from open.unit u join open.batch_class b on b.id = u.batch_class_id
join open.unit_class c on c.id = b.class_id
"""

Values = tuple[Any, ...]


class Published(NamedTuple):
    """The database after three releases, and what a reader sees of each."""

    access: Access
    key: bytes
    units: dict[int, dict[str, Values]]


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
        rows = await reader.fetch(_UNITS)
        yield Published(
            access=module_database,
            key=bytes(range(32)),
            units={
                number: {
                    row["id"]: tuple(row[name] for name in PUBLISHED)
                    for row in rows
                    if row["added"] <= number
                }
                for number in RELEASES
            },
        )
    finally:
        await operator.close()
        await reader.close()


def _tables(units: list[Values]) -> Iterator[Counter[Values]]:
    """Count ``units`` by every subset of the published values."""
    classes = Counter(units)
    for size in range(len(PUBLISHED) + 1):
        for columns in itertools.combinations(range(len(PUBLISHED)), size):
            table: Counter[Values] = Counter()
            for values, members in classes.items():
                table[tuple(values[column] for column in columns)] += members
            yield table


@pytest.mark.parametrize("number", RELEASES)
def test_every_combination_of_values_has_k_units(published: Published, number: int) -> None:
    """No filter, however it is composed, finds 1 to 10 units of a release."""
    smallest = [min(table.values()) for table in _tables([*published.units[number].values()])]
    assert len(smallest) == 2 ** len(PUBLISHED)
    assert min(smallest) >= K


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_differences_of_releases_have_k_units(published: Published, old: int, new: int) -> None:
    """Subtracting any two releases, by every combination of values, gives 0 or at least k."""
    before, after = published.units[old], published.units[new]
    removed = [values for unit, values in before.items() if unit not in after]
    added = [values for unit, values in after.items() if unit not in before]
    assert removed == []
    assert len(added) > 1_000
    for table in _tables(added):
        assert min(table.values()) >= K


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_counts_alone_change_by_k(published: Published, old: int, new: int) -> None:
    """Without ids too: a count of any filter stays or changes by at least k."""
    for before, after in zip(
        _tables([*published.units[old].values()]),
        _tables([*published.units[new].values()]),
        strict=True,
    ):
        changes = {after[values] - before[values] for values in before | after}
        assert all(change == 0 or change >= K for change in changes)


def test_a_unit_says_the_same_in_every_release(published: Published) -> None:
    """Values of an id never change from one release to the next."""
    for old, new in itertools.pairwise(RELEASES):
        for unit, values in published.units[old].items():
            assert published.units[new][unit] == values


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
    assert refused.isdisjoint(published.units[3])


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
