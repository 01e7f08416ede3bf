"""What can be wrong with a submission: a closed set of codes, and where each was found."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

DETAIL_LIMIT = 10_000
"""Findings of one file that are kept in detail; all are counted."""

ECHO_LIMIT = 40
"""Characters of a submitted value that a message repeats."""


class Code(StrEnum):
    """Why a file or a unit is refused, or what a bank should know; see docs/intake.md."""

    # The file
    FILE_MISSING = "FILE_MISSING"
    NOT_A_FILE = "NOT_A_FILE"
    FILE_UNREADABLE = "FILE_UNREADABLE"
    FILE_CHANGED = "FILE_CHANGED"
    FILE_EMPTY = "FILE_EMPTY"
    FORMAT_UNKNOWN = "FORMAT_UNKNOWN"
    NOT_XML = "NOT_XML"
    NOT_CSV = "NOT_CSV"
    NOT_NDJSON = "NOT_NDJSON"
    XML_SYNTAX = "XML_SYNTAX"
    XML_TRUNCATED = "XML_TRUNCATED"
    XML_ENCODING = "XML_ENCODING"
    TEXT_ENCODING = "TEXT_ENCODING"
    CSV_SYNTAX = "CSV_SYNTAX"
    COLUMN_UNKNOWN = "COLUMN_UNKNOWN"
    COLUMN_REPEATED = "COLUMN_REPEATED"
    COLUMN_MISSING = "COLUMN_MISSING"
    JSON_SYNTAX = "JSON_SYNTAX"
    UNITS_DIFFER = "UNITS_DIFFER"
    DOCTYPE_FORBIDDEN = "DOCTYPE_FORBIDDEN"
    ROOT_WRONG = "ROOT_WRONG"
    NESTING_TOO_DEEP = "NESTING_TOO_DEEP"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    ELEMENT_MISPLACED = "ELEMENT_MISPLACED"
    ATTRIBUTE_INVALID = "ATTRIBUTE_INVALID"
    CONTENT_REFUSED = "CONTENT_REFUSED"
    NO_UNITS = "NO_UNITS"
    NO_ROWS = "NO_ROWS"
    ROWS_DIFFER = "ROWS_DIFFER"
    REPORT_UNTOLD = "REPORT_UNTOLD"
    TOO_MANY_FAULTS = "TOO_MANY_FAULTS"
    BANK_TWICE = "BANK_TWICE"
    KNOWN_UNDER_OTHER_BANK = "KNOWN_UNDER_OTHER_BANK"
    OUTDATED = "OUTDATED"
    SEQUENCE_BROKEN = "SEQUENCE_BROKEN"
    DELETION_UNKNOWN = "DELETION_UNKNOWN"
    SNAPSHOT_SHRINKS = "SNAPSHOT_SHRINKS"
    ORIGIN_CHANGES = "ORIGIN_CHANGES"

    # A unit
    MISSING = "MISSING"
    REPEATED = "REPEATED"
    ROW_LENGTH = "ROW_LENGTH"
    NESTED_ELEMENT = "NESTED_ELEMENT"
    STRAY_TEXT = "STRAY_TEXT"
    TOO_LONG = "TOO_LONG"
    LENGTH_WRONG = "LENGTH_WRONG"
    CHARACTERS_INVALID = "CHARACTERS_INVALID"
    VALUE_UNKNOWN = "VALUE_UNKNOWN"
    NUMBER_INVALID = "NUMBER_INVALID"
    NUMBER_OUT_OF_RANGE = "NUMBER_OUT_OF_RANGE"
    CELLS_NOT_ABSOLUTE = "CELLS_NOT_ABSOLUTE"
    DATE_INVALID = "DATE_INVALID"
    DATE_IN_FUTURE = "DATE_IN_FUTURE"
    DATE_TOO_EARLY = "DATE_TOO_EARLY"
    DATE_ORDER = "DATE_ORDER"
    COLLECTED_LATE = "COLLECTED_LATE"
    TNC_GREW = "TNC_GREW"
    CD34_SHARE = "CD34_SHARE"
    STATUS_DELETED = "STATUS_DELETED"
    HLA_INCOMPLETE = "HLA_INCOMPLETE"
    HLA_FORM = "HLA_FORM"
    HLA_LOCUS = "HLA_LOCUS"
    HLA_UNKNOWN = "HLA_UNKNOWN"
    HLA_MIXED = "HLA_MIXED"
    BANK_UNKNOWN = "BANK_UNKNOWN"
    BANK_DISAGREES = "BANK_DISAGREES"
    DUPLICATE_ID = "DUPLICATE_ID"
    DUPLICATE_ROW = "DUPLICATE_ROW"

    # Warnings: nothing is refused for them
    ATTRIBUTE_MISSING = "ATTRIBUTE_MISSING"
    DONOR_SKIPPED = "DONOR_SKIPPED"
    ELEMENT_UNKNOWN = "ELEMENT_UNKNOWN"
    ELEMENT_EMPTY = "ELEMENT_EMPTY"
    PROCESSED_LATE = "PROCESSED_LATE"
    HLA_DISAGREES = "HLA_DISAGREES"
    SUPERSEDED = "SUPERSEDED"


WARNINGS = frozenset(
    {
        Code.ATTRIBUTE_MISSING,
        Code.DONOR_SKIPPED,
        Code.ELEMENT_UNKNOWN,
        Code.ELEMENT_EMPTY,
        Code.PROCESSED_LATE,
        Code.HLA_DISAGREES,
        Code.SUPERSEDED,
    }
)
"""The codes for which nothing is refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault or a warning, and its place.

    Attributes:
        code: What kind of finding it is.
        message: The rule, as a sentence; never the value.
        line: Line of the element, from 1, or ``None`` where the file has no lines.
        field: Element or attribute, for instance ``TNC_FRZN`` or ``HLA/A/DNA/FIELD1``.
        value: What was found, escaped and cut, or ``None`` where it is not repeated.
        bank: Code of the bank, where known.
        unit: The bank's own number of the unit, escaped and cut, where known.
    """

    code: Code
    message: str
    line: int | None = None
    field: str | None = None
    value: str | None = None
    bank: str | None = None
    unit: str | None = None

    @property
    def is_warning(self) -> bool:
        """Whether nothing is refused for it."""
        return self.code in WARNINGS


class FileFaultError(Exception):
    """A fault that ends the reading of the file."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def shown(text: str) -> str:
    """Return ``text`` fit to be repeated in a message: cut to 40 characters, controls escaped."""
    escaped = printable(text[:ECHO_LIMIT])
    return escaped + "..." if len(text) > ECHO_LIMIT else escaped


def printable(text: str) -> str:
    """Return ``text`` with whatever does not print (controls, lone surrogates) escaped."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else f"\\u{ord(character):04x}" for character in text
    )


@dataclass(slots=True)
class Findings:
    """Findings of one kind, counted by code; the first `DETAIL_LIMIT` are kept in detail."""

    kept: list[Finding] = field(default_factory=list)
    counts: Counter[Code] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Count ``finding`` and keep it while there is room."""
        self.counts[finding.code] += 1
        if len(self.kept) < DETAIL_LIMIT:
            self.kept.append(finding)

    def add_first(self, finding: Finding) -> None:
        """Count ``finding``, which concerns the whole file, and keep it before all others."""
        self.counts[finding.code] += 1
        self.kept.insert(0, finding)
        del self.kept[DETAIL_LIMIT:]

    def put_first(self, others: "Findings") -> None:
        """Count ``others``, which concern the whole file, and keep them before all of these."""
        self.counts += others.counts
        self.kept[:0] = others.kept
        del self.kept[DETAIL_LIMIT:]
