"""What a filter of units asks for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.bands import UNRECORDED, Band
from domain.cell_dose import CellDose, Reach
from domain.periods import YearRange
from loaders.class_set import ClassSet
from loaders.class_table import ClassTable

Condition = tuple[str, Callable[[Any], bool]]
"""The name of an attribute, and what its value must meet."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The units of ``release`` that meet every condition; ``None`` sets no condition.

    Ranges match what is certain: a unit whose whole band lies inside. Cells are given in the
    unit of the band (TNC in 10^8, CD34 in 10^6), volumes in millilitres. An empty tuple matches
    nothing; what is not published or not recorded matches no condition. A dose matches units that
    reach it as surely as ``reach`` says.
    """

    release: int
    bank: tuple[str, ...] | None = None
    abo: tuple[str, ...] | None = None
    processing: tuple[str, ...] | None = None
    collected_from: int | None = None
    collected_to: int | None = None
    tnc_at_least: float | None = None
    tnc_below: float | None = None
    cd34_at_least: float | None = None
    cd34_below: float | None = None
    volume_at_least: float | None = None
    volume_below: float | None = None
    added_in: tuple[int, ...] | None = None
    dose: CellDose | None = None
    reach: Reach = Reach.CERTAIN

    def among(self, table: ClassTable) -> ClassSet:
        """Return the classes whose units are selected.

        A filter is answered from the classes, never by counting units: so every total is exact.
        """
        mask = table.held_by(self.release)
        for name, condition in self._conditions():
            mask &= table.columns[name].where(condition)
        return ClassSet(table, table.reach(self.release), mask)

    def _conditions(self) -> Iterator[Condition]:
        listed = {
            "bank": self.bank,
            "abo": self.abo,
            "processing": self.processing,
            "added": self.added_in,
        }
        for name, values in listed.items():
            if values is not None:
                yield name, frozenset[Any](values).__contains__
        if self.collected_from is not None or self.collected_to is not None:
            yield "period", self._holds_period
        ranges = {
            "tnc": (self.tnc_at_least, self.tnc_below),
            "cd34": (self.cd34_at_least, self.cd34_below),
            "volume": (self.volume_at_least, self.volume_below),
        }
        for name, (least, below) in ranges.items():
            if least is not None or below is not None:
                yield name, _inside(least, below)
        if self.dose is not None:
            yield "tnc", self._reached_by(self.dose.of_tnc)
            yield "cd34", self._reached_by(self.dose.of_cd34)

    def _reached_by(self, reached: Callable[[Band | None], Reach]) -> Callable[[Any], bool]:
        return lambda band: reached(band) >= self.reach

    def _holds_period(self, period: YearRange | None) -> bool:
        if period is None:
            return False
        first, last = self.collected_from, self.collected_to
        return (first is None or period.first >= first) and (last is None or period.last <= last)


def _inside(least: float | None, below: float | None) -> Callable[[Band | None], bool]:
    """Return the test whether a whole band lies in a range; the lowest band starts at 0."""

    def test(band: Band | None) -> bool:
        if band is None or band == UNRECORDED:
            return False
        lowest, end = band.minimum or 0.0, band.maximum
        return (least is None or lowest >= least) and (
            below is None or (end is not None and end <= below)
        )

    return test
