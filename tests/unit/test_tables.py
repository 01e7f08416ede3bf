"""The description of the published tables holds together."""

import re

import pytest

from domain.published_tables import TABLES, UNITS, table_named
from domain.tables import Column, Kind, Table, Text

_COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in TABLES
    for column in table.columns
]


def _texts(table: Table) -> list[Text]:
    return [table.title, table.description]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_a_key_of_its_own_columns(table: Table) -> None:
    """Names are plain and come once; key columns exist and are never absent."""
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in [table.name, *names])
    assert table.key
    assert not any(table.column(name).nullable for name in table.key)
    assert table_named(table.name) is table


@pytest.mark.parametrize(("table", "column"), _COLUMNS)
def test_a_column_is_described_in_both_languages(table: Table, column: Column) -> None:
    """Titles, descriptions and those of allowed values are sentences in English and Chinese."""
    texts = [*_texts(table), column.title, column.description]
    texts += [allowed.description for allowed in column.allowed]
    for text in texts:
        assert text.en
        assert text.en.isascii()
        assert re.search(r"[\u4e00-\u9fff]|^ICD|^ORPHA", text.zh)
    assert column.description.en.endswith(".")
    assert column.description.zh.endswith("。")


@pytest.mark.parametrize(("table", "column"), _COLUMNS)
def test_constraints_are_of_the_kind_of_the_column(table: Table, column: Column) -> None:
    """Only texts have patterns and allowed values, and a reference leads to a key."""
    if column.kind is not Kind.TEXT:
        assert column.pattern is None
        assert not column.allowed
    if column.references is not None:
        other, _, name = column.references.partition(".")
        assert table_named(other).key == (name,)
        assert table_named(other) is not table


def test_an_unknown_name_is_refused() -> None:
    """There is no table and no column by another name."""
    with pytest.raises(LookupError, match="unit_map"):
        table_named("unit_map")
    with pytest.raises(LookupError, match="hla"):
        UNITS.column("hla")


def test_units_say_nothing_that_is_never_published() -> None:
    """The columns are these and no others."""
    assert [column.name for column in UNITS.columns] == [
        "id",
        "added_in",
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
    ]
