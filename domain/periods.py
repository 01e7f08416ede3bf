"""Ranges of calendar years."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class YearRange:
    """The calendar years ``first`` to ``last``, both included."""

    first: int
    last: int


def period_of(year: int, length: int) -> YearRange:
    """Return the period of ``length`` years that holds ``year``; periods start at multiples.

    >>> period_of(2017, 5)
    YearRange(first=2015, last=2019)
    """
    if length < 1:
        raise ValueError(f"a period is at least one year long, not {length}")
    first = year - year % length
    return YearRange(first, first + length - 1)
