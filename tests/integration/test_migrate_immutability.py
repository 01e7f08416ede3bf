"""What the database itself refuses about published rows, to its owner too."""

import asyncpg
import pytest

from database.pool import Connection

_DIGEST = "0" * 64
_PUBLISH = """
insert into open.scheme (number, k, levels) values (1, 11, '{}');
insert into open.release (number, scheme, profile, synthetic, licence, unit_count,
    added_unit_count, withdrawn_unit_count, bank_count, class_count, smallest_class,
    median_class, held_back_percent, digest)
select number, 1, 'synthetic', true, 'CC-BY-4.0', 11, 11, 0, 1, 1, 11, 11, 0, repeat('0', 64)
from generate_series(1, 2) as number;
insert into open.unit_class (scheme, bank) values (1, 'BJ'), (1, 'TJ');
insert into open.batch_class (class_id, added, units, digest)
values ((select id from open.unit_class where bank = 'BJ'), 1, 11, repeat('0', 64));
insert into open.unit (id, batch_class_id)
select 'cbu_' || lpad(n::text, 20, '0'), (select id from open.batch_class)
from generate_series(1, 11) as n;
insert into open.release_file (release, path, media_type, bytes, sha256)
values (1, 'units.csv', 'text/csv', 1, repeat('0', 64));
insert into open.bank (code, since, name_en, name_zh, city, region_code, sources)
values ('BJ', 1, 'Beijing', 'Beijing', 'Beijing', 'CN-BJ', '[]');
insert into open.indication (code, since, indication_group, name_en, name_zh, sources)
values ('AML', 1, 'MALIGNANT', 'AML', 'AML', '[]');
"""
_CHANGES = (
    "update open.unit set id = id",
    "update open.unit_class set bank = 'SH'",
    "update open.scheme set k = 12",
    "update open.release_file set bytes = 2",
    "update open.batch_class set units = 12",
    "update open.release set unit_count = 12",
    "update open.bank set until = 2",
    "update open.bank set name_en = 'Other'",
    "update open.indication set until = 2",
    "update open.indication set icd10 = 'C92'",
)
_TABLES = ("unit", "unit_class", "scheme", "release_file", "batch_class", "release", "bank")
_ON_ALL = ("delete from open.{}", "truncate open.{} cascade")
_REMOVALS = [form.format(table) for form in _ON_ALL for table in (*_TABLES, "indication")]


@pytest.fixture
async def published(owner: Connection) -> Connection:
    """The owner's connection to a database with two releases and one class of 11 units."""
    async with owner.transaction():
        await owner.execute(_PUBLISH)
    return owner


@pytest.mark.parametrize("change", [*_CHANGES, *_REMOVALS])
async def test_change_is_refused(published: Connection, change: str) -> None:
    """Nothing of a release is changed, deleted or emptied, even by the owner."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await published.execute(change)


async def test_class_under_eleven_is_refused(published: Connection) -> None:
    """A batch class of fewer than 11 units cannot exist."""
    with pytest.raises(asyncpg.CheckViolationError, match="batch_class_units_check"):
        await published.execute(
            "insert into open.batch_class (class_id, added, units, digest)"
            " select id, 2, 10, $1 from open.unit_class where bank = 'TJ'",
            _DIGEST,
        )


async def test_complete_class_takes_no_unit(published: Connection) -> None:
    """A unit cannot be added to a class that has all its units."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="says 11 units and has 12"):
        await published.execute(
            "insert into open.unit (id, batch_class_id)"
            " select 'cbu_' || repeat('f', 20), id from open.batch_class"
        )


async def test_class_without_units_is_refused(published: Connection) -> None:
    """A batch class whose units are not added in the same transaction does not commit."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="has no units"):
        await published.execute(
            "insert into open.batch_class (class_id, added, units, digest)"
            " select id, 2, 11, $1 from open.unit_class where bank = 'TJ'",
            _DIGEST,
        )


async def test_withdrawal_happens_once(published: Connection) -> None:
    """A batch class and a release are withdrawn once, and never again or back."""
    await published.execute("update open.batch_class set withdrawn = 2")
    withdraw = "update open.release set withdrawn_at = now(), withdrawn_reason = 'x'"
    await published.execute(withdraw + " where number = 1")
    for again in (
        "update open.batch_class set withdrawn = null",
        "update open.batch_class set withdrawn = 2",
        withdraw + " where number = 1",
        "update open.release set withdrawn_at = null, withdrawn_reason = null",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
            await published.execute(again)


async def test_reference_row_is_closed_for_later_releases(published: Connection) -> None:
    """A row of a bank can end with the next release, and a new row begins there."""
    await published.execute("update open.bank set until = 3 where code = 'BJ'")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="cannot be rewritten"):
        await published.execute("update open.bank set until = 2 where code = 'BJ'")
    await published.execute(
        "insert into open.bank (code, since, name_en, name_zh, city, region_code, sources)"
        " values ('BJ', 3, 'Other', 'Other', 'Beijing', 'CN-BJ', '[]')"
    )
