"""A scheme: the frozen levels at which attributes are published."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from domain.bands import Band, band_of, bands_between, check_cuts
from domain.disclosure import MINIMUM_CLASS
from domain.periods import period_of
from domain.units import AboGroup, ProcessingMethod, UnitClass

CELLS_PER_TNC = 1e8
"""Total nucleated cells are banded in units of 10^8 cells."""
CELLS_PER_CD34 = 1e6
"""CD34+ cells are banded in units of 10^6 cells."""


@dataclass(frozen=True)
class Scheme:
    """Which attributes are published and how finely.

    Attributes:
        number: Number of the scheme; a unit's public id is stable inside it.
        k: Fewest members of a published class; never below `MINIMUM_CLASS`.
        period_years: Length of a collection period, or ``None``: not published.
        abo: Whether the ABO group is published.
        tnc_cuts: Cut points of the TNC bands in 10^8 cells, or ``None``: not published.
        cd34_cuts: Cut points of the CD34 bands in 10^6 cells, or ``None``.
        volume_cuts: Cut points of the volume bands in millilitres, or ``None``.
        processing: Whether the processing method is published.
        bank: Whether the bank is published; stored levels that do not say so publish it.
    """

    number: int
    k: int
    period_years: int | None
    abo: bool
    tnc_cuts: tuple[float, ...] | None
    cd34_cuts: tuple[float, ...] | None
    volume_cuts: tuple[float, ...] | None
    processing: bool
    bank: bool = True

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"a scheme's number starts at 1, not {self.number}")
        if self.k < MINIMUM_CLASS:
            raise ValueError(f"k must be at least {MINIMUM_CLASS}, not {self.k}")
        if self.period_years is not None and self.period_years < FINEST_PERIOD_YEARS:
            raise ValueError(
                f"period_years must be at least {FINEST_PERIOD_YEARS}, not {self.period_years}"
            )
        for cuts in (self.tnc_cuts, self.cd34_cuts, self.volume_cuts):
            if cuts is not None:
                check_cuts(cuts)

    @cached_property
    def tnc_bands(self) -> tuple[Band, ...] | None:
        """The TNC bands, lowest first."""
        return bands_between(self.tnc_cuts) if self.tnc_cuts else None

    @cached_property
    def cd34_bands(self) -> tuple[Band, ...] | None:
        """The CD34 bands, lowest first."""
        return bands_between(self.cd34_cuts) if self.cd34_cuts else None

    @cached_property
    def volume_bands(self) -> tuple[Band, ...] | None:
        """The volume bands, lowest first."""
        return bands_between(self.volume_cuts) if self.volume_cuts else None

    def generalise(
        self,
        *,
        bank: str,
        collected: dt.date,
        abo: AboGroup,
        tnc: float | None,
        cd34: float | None,
        volume: float | None,
        processing: ProcessingMethod,
    ) -> UnitClass:
        """Return the class of a unit; cells are absolute counts, ``volume`` is in millilitres."""
        return UnitClass(
            bank=bank if self.bank else None,
            period=period_of(collected.year, self.period_years) if self.period_years else None,
            abo=abo if self.abo else None,
            tnc=_banded(tnc, CELLS_PER_TNC, self.tnc_bands),
            cd34=_banded(cd34, CELLS_PER_CD34, self.cd34_bands),
            volume=_banded(volume, 1.0, self.volume_bands),
            processing=processing if self.processing else None,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the levels as plain data, the form that is stored and shown."""
        return {
            "k": self.k,
            "period_years": self.period_years,
            "abo": self.abo,
            "tnc_cuts": self.tnc_cuts and list(self.tnc_cuts),
            "cd34_cuts": self.cd34_cuts and list(self.cd34_cuts),
            "volume_cuts": self.volume_cuts and list(self.volume_cuts),
            "processing": self.processing,
            "bank": self.bank,
        }

    @classmethod
    def from_json(cls, number: int, levels: Mapping[str, Any]) -> "Scheme":
        """Rebuild a scheme from `as_json`; a level too many or missing is a ``ValueError``."""
        expected = set(cls.__dataclass_fields__) - {"number"}
        levels = {"bank": True, **levels}
        if wrong := set(levels) ^ expected:
            raise ValueError(f"a scheme has the levels {sorted(expected)}; check {sorted(wrong)}")
        cuts = {
            name: None if levels[name] is None else check_cuts(levels[name])
            for name in ("tnc_cuts", "cd34_cuts", "volume_cuts")
        }
        return cls(number=number, **{**levels, **cuts})


FINEST_PERIOD_YEARS = 5
"""The date of collection is the child's date of birth: never finer than five years."""


def _banded(value: float | None, scale: float, bands: tuple[Band, ...] | None) -> Band | None:
    if bands is None:
        return None
    return band_of(None if value is None else value / scale, bands)
