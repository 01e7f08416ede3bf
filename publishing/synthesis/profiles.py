"""What makes the seven synthetic banks differ: size, start, region, blood groups, processing.

Only the places and the years of the first collections lean on published facts. Shares, shifts
and methods are choices of the design, and say nothing about the real banks.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from domain.banks import BANK_CODES

FIRST_YEAR = 1998
"""Collections began in Guangdong (doi 10.1080/14653240600920790: 4,147 units, 1998 to 2005)."""
LAST_YEAR = 2024


class Region(StrEnum):
    """Populations whose HLA frequencies are told apart."""

    NORTH = "north"
    EAST = "east"
    SOUTH = "south"


class Processing(NamedTuple):
    """WMDA ``PROC_METH``, ``PROC_METH_TYPE`` and ``PROD_MOD``."""

    method: str
    device: str
    modification: str


SEPAX = Processing("HES", "SPX", "PRR")
HES_BY_HAND = Processing("HES", "MAN", "RBR")
AXP = Processing("CEN", "AXP", "PRR")
BUFFY_COAT = Processing("CEN", "OTP", "BCE")
PLASMA_ONLY = Processing("CEN", "MAN", "PLR")


@dataclass(frozen=True)
class BankProfile:
    """How one bank's units are drawn.

    Attributes:
        code: One of `domain.banks.BANK_CODES`.
        share: The bank's share of all units, 0 to 1.
        first_year: Year of the first collections.
        region: Whose HLA frequencies its donors have.
        processing: Method of 92 % of its units.
        other_processing: Method of the rest.
        blood_shift: Added to the national share of an ABO group, before adding up to 1 again.
            O rises and B falls from north to south (doi 10.1016/j.heliyon.2022.e10568); the size
            of the shift is a choice of the design.
        cd34_since: Year from which the bank counted CD34+ cells.
    """

    code: str
    share: float
    first_year: int
    region: Region
    processing: Processing
    other_processing: Processing
    blood_shift: dict[str, float] = field(default_factory=dict)
    cd34_since: int = FIRST_YEAR


MAIN_PROCESSING_SHARE = 0.92
_NORTHERN_BLOOD = {"B": 0.03}
_SOUTHERN_BLOOD = {"O": 0.05}

# No study of Sichuan's HLA is at hand: its donors are drawn as those of the east.
_PROFILES = {
    profile.code: profile
    for profile in (
        BankProfile("BJ", 0.22, 2002, Region.NORTH, SEPAX, PLASMA_ONLY, _NORTHERN_BLOOD),
        BankProfile("TJ", 0.13, 2001, Region.NORTH, HES_BY_HAND, SEPAX, _NORTHERN_BLOOD, 2005),
        BankProfile("SH", 0.12, 2004, Region.EAST, BUFFY_COAT, SEPAX),
        BankProfile("ZJ", 0.09, 2001, Region.EAST, HES_BY_HAND, SEPAX),
        BankProfile("SD", 0.15, 2001, Region.NORTH, AXP, HES_BY_HAND, _NORTHERN_BLOOD),
        BankProfile("GD", 0.20, 1998, Region.SOUTH, SEPAX, BUFFY_COAT, _SOUTHERN_BLOOD),
        BankProfile("SC", 0.09, 1999, Region.EAST, PLASMA_ONLY, HES_BY_HAND),
    )
}

PROFILES = tuple(_PROFILES[code] for code in BANK_CODES)
"""The profiles in the order of `domain.banks.BANK_CODES`."""


def apportion(units: int) -> dict[str, int]:
    """Split ``units`` over the banks by their shares; at least one for each.

    Args:
        units: At least as many as there are banks.

    Returns:
        Number of units by bank code, adding up to ``units``.
    """
    spare = units - len(PROFILES)
    exact = {profile.code: profile.share * spare for profile in PROFILES}
    counts = {code: 1 + int(part) for code, part in exact.items()}
    by_remainder = sorted(exact, key=lambda code: int(exact[code]) - exact[code])
    for code in by_remainder[: units - sum(counts.values())]:
        counts[code] += 1
    return counts
