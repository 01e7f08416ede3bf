"""The kinds of value that a field can hold, and how each is read from its text."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from publishing.intake.faults import Code

EARLIEST = dt.date(1988, 1, 1)
"""The year of the first cord blood transplant: no stored unit is older."""

_DATE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?", re.ASCII
)
_LONGEST_DATE = len("2020-01-01+08:00")
_REAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_TENTHS = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]0*)?|\.[0-9]0*)", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)


class RuleBrokenError(ValueError):
    """A value breaks the rule of its field."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Rule(Protocol):
    """How the text of a field becomes a value."""

    def read(self, text: str, today: dt.date) -> object:
        """Return the value of ``text`` (not empty, without outer white space).

        Raises:
            RuleBrokenError: ``text`` breaks the rule.
        """


@dataclass(frozen=True)
class Text:
    """Printable text of at most ``longest`` characters, or of exactly ``length``."""

    longest: int
    length: int | None = None

    def read(self, text: str, _today: dt.date) -> str:
        """Return ``text``."""
        if len(text) > self.longest:
            raise RuleBrokenError(Code.TOO_LONG, f"must have at most {self.longest} characters")
        if self.length is not None and len(text) != self.length:
            raise RuleBrokenError(Code.LENGTH_WRONG, f"must have exactly {self.length} characters")
        if not text.isprintable():
            raise RuleBrokenError(Code.CHARACTERS_INVALID, "must hold printable characters only")
        return text


@dataclass(frozen=True)
class Choice:
    """One of the ``values``."""

    values: tuple[str, ...]

    def read(self, text: str, _today: dt.date) -> str:
        """Return ``text``."""
        if text not in self.values:
            raise RuleBrokenError(Code.VALUE_UNKNOWN, f"must be one of {', '.join(self.values)}")
        return text


@dataclass(frozen=True)
class Number:
    """A number from ``minimum`` to ``maximum``, both included.

    ``form`` says how it is written: as `REAL`, `DECIMAL`, `TENTHS` or `WHOLE`.
    """

    form: "Form"
    minimum: float
    maximum: float

    def read(self, text: str, _today: dt.date) -> float:
        """Return the number."""
        value = self.form.read(text)
        if not self.minimum <= value <= self.maximum:
            raise RuleBrokenError(
                Code.NUMBER_OUT_OF_RANGE, f"must lie between {self.minimum:g} and {self.maximum:g}"
            )
        return value


@dataclass(frozen=True)
class Cells:
    """A count of cells, above zero; below ``plausible`` it was counted in another unit.

    ``example`` shows the same count in both ways.
    """

    maximum: float
    plausible: float
    example: str

    def read(self, text: str, _today: dt.date) -> float:
        """Return the count."""
        value = REAL.read(text)
        if not 0 < value <= self.maximum:
            raise RuleBrokenError(
                Code.NUMBER_OUT_OF_RANGE,
                f"must be a count of cells above 0 and at most {self.maximum:.4G}",
            )
        if value < self.plausible:
            raise RuleBrokenError(
                Code.CELLS_NOT_ABSOLUTE, f"must be an absolute count of cells: {self.example}"
            )
        return value


@dataclass(frozen=True)
class Day:
    """A calendar day since 1988, not after today unless ``may_come``."""

    may_come: bool = False

    def read(self, text: str, today: dt.date) -> dt.date:
        """Return the day; a time zone behind it is ignored."""
        day = _day(text) if len(text) <= _LONGEST_DATE else None
        if day is None:
            raise RuleBrokenError(Code.DATE_INVALID, "must be a real date, written YYYY-MM-DD")
        if day > today and not self.may_come:
            raise RuleBrokenError(Code.DATE_IN_FUTURE, "must not be in the future")
        if day < EARLIEST:
            raise RuleBrokenError(
                Code.DATE_TOO_EARLY,
                f"must not be before {EARLIEST}, the first cord blood transplant",
            )
        return day


@dataclass(frozen=True)
class Form:
    """How a number is written: what it is called, and the pattern of its text."""

    name: str
    pattern: re.Pattern[str]

    def read(self, text: str) -> float:
        """Return the number that ``text`` is; out of range of a double it is infinite."""
        if not self.pattern.fullmatch(text):
            raise RuleBrokenError(Code.NUMBER_INVALID, f"must be {self.name}")
        return float(text)


REAL = Form("a number such as 1.063E9, with a decimal point and no other signs", _REAL)
DECIMAL = Form("a number such as 98.5, with a decimal point and no exponent", _DECIMAL)
TENTHS = Form("a number with at most one decimal, such as 2.5", _TENTHS)
WHOLE = Form("a whole number", _WHOLE)


@lru_cache(maxsize=32_768)
def _day(text: str) -> dt.date | None:
    matched = _DATE.fullmatch(text)
    if not matched:
        return None
    try:
        return dt.date.fromisoformat(matched[1])
    except ValueError:
        return None
