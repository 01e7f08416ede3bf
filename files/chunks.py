"""Some rows of a table on their way into files."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.published_tables import BATCH_CLASSES, UNITS
from domain.tables import Column, Table
from files.formats import ARROW_TYPES, Row, Value, csv_line, json_line


class Chunk(Protocol):
    """Rows of one table, in their order."""

    def __len__(self) -> int: ...

    def arrow(self) -> pa.Table:
        """Return the rows as columns."""

    def csv(self) -> str:
        """Return the rows as lines of CSV."""

    def jsonl(self) -> str:
        """Return the rows as JSON objects, one a line."""


class Rows:
    """Rows of a small table, as tuples."""

    def __init__(self, table: Table, rows: Sequence[Row]) -> None:
        self._table = table
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def arrow(self) -> pa.Table:
        """Return the rows as columns."""
        return _columns(self._table.columns, self._rows)

    def csv(self) -> str:
        """Return the rows as lines of CSV."""
        return "".join(map(csv_line, self._rows))

    def jsonl(self) -> str:
        """Return the rows as JSON objects, one a line."""
        return "".join(json_line(self._table.columns, row) for row in self._rows)


class UnitClasses:
    """The classes of a release, in which all that is said of a unit but its id is made once.

    Millions of units share a few thousand classes.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take rows of `BATCH_CLASSES`."""
        shared = UNITS.columns[1:]
        if shared != BATCH_CLASSES.columns[: len(shared)]:
            raise AssertionError("a unit says of its class what the class says of itself")
        values = [tuple(row[: len(shared)]) for row in rows]
        self.columns = _columns(shared, values)
        self.csv_ends = [f",{csv_line(row)}" for row in values]
        self.json_ends = [f'",{json_line(shared, row)[1:]}' for row in values]


class Units:
    """Units by the places of their classes among the rows that `UnitClasses` took."""

    def __init__(self, classes: UnitClasses, ids: list[str], places: NDArray[np.int64]) -> None:
        self._classes = classes
        self._ids = ids
        self._places = places

    def __len__(self) -> int:
        return len(self._ids)

    def arrow(self) -> pa.Table:
        """Return the units as columns."""
        shared = self._classes.columns.take(self._places)
        return shared.add_column(0, UNITS.columns[0].name, pa.array(self._ids, pa.string()))

    def csv(self) -> str:
        """Return the units as lines of CSV."""
        ends = self._classes.csv_ends
        return "".join(
            [
                unit + ends[place]
                for unit, place in zip(self._ids, self._places.tolist(), strict=True)
            ]
        )

    def jsonl(self) -> str:
        """Return the units as JSON objects, one a line."""
        ends = self._classes.json_ends
        return "".join(
            [
                '{"id":"' + unit + ends[place]
                for unit, place in zip(self._ids, self._places.tolist(), strict=True)
            ]
        )


def _columns(columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> pa.Table:
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pa.table(
        {
            column.name: pa.array(values, ARROW_TYPES[column.kind])
            for column, values in zip(columns, by_column, strict=True)
        }
    )
