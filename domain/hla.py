"""HLA loci, and how numbers of typed units are rounded before anybody reads them."""

from typing import Final

LOCI: Final = ("A", "B", "C", "DRB1", "DQB1")
"""The loci of frequency tables."""

OTHER: Final = "OTHER"
"""What stands for the groups of a table that are not shown."""

LEAST: Final = 20
"""Fewest units of a cell, of what a cell lacks, and of what changes between two releases.

Health data for the public are held to 11 or to 20 (El Emam, Guide to the De-Identification of
Personal Health Information, chapter on precedents of cell sizes); HLA is held to the stricter one.
"""


def rounded_down(units: int, least: int = LEAST) -> int:
    """Return the multiple of ``least`` that is not above ``units``, which are not negative."""
    return units - units % least


def rounded_homozygotes(units: int, least: int = LEAST) -> int:
    """Return the multiple of twice ``least`` that is next to ``units``: 0 stands for fewer."""
    return (units + least) // (2 * least) * 2 * least


def homozygote_range(units: int, least: int = LEAST) -> tuple[int, int]:
    """Return the fewest and most homozygotes that are rounded as ``units`` are."""
    rounded = rounded_homozygotes(units, least)
    return max(0, rounded - least), rounded + least - 1


def frequency(copies: int, typed: int) -> float:
    """Return the frequency of a group among the genes of ``typed`` units, to six decimals.

    Args:
        copies: Copies of the group: units that have it once, and twice those that have it twice.
        typed: Units of which both values of the locus are known, at least 1; each has two genes.
    """
    return round(min(1.0, copies / (2 * typed)), 6)


def remaining_frequency(shown: float) -> float:
    """Return what frequencies that add up to ``shown`` leave for all others, 0 to 1."""
    return round(max(0.0, 1.0 - shown), 6)
