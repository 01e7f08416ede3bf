"""The published tables: the one description from which all formats and metadata are made.

Parquet schemas, CSV headers, Data Package, Croissant, DCAT and the documentation say what stands
here, so that none can disagree with the files. A table that a release does not have is empty in
its files.
"""

from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = "1"
"""Version of the description. It changes when a column is added; columns never change meaning."""


@dataclass(frozen=True, slots=True)
class Text:
    """A title or description in both languages."""

    en: str
    zh: str


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    """A whole number of at most 63 bits."""
    NUMBER = "number"
    """A binary floating point number of 64 bits, never NaN or infinite."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A value that a column may have."""

    value: str
    description: Text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: Lower case, as in every file.
        kind: What the values are.
        title: A few words.
        description: What a value says, and what its absence says.
        nullable: Whether a value can be absent. Absent is null in Parquet and JSON, and nothing
            between two commas in CSV.
        unit: What a number counts, or ``None``.
        allowed: All values that a text may have; empty: any.
        pattern: Regular expression that every text matches as a whole, or ``None``.
        references: ``table.column`` in which every value stands, or ``None``.
    """

    name: str
    kind: Kind
    title: Text
    description: Text
    nullable: bool = False
    unit: str | None = None
    allowed: tuple[Allowed, ...] = ()
    pattern: str | None = None
    references: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A published table.

    Attributes:
        name: Lower case; files are called ``<name>.parquet`` and so on.
        title: A few words.
        description: What a row is, and what the table holds.
        columns: In the order of the files.
        key: Names of the columns that no two rows share. Rows are sorted by these, as bytes of
            UTF-8 and as numbers, unless ``sorted_by`` says otherwise.
        sorted_by: How rows are sorted where it is not by the key, in words; else ``None``.
    """

    name: str
    title: Text
    description: Text
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sorted_by: str | None = None

    def column(self, name: str) -> Column:
        """Return the column ``name``.

        Raises:
            LookupError: There is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise LookupError(f"table {self.name} has no column {name}")
