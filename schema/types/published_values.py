"""Turns stored published values into the objects of the contract."""

from dataclasses import dataclass

from loaders.published_classes import PublishedRecord
from schema.types.abo_group import AboGroup
from schema.types.bands import CellBand, CellUnit, VolumeBand
from schema.types.processing import ProcessingMethod
from schema.types.year_range import YearRange


@dataclass(frozen=True)
class PublishedValues:
    """The published values of a class; ``None`` where its scheme does not publish them."""

    period: YearRange | None
    abo: AboGroup | None
    tnc: CellBand | None
    cd34: CellBand | None
    volume: VolumeBand | None
    processing: ProcessingMethod | None


def published_values(record: PublishedRecord) -> PublishedValues:
    """Return the published values of a unit or of an inventory cell."""
    tnc = CellBand(min=record.tnc_min, max=record.tnc_max, unit=CellUnit.E8)
    cd34 = CellBand(min=record.cd34_min, max=record.cd34_max, unit=CellUnit.E6)
    volume = VolumeBand(min=record.volume_min, max=record.volume_max)
    return PublishedValues(
        period=_period(record.period_from, record.period_to),
        abo=AboGroup(record.abo) if record.abo is not None else None,
        tnc=tnc if record.tnc_published else None,
        cd34=cd34 if record.cd34_published else None,
        volume=volume if record.volume_published else None,
        processing=ProcessingMethod(record.processing) if record.processing is not None else None,
    )


def _period(first: int | None, last: int | None) -> YearRange | None:
    if first is None or last is None:
        return None
    return YearRange(from_=first, to=last)
