"""Loading banks and indications: past releases keep their rows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from database.pool import Connection
from publishing.gate import Profile
from publishing.reference import ReferenceChange, TableChange, load_reference
from publishing.reference_rows import BankRow, read_banks
from publishing.release import publish
from tests.inventories import add_inventory

BANKS = read_banks()
BEIJING = BANKS[0]
RENAMED = replace(BEIJING, name_en="Beijing Cord Blood Bank (renamed)")
NOTHING = TableChange(added=0, changed=0, removed=0, unchanged=49)


async def _history(connection: Connection, code: str) -> list[tuple[str, int, int | None]]:
    rows = await connection.fetch(
        "select name_en, since, until from open.bank where code = $1 order by since", code
    )
    return [tuple(row) for row in rows]


async def _load(connection: Connection, banks: Sequence[BankRow]) -> TableChange:
    return (await load_reference(connection, banks=banks)).banks


@pytest.fixture
async def released(operator: Connection, tmp_path: Path) -> Connection:
    """A connection to a database with reference data and one release."""
    await load_reference(operator)
    await add_inventory(operator, 9_000)
    await publish(operator, keys=tmp_path / "keys", profile=Profile.SYNTHETIC)
    return operator


async def test_loading_twice_changes_nothing(operator: Connection) -> None:
    """Seven banks and 49 indications for the first release; the second time nothing."""
    assert await load_reference(operator) == ReferenceChange(
        release=1,
        banks=TableChange(added=7, changed=0, removed=0, unchanged=0),
        indications=TableChange(added=49, changed=0, removed=0, unchanged=0),
    )
    assert await load_reference(operator) == ReferenceChange(
        release=1,
        banks=TableChange(added=0, changed=0, removed=0, unchanged=7),
        indications=NOTHING,
    )
    log = "select count(*) from intake.audit_log where action = 'reference.load'"
    assert await operator.fetchval(log) == 1


async def test_the_reader_sees_facts_and_sources(operator: Connection, reader: Connection) -> None:
    """Verified facts are there, others null, and every field has its source."""
    await load_reference(operator)
    row = await reader.fetchrow("select * from open.bank where code = 'TJ'")
    assert row is not None
    assert (row["name_zh"], row["licence_year"], row["operator"]) == (
        "天津市脐带血造血干细胞库",
        None,
        None,
    )
    assert {source["field"]: source["status"] for source in row["sources"]} == {
        "name(language: EN)": "GENERAL_KNOWLEDGE",
        "name(language: ZH)": "GENERAL_KNOWLEDGE",
        "city": "GENERAL_KNOWLEDGE",
        "regionCode": "VERIFIED",
        "licenceYear": "NOT_FOUND",
        "operator": "WEAK",
    }


async def test_rows_that_no_release_read_are_replaced(operator: Connection) -> None:
    """Before the first release a changed row leaves no trace."""
    await load_reference(operator)
    assert await _load(operator, [RENAMED, *BANKS[1:]]) == TableChange(0, 1, 0, 6)
    assert await _history(operator, "BJ") == [(RENAMED.name_en, 1, None)]
    assert await _load(operator, BANKS[1:]) == TableChange(0, 0, 1, 6)
    assert await _history(operator, "BJ") == []


async def test_rows_that_a_release_read_are_closed(released: Connection) -> None:
    """A change after a release holds from the next one; the release keeps its row."""
    assert await _load(released, [RENAMED, *BANKS[1:]]) == TableChange(0, 1, 0, 6)
    expected = [(BEIJING.name_en, 1, 2), (RENAMED.name_en, 2, None)]
    assert await _history(released, "BJ") == expected
    assert await _load(released, [RENAMED, *BANKS[1:]]) == TableChange(0, 0, 0, 7)
    assert await _history(released, "BJ") == expected


async def test_a_staged_change_can_be_taken_back(released: Connection) -> None:
    """Loading the old facts before the next release leaves everything as it was."""
    await _load(released, [RENAMED, *BANKS[1:]])
    assert await _load(released, BANKS) == TableChange(0, 1, 0, 6)
    assert await _history(released, "BJ") == [(BEIJING.name_en, 1, None)]


async def test_a_staged_change_can_be_changed_again(released: Connection) -> None:
    """The last loading before a release counts."""
    await _load(released, [RENAMED, *BANKS[1:]])
    again = replace(RENAMED, name_en="Beijing")
    assert await _load(released, [again, *BANKS[1:]]) == TableChange(0, 1, 0, 6)
    assert await _history(released, "BJ") == [(BEIJING.name_en, 1, 2), ("Beijing", 2, None)]


async def test_a_removed_row_ends_with_the_newest_release(released: Connection) -> None:
    """A bank that is no longer listed stays in the releases that read it, and can come back."""
    assert await _load(released, BANKS[1:]) == TableChange(0, 0, 1, 6)
    assert await _history(released, "BJ") == [(BEIJING.name_en, 1, 2)]
    assert await _load(released, BANKS[1:]) == TableChange(0, 0, 0, 6)
    assert await _load(released, BANKS) == TableChange(1, 0, 0, 6)
    assert await _history(released, "BJ") == [(BEIJING.name_en, 1, None)]
