"""Reads reports of activity in CSV or NDJSON as a stream: bytes go in, rows come out."""

import csv
import datetime as dt
import json
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import NoReturn

from publishing.activity.attributes import ReportAttributes
from publishing.activity.row import COLUMNS
from publishing.intake.faults import Code, FileFaultError, Finding, shown
from publishing.intake.inventory import MAXIMUM_TEXT, WHITE
from publishing.intake.lines import LineReading
from publishing.intake.source import Format

Take = Callable[[int, dict[str, str] | Finding], None]
"""Is called with the line of each row, and its texts by column or why there are none."""

_BANK = COLUMNS[0]
_MARK = "#"
_HEAD = "REPORT"
_FEW = 100


class ReportReader(LineReading):
    """Reads one file; memory stays the same however long it is.

    Args:
        now: The time of intake, with a zone.
        take: Called with each row.

    Attributes:
        attributes: What stands before the rows.
    """

    def __init__(self, now: dt.datetime, take: Take) -> None:
        super().__init__()
        self.attributes = ReportAttributes(now)
        self._take_row = take
        self._rows = 0

    def _end(self) -> None:
        """Check that there are as many rows as the file says."""
        self.attributes.check_rows(self._rows)

    def _take(self, row: dict[str, str] | Finding) -> None:
        self._rows += 1
        self._take_row(self._lines.number, row)

    def _check_length(self, column: str, text: str) -> None:
        if len(text) > MAXIMUM_TEXT:
            message = f"A value must not have more than {MAXIMUM_TEXT:,} characters."
            self._fail(Code.TEXT_TOO_LONG, message, column)

    def _fail(self, code: Code, message: str, column: str | None = None) -> NoReturn:
        finding = Finding(code, message, self._lines.number or None, column and shown(column))
        raise FileFaultError(finding)


class CsvReport(ReportReader):
    """One row a line, below a header."""

    def __init__(self, now: dt.datetime, take: Take) -> None:
        super().__init__(now, take)
        self._columns: list[str] | None = None

    def _end(self) -> None:
        if self._columns is None:
            self._fail(Code.COLUMN_MISSING, "The file has no line with the names of its columns.")
        super()._end()

    def _read(self, text: str) -> None:
        cells = [cell.strip(WHITE) for cell in self._cells(text)]
        if not any(cells):  # as spreadsheets write them at the end
            return
        if self._columns is not None:
            self._read_row(self._columns, cells)
        elif cells[0].startswith(_MARK):
            self._read_attribute(cells)
        else:
            self._columns = self._header(cells)
            self.attributes.close(self._lines.number)

    def _cells(self, text: str) -> list[str]:
        try:
            return next(csv.reader((text,), strict=True), [])
        except csv.Error:
            self._fail(
                Code.CSV_SYNTAX,
                "The row is broken: a value that begins with a quote must end with one on the "
                'same line, followed by a comma, and a quote inside it is written "".',
            )

    def _read_attribute(self, cells: Sequence[str]) -> None:
        name, sign, text = cells[0].removeprefix(_MARK).partition("=")
        if not sign or any(cells[1:]):
            self._fail(
                Code.CSV_SYNTAX,
                "A line before the header that begins with # must hold one attribute, such as "
                "#ROWS=120.",
            )
        self.attributes.collect(name.strip(), text.strip(), self._lines.number)

    def _header(self, names: list[str]) -> list[str]:
        if len(names) > _FEW:
            message = f"The header has {len(names):,} columns; this is no report of activity."
            self._fail(Code.COLUMN_UNKNOWN, message)
        for place, name in enumerate(names, start=1):
            if name not in COLUMNS:
                message = f"Column {place} is not part of the format{_instead(name)}."
                self._fail(Code.COLUMN_UNKNOWN, message, name or None)
            if names.index(name) + 1 != place:
                message = f"Column {place} has the name of column {names.index(name) + 1}."
                self._fail(Code.COLUMN_REPEATED, message, name)
        for name in COLUMNS:
            if name not in names and name != _BANK:
                self._fail(Code.COLUMN_MISSING, f"The header must name {name}.", name)
        return names

    def _read_row(self, columns: list[str], cells: list[str]) -> None:
        if len(cells) != len(columns):
            message = f"The row has {len(cells):,} values, and the header {len(columns):,} columns."
            self._take(Finding(Code.ROW_LENGTH, message, self._lines.number))
            return
        texts = {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
        for column, text in texts.items():
            self._check_length(column, text)
        self._take(texts)


class NdjsonReport(ReportReader):
    """One object a line; the first may hold the attributes."""

    def __init__(self, now: dt.datetime, take: Take) -> None:
        super().__init__(now, take)
        self._is_open = False

    def _read(self, text: str) -> None:
        if not text.strip():
            return
        members = self._members(text)
        is_first, self._is_open = not self._is_open, True
        if is_first and [name for name, _ in members] == [_HEAD]:
            self._read_attributes(members[0][1])
            return
        if is_first:
            self.attributes.close(self._lines.number)
        self._take(self._row(members))

    def _members(self, text: str) -> "_Members":
        try:
            value = _DECODER.decode(text)
        except json.JSONDecodeError as error:
            message = (
                f"The line is broken at column {error.colno} ({error.msg}): each line must hold "
                "one whole JSON object."
            )
            self._fail(Code.JSON_SYNTAX, message)
        except RecursionError:
            self._fail(Code.NESTING_TOO_DEEP, "The objects of the line are nested too deeply.")
        if not isinstance(value, _Members):
            self._fail(Code.JSON_SYNTAX, "Each line must hold one JSON object, a row.")
        return value

    def _read_attributes(self, value: object) -> None:
        if not isinstance(value, _Members):
            self._fail(Code.JSON_SYNTAX, f"{_HEAD} must be an object of attributes.", _HEAD)
        for name, content in value:
            text = _text(content)
            self.attributes.collect(name, (text or "").strip(), self._lines.number)
        self.attributes.close(self._lines.number)

    def _row(self, members: "_Members") -> dict[str, str] | Finding:
        texts: dict[str, str] = {}
        for name, value in members:
            text = _text(value)
            fault = _fault(name, value, text, texts)
            if fault:
                return Finding(*fault, self._lines.number, shown(name))
            if text is not None and (text := text.strip(WHITE)):
                self._check_length(name, text)
                texts[name] = text
        return texts


class _Members(tuple[tuple[str, object], ...]):
    """The members of a JSON object in their order, also those that stand twice."""

    __slots__ = ()


# Numbers stay the text that the bank wrote, so that they are judged as those in CSV.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=str
)


def open_report(format_: Format, now: dt.datetime, take: Take) -> ReportReader:
    """Return a reader of files in ``format_`` that calls ``take`` with each row.

    Raises:
        FileFaultError: Reports are not written in this format.
    """
    if format_ is Format.XML:
        message = "Reports of activity are CSV or NDJSON; name the file .csv or .ndjson."
        raise FileFaultError(Finding(Code.FORMAT_UNKNOWN, message, 1))
    return (CsvReport if format_ is Format.CSV else NdjsonReport)(now, take)


def _fault(
    name: str, value: object, text: str | None, texts: dict[str, str]
) -> tuple[Code, str] | None:
    if name not in COLUMNS:
        return Code.COLUMN_UNKNOWN, f"{shown(name)} is not part of the format{_instead(name)}."
    if name in texts:
        return Code.REPEATED, f"{name} must stand once in a row."
    if text is None and value is not None:
        return Code.NESTED_ELEMENT, f"{name} must hold a text or a number."
    return None


def _text(value: object) -> str | None:
    """Return a text, number or truth value as text; ``None`` for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


def _instead(name: str) -> str:
    """Return what the name may have been meant to be, as the end of a sentence."""
    if ";" in name or "\t" in name:
        return "; separate the columns by commas"
    near = get_close_matches(name.upper(), COLUMNS, n=1)
    return f"; perhaps {near[0]} is meant" if near else f"; there are {', '.join(COLUMNS)}"
