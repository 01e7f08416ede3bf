"""How many units reach a dose of cells, bank by bank; counted from the published classes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from domain.cell_dose import CellDose, Reach
from loaders.class_set import ClassSet


@dataclass(frozen=True, slots=True)
class DoseCount:
    """Units by whether they reach a dose.

    Attributes:
        bank: Code of the bank that stores them; ``None`` where it is not published.
        certain: Units whose whole bands reach it.
        possible: Units of which some value in the band reaches it; the certain ones too.
        unknown: Units that may reach it or not, for a count was not recorded or not published.
        units: All of them, those that fall short too.
    """

    bank: str | None
    certain: int
    possible: int
    unknown: int
    units: int


def dose_counts(classes: ClassSet, dose: CellDose) -> list[DoseCount]:
    """Return the counts of ``classes`` for each bank that has units there, ordered by code."""
    columns = classes.table.columns
    rows = np.flatnonzero(classes.mask)
    reach = np.full(len(rows), Reach.CERTAIN, np.int64)
    for name, reached in (("tnc", dose.of_tnc), ("cd34", dose.of_cd34)):
        column = columns[name]
        of_values = np.fromiter(map(reached, column.values), np.int64, len(column.values))
        reach = np.minimum(reach, of_values[column.codes[rows]])
    banks, rank = columns["bank"].ordered(lambda code: code or "")
    place = rank[columns["bank"].codes[rows]] * len(Reach) + reach
    size = len(banks) * len(Reach)
    sums = np.bincount(place, weights=classes.table.units[rows], minlength=size).astype(np.int64)
    return [
        _counted(bank, units)
        for bank, units in zip(banks, sums.reshape(-1, len(Reach)).tolist(), strict=True)
        if any(units)
    ]


def total_of(counts: Iterable[DoseCount]) -> DoseCount:
    """Return the counts of all banks together."""
    listed = list(counts)
    return DoseCount(
        None,
        sum(each.certain for each in listed),
        sum(each.possible for each in listed),
        sum(each.unknown for each in listed),
        sum(each.units for each in listed),
    )


def _counted(bank: str | None, units: list[int]) -> DoseCount:
    certain = units[Reach.CERTAIN]
    return DoseCount(
        bank, certain, certain + units[Reach.POSSIBLE], units[Reach.UNKNOWN], sum(units)
    )
