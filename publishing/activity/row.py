"""A row of a report: units that a bank released for transplant in a year for an indication."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from domain.banks import BANK_CODES
from publishing.intake.faults import Code, Finding, shown
from publishing.intake.rules import EARLIEST, WHOLE, RuleBrokenError
from publishing.reference_rows import read_indications

COLUMNS = ("BANK_MANUF_ID", "YEAR", "INDICATION", "UNITS")
"""The fields of a row, in the order of the guide."""

MOST_UNITS = 9_999
"""Units of one bank, year and indication; all banks of the country together released fewer."""

_BANK, _YEAR, _INDICATION, _UNITS = COLUMNS
_LONGEST_YEAR = 4


@dataclass(frozen=True, slots=True)
class Row:
    """Units released for transplant: ``units`` of ``bank`` in ``year`` for ``indication``."""

    line: int
    bank: str
    year: int
    indication: str
    units: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row.

    Attributes:
        row: The row, or ``None`` if it is refused.
        faults: All that is wrong with it.
        bank: Its bank, where known.
        year: Its year, where known.
    """

    row: Row | None
    faults: list[Finding]
    bank: str | None
    year: int | None


def judge(line: int, texts: Mapping[str, str], today: dt.date, named: str | None) -> Verdict:
    """Check all of a row.

    Args:
        line: Where it stands.
        texts: Text by column, without outer white space, never empty.
        today: No report is of a later year.
        named: The bank that the file was submitted for, or ``None``: each row says it.
    """
    faults: list[Finding] = []
    bank = _bank(line, texts.get(_BANK), named, faults)
    values: dict[str, int | str] = {}
    for column, read in _RULES.items():
        text = texts.get(column)
        try:
            if text is None:
                raise RuleBrokenError(Code.MISSING, "must be there in each row")  # noqa: TRY301
            values[column] = read(text, today)
        except RuleBrokenError as broken:
            value = None if text is None else shown(text)
            message = f"{column} {broken.message}."
            faults.append(Finding(broken.code, message, line, column, value, bank))
    year = values.get(_YEAR)
    known = int(year) if year is not None else None
    if faults or bank is None or known is None:
        return Verdict(None, faults, bank, known)
    row = Row(line, bank, known, str(values[_INDICATION]), int(values[_UNITS]))
    return Verdict(row, faults, bank, known)


@cache
def indication_codes() -> frozenset[str]:
    """Return the codes of the indications that come with the program."""
    return frozenset(reference_order())


@cache
def reference_order() -> dict[str, int]:
    """Return the place of each indication in the table that comes with the program."""
    return {row.code: place for place, row in enumerate(read_indications())}


def _bank(line: int, text: str | None, named: str | None, faults: list[Finding]) -> str | None:
    if text is None:
        if named is None:
            message = f"{_BANK} is missing: put the bank's code there, or name it with --bank."
            faults.append(Finding(Code.MISSING, message, line, _BANK))
        return named
    if text not in BANK_CODES:
        if named is None:
            message = (
                f"{_BANK} must be one of {', '.join(BANK_CODES)}; "
                "name the bank with --bank if it has to say something else."
            )
            faults.append(Finding(Code.BANK_UNKNOWN, message, line, _BANK, shown(text)))
        return named
    if named not in (None, text):
        message = f"{_BANK} must be {named}, for which the file was submitted."
        faults.append(Finding(Code.BANK_DISAGREES, message, line, _BANK, shown(text), named))
        return None
    return text


def _year(text: str, today: dt.date) -> int:
    WHOLE.read(text)
    if len(text) != _LONGEST_YEAR or not text.isdecimal():
        raise RuleBrokenError(Code.NUMBER_INVALID, "must be a year of four digits such as 2024")
    year = int(text)
    if year > today.year:
        raise RuleBrokenError(Code.DATE_IN_FUTURE, f"must not be after {today.year}, this year")
    if year < EARLIEST.year:
        raise RuleBrokenError(
            Code.DATE_TOO_EARLY,
            f"must not be before {EARLIEST.year}, the first cord blood transplant",
        )
    return year


def _indication(text: str, _today: dt.date) -> str:
    if text in indication_codes():
        return text
    near = get_close_matches(text.upper(), sorted(indication_codes()), n=1)
    meant = f"; perhaps {near[0]} is meant" if near else ""
    raise RuleBrokenError(
        Code.VALUE_UNKNOWN, f"must be the code of an indication, for instance AML{meant}"
    )


def _units(text: str, _today: dt.date) -> int:
    value = WHOLE.read(text)
    if not 0 <= value <= MOST_UNITS:
        raise RuleBrokenError(
            Code.NUMBER_OUT_OF_RANGE, f"must lie between 0 and {MOST_UNITS:,} units in a year"
        )
    return int(value)


_RULES: dict[str, Callable[[str, dt.date], int | str]] = {
    _YEAR: _year,
    _INDICATION: _indication,
    _UNITS: _units,
}
