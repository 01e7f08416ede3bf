"""Units read from the Parquet files of releases, and those of one release put together."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from domain.published_tables import UNITS
from domain.tables import Table
from files.formats import Row, Value
from files.layout import Format
from files.table_reader import InvalidTableError, read_rows
from files.unit_files import UnitRows

Classes: TypeAlias = Mapping[tuple[Value, ...], int]
"""Place of a class among the rows of batch_classes, by what its units share, ``added_in`` first."""

SHARED: Final = len(UNITS.columns) - 1
"""Columns that a unit and its class share."""

_CHUNK: Final = 65_536


def read_table(path: Path, table: Table) -> list[Row]:
    """Return the rows of a small table from its Parquet file.

    Raises:
        InvalidTableError: It holds another table.
    """
    return list(read_rows(path, table, Format.PARQUET))


def classes_of(rows: Sequence[Row]) -> Classes:
    """Return the places of ``rows`` of batch_classes by what units share with them.

    Raises:
        InvalidTableError: Two rows have the same values.
    """
    places = {tuple(row[:SHARED]): place for place, row in enumerate(rows)}
    if len(places) < len(rows):
        raise InvalidTableError("two classes have the same values")
    return places


def unit_rows(paths: Sequence[Path], classes: Classes) -> Iterator[UnitRows]:
    """Yield the units of ``classes`` that the files hold, by id; others are passed over.

    Args:
        paths: Parquet files of units; no unit of the classes stands in two of them.
        classes: Which units are wanted.

    Raises:
        InvalidTableError: A file holds another table, or units are not in the order of their ids.
    """
    streams = [_placed(path, classes) for path in paths]
    rows = streams[0] if len(streams) == 1 else merge(*streams)
    last = ""
    while chunk := list(islice(rows, _CHUNK)):
        ids, places = zip(*chunk, strict=True)
        found = list(ids)
        if not _ascend([last, *found]):
            raise InvalidTableError("units are not in the order of their ids, each once")
        last = found[-1]
        yield UnitRows(found, np.array(places, np.int64))


def _placed(path: Path, classes: Classes) -> Iterator[tuple[str, int]]:
    for row in read_rows(path, UNITS, Format.PARQUET):
        place = classes.get(row[1:])
        if place is not None:
            yield row[0], place  # type: ignore[misc]  # the schema says that it is a text


def _ascend(ids: Sequence[str]) -> bool:
    return all(one < other for one, other in zip(ids, islice(ids, 1, None), strict=False))
