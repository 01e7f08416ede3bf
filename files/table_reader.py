"""Reads the rows of a table from a file of any format; whoever wrote it may be hostile.

Little is held in memory at once, and a line or a row group that is too long is refused.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from domain.tables import Column, Kind, Table
from files.formats import Value, arrow_schema
from files.layout import Format

Values: TypeAlias = tuple[Value, ...]

_LONGEST_LINE: Final = 65_536
_LARGEST_GROUP: Final = 1 << 30
_BATCH: Final = 1_024
_LARGEST_BATCH: Final = 1 << 26
_DAMAGE: Final = (
    OSError,
    EOFError,
    ValueError,
    ArithmeticError,
    csv.Error,
    zlib.error,
    pa.ArrowException,
)
_TYPES: Final[Mapping[Kind, type]] = {Kind.TEXT: str, Kind.INTEGER: int, Kind.NUMBER: float}


class InvalidTableError(ValueError):
    """A file that does not hold the table that it should; the message says what is wrong."""


def read_rows(path: Path, table: Table, written_as: Format) -> Iterator[Values]:
    """Yield the rows of ``table`` from ``path``, in their order.

    Raises:
        InvalidTableError: The file is damaged, has other columns, or a value of another type.
    """
    readers: Mapping[Format, Callable[[Path, Table], Iterator[Values]]] = {
        Format.PARQUET: _read_parquet,
        Format.CSV: _read_csv,
        Format.JSONL: _read_jsonl,
    }
    place = 0
    rows = readers[written_as](path, table)
    try:
        for place, row in enumerate(rows, 1):  # noqa: B007 - named in the message
            yield row
    except InvalidTableError:
        raise
    except _DAMAGE as error:
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise InvalidTableError(f"it cannot be read after row {place}: {said[:200]}") from error


def check_values(table: Table, row: Values) -> None:
    """Refuse a row of ``table`` with a value that its description does not allow.

    Raises:
        InvalidTableError: The message names the column.
    """
    for column, value in zip(table.columns, row, strict=True):
        if value is None:
            if not column.nullable:
                raise InvalidTableError(f"{column.name} is absent")
        elif type(value) is not _TYPES[column.kind]:
            raise InvalidTableError(f"{column.name} is not of type {column.kind.value}")
        elif column.allowed and value not in {allowed.value for allowed in column.allowed}:
            raise InvalidTableError(f"{column.name} has a value that is not allowed")


def _read_parquet(path: Path, table: Table) -> Iterator[Values]:
    file = pq.ParquetFile(path)
    if not file.schema_arrow.equals(arrow_schema(table), check_metadata=False):
        raise InvalidTableError("its columns are not those of the table")
    for group in range(file.metadata.num_row_groups):
        if file.metadata.row_group(group).total_byte_size > _LARGEST_GROUP:
            raise InvalidTableError(f"row group {group} is larger than {_LARGEST_GROUP:,} bytes")
    # Few rows at a time: a short file may say a long text in each of its rows.
    for batch in file.iter_batches(_BATCH):
        if batch.nbytes > _LARGEST_BATCH:
            raise InvalidTableError(f"{_BATCH:,} rows are larger than {_LARGEST_BATCH:,} bytes")
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _read_csv(path: Path, table: Table) -> Iterator[Values]:
    parse = [_parser(column) for column in table.columns]
    with gzip.open(path, "rb") as file:
        rows = csv.reader((line.decode() for line in _lines(file)), strict=True)
        if next(rows, None) != [column.name for column in table.columns]:
            raise InvalidTableError("its header is not that of the table")
        for row in rows:
            yield tuple(read(text) for read, text in zip(parse, row, strict=True))


def _read_jsonl(path: Path, table: Table) -> Iterator[Values]:
    names = [column.name for column in table.columns]
    with gzip.open(path, "rb") as file:
        for line in _lines(file):
            row = orjson.loads(line)
            if not isinstance(row, dict) or list(row) != names:
                raise InvalidTableError("a line is not an object with the columns of the table")
            yield tuple(row.values())


def _lines(file: gzip.GzipFile) -> Iterator[bytes]:
    while line := file.readline(_LONGEST_LINE):
        if not line.endswith(b"\n"):
            raise InvalidTableError(f"a line is unfinished or longer than {_LONGEST_LINE:,} bytes")
        yield line


def _parser(column: Column) -> Callable[[str], Value]:
    kind = _TYPES[column.kind]
    if column.nullable:
        return lambda text: kind(text) if text else None
    return kind
