"""How rows are written in each format, generated from the description of their table.

- Parquet: 64-bit integers and floats, UTF-8 texts; titles and units stand in the fields' metadata.
- CSV: UTF-8, a header, line feeds, commas. A text is quoted where it must be. Absent is nothing
  between two commas; a text without characters would be ``""``.
- JSON Lines: one object a line with all columns; absent is ``null``.

A number is written as Python and JSON libraries do: ``8.0``, ``12.5``; so it stays a number with
a fraction for readers that guess types.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import orjson
import pyarrow as pa

from domain.tables import Column, Kind, Table

Value: TypeAlias = str | int | float | None
Row: TypeAlias = Sequence[Value]

ARROW_TYPES: Final[Mapping[Kind, pa.DataType]] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
}
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$|^$')


def arrow_schema(table: Table, about: Mapping[str, str] | None = None) -> pa.Schema:
    """Return the schema of ``table`` in Arrow and Parquet.

    Args:
        table: The table.
        about: What the metadata of the file say.
    """
    return pa.schema(
        [_field(column) for column in table.columns],
        metadata={key.encode(): value.encode() for key, value in (about or {}).items()},
    )


def csv_header(table: Table) -> str:
    """Return the first line of the CSV file of ``table``."""
    return csv_line([column.name for column in table.columns])


def csv_line(row: Row) -> str:
    """Return ``row`` as a line of CSV with its line feed."""
    return ",".join(map(_csv_value, row)) + "\n"


def json_line(columns: Sequence[Column], row: Row) -> str:
    """Return ``row`` as a JSON object on a line with its line feed."""
    names = (column.name for column in columns)
    return orjson.dumps(dict(zip(names, row, strict=True))).decode() + "\n"


def _field(column: Column) -> "pa.Field[pa.DataType]":
    about = {"title": column.title.en, "description": column.description.en}
    if column.unit is not None:
        about["unit"] = column.unit
    return pa.field(column.name, ARROW_TYPES[column.kind], column.nullable, metadata=about)


def _csv_value(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    if _QUOTED.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value
