"""Turns stored published values into the objects of the contract.

Equal values become the same object, so that whoever answers with one of them many times can know
it by its identity. There are few: some bands of each attribute, and some periods.
"""

from functools import lru_cache

from domain.bands import Band
from domain.periods import YearRange as Period
from schema.types.abo_group import AboGroup
from schema.types.bands import CellBand, CellUnit, VolumeBand
from schema.types.processing import ProcessingMethod
from schema.types.year_range import YearRange

_KEPT = 1_000


@lru_cache(_KEPT)
def year_range(period: Period | None) -> YearRange | None:
    """Return a collection period; ``None`` if it is not published, as for all that follow."""
    return None if period is None else YearRange(from_=period.first, to=period.last)


@lru_cache(_KEPT)
def tnc_band(band: Band | None) -> CellBand | None:
    """Return a band of total nucleated cells."""
    return None if band is None else CellBand(min=band.minimum, max=band.maximum, unit=CellUnit.E8)


@lru_cache(_KEPT)
def cd34_band(band: Band | None) -> CellBand | None:
    """Return a band of CD34+ cells."""
    return None if band is None else CellBand(min=band.minimum, max=band.maximum, unit=CellUnit.E6)


@lru_cache(_KEPT)
def volume_band(band: Band | None) -> VolumeBand | None:
    """Return a band of volumes."""
    return None if band is None else VolumeBand(min=band.minimum, max=band.maximum)


def abo_group(code: str | None) -> AboGroup | None:
    """Return a blood group."""
    return None if code is None else AboGroup[code]


def processing_method(code: str | None) -> ProcessingMethod | None:
    """Return a processing method."""
    return None if code is None else ProcessingMethod[code]
