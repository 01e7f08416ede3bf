"""Every statement of the loaders against the migrated database."""

import importlib
import pkgutil
from importlib.resources import files
from typing import Any

import pytest

import loaders
from database.pool import Connection
from loaders.statements import Statement

STATEMENTS: list[Statement[Any]] = list(
    {
        id(value): value
        for module in pkgutil.iter_modules(loaders.__path__)
        for value in vars(importlib.import_module(f"loaders.{module.name}")).values()
        if isinstance(value, Statement)
    }.values()
)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)
async def test_columns_are_the_fields_of_the_record(
    reader: Connection, statement: Statement[Any]
) -> None:
    """The reader may run the statement, and its columns are the record's fields, in order."""
    prepared = await reader.prepare(statement.sql)
    columns = tuple(attribute.name for attribute in prepared.get_attributes())
    assert columns == statement.columns


def test_every_file_is_a_statement() -> None:
    """No SQL lies about unused, and none is used twice."""
    names = sorted(path.name for path in (files("loaders") / "sql").iterdir())
    assert names == sorted(f"{statement.name}.sql" for statement in STATEMENTS)
