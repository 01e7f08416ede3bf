"""What a picture shows, as a table: to be drawn, to be read, and to be taken along."""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

UNRECORDED = "unrecorded"
"""Stands for what the bank did not record."""
UNPUBLISHED = ""
"""Stands for what the scheme does not publish."""
_BAND = re.compile(r"\[([0-9.]+),")

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with, lest a spreadsheet runs it."""


@dataclass(frozen=True)
class Row:
    """One mark of a picture.

    Attributes:
        codes: What it stands for, in words that never change: one for each dimension.
        labels: The same for people.
        units: How many units.
    """

    codes: Sequence[str]
    labels: Sequence[str]
    units: int


@dataclass(frozen=True)
class Table:
    """The marks of a picture, in its order.

    Attributes:
        columns: Names of the dimensions, in words that never change.
        rows: One for each mark.
    """

    columns: Sequence[str]
    rows: Sequence[Row]

    @property
    def total(self) -> int:
        """Units of all rows."""
        return sum(row.units for row in self.rows)

    @property
    def most(self) -> Row:
        """The row with the most units."""
        return max(self.rows, key=lambda row: row.units)

    @property
    def least(self) -> Row:
        """The row with the fewest units."""
        return min(self.rows, key=lambda row: row.units)

    def labels(self, dimension: int) -> list[str]:
        """Return the labels of a dimension, each once: bands ascending, others as they come."""
        codes = {row.labels[dimension]: row.codes[dimension] for row in self.rows}
        return sorted(codes, key=lambda label: _rank(codes[label]))

    def as_csv(self) -> bytes:
        """Return the table as CSV (RFC 4180) in UTF-8."""
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow([*self.columns, "units"])
        for row in self.rows:
            writer.writerow([*map(_harmless, row.codes), row.units])
        return written.getvalue().encode()


def _rank(code: str) -> float:
    """Return where a band stands; what is no band has no rank of its own."""
    band = _BAND.match(code)
    if band:
        return float(band[1])
    return {UNRECORDED: math.inf, UNPUBLISHED: math.inf}.get(code, 0.0)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text
