"""The forms of an export: a line for each item, and the last line of one that was broken off."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import orjson

from api.export.columns import Column
from loaders.slices import slices

_QUOTED = re.compile(r'[",\r\n]|^[#\s]|\s$|^$')
"""What has to be in quotes: also what a reader could strip, or take for a comment or for null."""
_END = b"\r\n"


class Format(StrEnum):
    """The formats, as the parameter ``format`` names them."""

    NDJSON = "ndjson"
    CSV = "csv"


class Lines(ABC):
    """Writes items as lines."""

    content_type: str
    head = b""
    """What comes before the first item."""

    @abstractmethod
    def line(self, item: Mapping[str, Any]) -> bytes:
        """Return the line of one item."""

    @abstractmethod
    def ending(self, told: Mapping[str, Any]) -> bytes:
        """Return the line that says why there are no more."""

    async def lines(self, items: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the lines of a page."""
        here, written = slices(), []
        for item in items:
            written.append(self.line(item))
            if here.spent():
                await here.pause()
        return b"".join(written)


class NdjsonLines(Lines):
    """Each item as GraphQL answers it, byte for byte."""

    content_type = "application/x-ndjson"

    def line(self, item: Mapping[str, Any]) -> bytes:
        """Return its JSON."""
        return orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)

    def ending(self, told: Mapping[str, Any]) -> bytes:
        """Return an object that has ``errors``, as no item can have."""
        return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


class CsvLines(Lines):
    """Each item as a row (RFC 4180); see docs/export.md for how values are written."""

    def __init__(self, columns: Sequence[Column], *, header: bool) -> None:
        self.content_type = f"text/csv; charset=utf-8; header={'present' if header else 'absent'}"
        self._columns = columns
        if header:
            self.head = ",".join(".".join(column) for column in columns).encode() + _END

    def line(self, item: Mapping[str, Any]) -> bytes:
        """Return its values in the order of the columns."""
        return ",".join([_cell(_value(item, column)) for column in self._columns]).encode() + _END

    def ending(self, told: Mapping[str, Any]) -> bytes:
        """Return a comment, as no row can begin."""
        return b"# " + orjson.dumps(told) + _END


def _value(item: Mapping[str, Any] | None, column: Column) -> object:
    value: Any = item
    for name in column:
        if value is None:
            return None
        value = value[name]
    return value


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
