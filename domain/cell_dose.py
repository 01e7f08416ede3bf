"""How many cells a recipient needs, and whether a band of a unit's cells reaches that."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

from domain.bands import UNRECORDED, Band

MINIMUM_TNC_PER_KG = 3.0e7
"""Total nucleated cells of the frozen unit for each kilogram of the recipient of a single unit.

Dehn et al., Blood 2019;134:924 (doi 10.1182/blood.2019001212), who also give 1.5e5 CD34+ cells.
"""

LIGHTEST_KG, HEAVIEST_KG = 1.0, 250.0
"""Weights that a recipient can have; beyond them the number is in another unit, or a slip."""
FEWEST_TNC_PER_KG, MOST_TNC_PER_KG = 1.0e6, 5.0e8
"""A thirtieth of the guideline's minimum, and what not even a newborn is given."""
FEWEST_CD34_PER_KG, MOST_CD34_PER_KG = 1.0e4, 1.0e7
"""A fifteenth of the guideline's minimum, and what no single unit has for a child."""

_TNC_IN_BAND = 10**8
_CD34_IN_BAND = 10**6
_GRAMS = 1000
_POUNDS = 2.20462


class Reach(IntEnum):
    """Whether the cells of a unit reach a dose. The lower of two measures decides for both."""

    SHORT = 0
    UNKNOWN = 1
    POSSIBLE = 2
    CERTAIN = 3


class InvalidDoseError(ValueError):
    """A weight or a dose that no recipient has.

    Attributes:
        name: Which of the attributes of `CellDose`.
        message: A sentence with the value, the rule and what was perhaps meant.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


@dataclass(frozen=True, slots=True)
class CellDose:
    """The cells that one unit must have for a recipient.

    What is decided is decided exactly: numbers count as the decimals that they are written with,
    so that 26.7 kg need 8.01 x 10^8 cells at 3 x 10^7 a kilogram, and not a hair more or less.

    Attributes:
        weight_kg: Body weight of the recipient in kilograms.
        tnc_per_kg: Total nucleated cells of the frozen unit (``TNC_FRZN``) for each kilogram.
        cd34_per_kg: CD34+ cells of the frozen unit (``CD34PC_FRZN``) for each kilogram; ``None``
            sets no condition.

    Raises:
        InvalidDoseError: A number is not finite, or out of any range that makes sense.
    """

    weight_kg: float
    tnc_per_kg: float = MINIMUM_TNC_PER_KG
    cd34_per_kg: float | None = None

    def __post_init__(self) -> None:
        _check_weight(self.weight_kg)
        _check_tnc(self.tnc_per_kg)
        if self.cd34_per_kg is not None:
            _check_cd34(self.cd34_per_kg)

    @property
    def tnc_needed(self) -> Fraction:
        """Total nucleated cells that the unit must have, in 10^8."""
        return exactly(self.weight_kg) * exactly(self.tnc_per_kg) / _TNC_IN_BAND

    @property
    def cd34_needed(self) -> Fraction | None:
        """CD34+ cells that the unit must have, in 10^6; ``None`` without a condition."""
        if self.cd34_per_kg is None:
            return None
        return exactly(self.weight_kg) * exactly(self.cd34_per_kg) / _CD34_IN_BAND

    def of_tnc(self, band: Band | None) -> Reach:
        """Tell whether a unit with this band of total nucleated cells, in 10^8, reaches the dose.

        ``None`` is a band that is not published.
        """
        return reach(band, self.tnc_needed)

    def of_cd34(self, band: Band | None) -> Reach:
        """Tell the same of a band of CD34+ cells, in 10^6; any reaches what was not asked for."""
        needed = self.cd34_needed
        return Reach.CERTAIN if needed is None else reach(band, needed)


def reach(band: Band | None, needed: Fraction) -> Reach:
    """Tell whether a value of ``band`` is ``needed`` or more: all values, some, or none.

    Args:
        band: ``minimum <= value < maximum``; the lowest band starts at 0, the highest never ends.
            What was not recorded, or is not published, could be anything.
        needed: Above 0, in the unit of the band.
    """
    if band is None or band == UNRECORDED:
        return Reach.UNKNOWN
    if band.minimum is not None and exactly(band.minimum) >= needed:
        return Reach.CERTAIN
    if band.maximum is None or exactly(band.maximum) > needed:
        return Reach.POSSIBLE
    return Reach.SHORT


def exactly(value: float) -> Fraction:
    """Return the number that ``value`` is written as, not the binary one nearest to it."""
    return Fraction(Decimal(repr(value)))


def _check_weight(value: float) -> None:
    rule = f"a body weight in kilograms, from {LIGHTEST_KG:g} to {HEAVIEST_KG:g}"
    _check("weight_kg", value, rule, _between(LIGHTEST_KG, HEAVIEST_KG), _weight_meant)


def _check_tnc(value: float) -> None:
    rule = "a number of nucleated cells for each kilogram, from 1e6 to 5e8"
    fits = _between(FEWEST_TNC_PER_KG, MOST_TNC_PER_KG)
    _check("tnc_per_kg", value, rule, fits, _scaled((1e7, 1e6, 1e8), 1e7, 1e8))


def _check_cd34(value: float) -> None:
    rule = "a number of CD34+ cells for each kilogram, from 1e4 to 1e7"
    fits = _between(FEWEST_CD34_PER_KG, MOST_CD34_PER_KG)
    _check("cd34_per_kg", value, rule, fits, _scaled((1e5, 1e6, 1e4), 1e5, 1e6))


def _check(
    name: str,
    value: float,
    rule: str,
    fits: Callable[[float], bool],
    meant: Callable[[float], str],
) -> None:
    if math.isfinite(value) and fits(value):
        return
    hint = meant(value) if math.isfinite(value) and value > 0 else ""
    raise InvalidDoseError(name, f"{_shown(value)} is not {rule}.{hint}")


def _between(least: float, most: float) -> Callable[[float], bool]:
    return lambda value: least <= value <= most


def _weight_meant(value: float) -> str:
    fits = _between(LIGHTEST_KG, HEAVIEST_KG)
    if fits(value / _GRAMS) and value > HEAVIEST_KG:
        return f" It looks like grams: did you mean {value / _GRAMS:g}?"
    if fits(value / _POUNDS) and value > HEAVIEST_KG:
        return f" If it is in pounds, write {value / _POUNDS:.1f}."
    return ' Write kilograms, such as "12.5".'


def _scaled(scales: tuple[float, ...], least: float, most: float) -> Callable[[float], str]:
    """Return what says which common dose was meant, where a power of ten was left out."""

    def meant(value: float) -> str:
        if value > most:
            return " It looks like the cells of a whole unit: divide by the weight."
        common = next((value * each for each in scales if least <= value * each <= most), None)
        return "" if common is None else f" Did you mean {_power(common)}?"

    return meant


def _power(value: float) -> str:
    """Write a count of cells: ``3e7``."""
    digits, _, exponent = f"{value:e}".partition("e")
    return f"{float(digits):g}e{int(exponent)}"


def _shown(value: float) -> str:
    """Write a number with all its digits, so that what is just too much is not shown rounded."""
    return repr(value).removesuffix(".0")
