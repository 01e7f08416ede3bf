"""Reads an inventory in CSV as a stream: one unit a row, its fields named by the header."""

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from publishing.intake.entry import Entry
from publishing.intake.envelope import Attributes, Mode
from publishing.intake.faults import Code, FileFaultError, Finding, shown
from publishing.intake.fields import DROPPED, FIELDS
from publishing.intake.inventory import MAXIMUM_NAMES, MAXIMUM_TEXT, WHITE
from publishing.intake.line_reader import LineReader

_MARK = "#"
_ALWAYS = ("ID", "STATUS")
_MANDATORY = tuple(path for path, field in FIELDS.items() if field.mandatory)


class CsvReader(LineReader):
    """Reads one file."""

    def __init__(self, now: dt.datetime, take: Callable[[Entry], None]) -> None:
        super().__init__(now, take)
        self._attributes = Attributes()
        self._columns: list[str | None] | None = None  # None: the column is passed over

    def _end(self) -> None:
        if self._columns is None:
            self._fail(Code.COLUMN_MISSING, "The file has no line with the names of its columns.")
        super()._end()

    def _read(self, text: str) -> None:
        cells = self._cells(text)
        if not any(map(str.strip, cells)):  # as spreadsheets write them at the end
            return
        if self._columns is not None:
            self._read_row(self._columns, cells)
        elif cells[0].startswith(_MARK):
            self._read_attribute(cells)
        else:
            self._read_header([cell.strip(WHITE) for cell in cells])

    def _cells(self, text: str) -> list[str]:
        try:
            return next(csv.reader((text,), strict=True), [])
        except csv.Error as error:
            if "limit" in str(error):  # of the module, far beyond ours
                self._refuse_length(None)
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
                "#UPDATE_MODE=FULL.",
            )
        self.envelope.collect(self._attributes, name.strip(), text.strip(), self._lines.number)

    def _read_header(self, names: Sequence[str]) -> None:
        self._attributes.line = self._lines.number
        self.envelope.open_lines(self._attributes)
        problems = [*self._column_faults(names), *self._missing_columns(names)]
        for problem in problems[:-1]:
            self.faults.add(problem)
        if problems:
            raise FileFaultError(problems[-1])
        self._columns = [name if name in FIELDS else None for name in names]

    def _column_faults(self, names: Sequence[str]) -> Iterator[Finding]:
        line = self._lines.number
        if len(names) > MAXIMUM_NAMES:
            message = (
                f"The header has {len(names):,} columns, more than {MAXIMUM_NAMES:,}; this is no "
                "inventory."
            )
            self._fail(Code.COLUMN_UNKNOWN, message)
        for place, name in enumerate(names, start=1):
            first = names.index(name) + 1
            if not name:
                message = f"Column {place} has no name; name it, or remove it."
                yield Finding(Code.COLUMN_UNKNOWN, message, line)
            elif first != place:
                message = f"Column {place} has the name of column {first}."
                yield Finding(Code.COLUMN_REPEATED, message, line, shown(name))
            elif name not in FIELDS and name.partition("/")[0] not in DROPPED:
                message = f"Column {place} is not part of the format{_instead(name)}."
                yield Finding(Code.COLUMN_UNKNOWN, message, line, shown(name))

    def _missing_columns(self, names: Sequence[str]) -> Iterator[Finding]:
        needed = _ALWAYS if self.envelope.mode is Mode.DIFF else _MANDATORY
        for path in needed:
            if path not in names:
                message = f"The header must name {path}: each unit has it."
                yield Finding(Code.COLUMN_MISSING, message, self._lines.number, path)

    def _read_row(self, columns: Sequence[str | None], cells: Sequence[str]) -> None:
        self._units += 1
        entry = Entry(self._lines.number)
        if len(cells) == len(columns):
            self._fill(entry, columns, cells)
        else:
            entry.is_broken = True
            message = f"The row has {len(cells):,} values, and the header {len(columns):,} columns."
            entry.findings.append(Finding(Code.ROW_LENGTH, message, entry.line))
        self._take(entry)

    def _fill(
        self, entry: Entry, columns: Sequence[str | None], cells: Sequence[str]
    ) -> None:  # runs for some 50 cells of each unit
        texts = entry.texts
        for path, cell in zip(columns, cells, strict=True):
            if cell and path is not None and (text := cell.strip(WHITE)):
                if len(text) > MAXIMUM_TEXT:
                    self._refuse_length(path)
                texts[path] = text
        entry.lines = dict.fromkeys(texts, entry.line)
        if any(path.startswith("HLA/") for path in texts):
            entry.lines["HLA"] = entry.line


def _instead(name: str) -> str:
    """Return what the name may have been meant to be, as the end of a sentence."""
    if ";" in name or "\t" in name:
        return "; separate the columns by commas"
    near = get_close_matches(name.upper(), FIELDS, n=1)
    return f"; perhaps {near[0]} is meant" if near else ""
