"""Cord blood units."""

from collections.abc import Iterable
from typing import Any, Self

import strawberry

from loaders.published_classes import PublishedClass
from loaders.units import UnitRow
from schema.alike import alike
from schema.batched import batched
from schema.context import Context
from schema.types.abo_group import AboGroup
from schema.types.bands import CellBand, VolumeBand
from schema.types.bank import Bank, banks_by_code
from schema.types.node import Node
from schema.types.processing import ProcessingMethod
from schema.types.published_values import (
    abo_group,
    cd34_band,
    processing_method,
    tnc_band,
    volume_band,
    year_range,
)
from schema.types.release import Release, releases_by_number
from schema.types.year_range import YearRange


@alike(
    "bank_key",
    "added",
    "collection_period",
    "abo_group",
    "tnc",
    "cd34",
    "volume",
    "processing",
)
@strawberry.type(
    description="A stored unit of umbilical cord blood. Its values were published once and never "
    "change; at least ten other units of the same batch share all of them. A null value is not "
    "published under the unit's scheme (see Release.anonymity.levels)."
)
class CordBloodUnit(Node):
    """A published unit, as read by one release."""

    bank_key: strawberry.Private[tuple[int, str] | None]
    added: strawberry.Private[int]
    notes: strawberry.Private[dict[Any, Any]]

    collection_period: YearRange | None = strawberry.field(
        description="The years in which the unit may have been collected."
    )
    abo_group: AboGroup | None = strawberry.field(description="ABO blood group.")
    tnc: CellBand | None = strawberry.field(
        description="Total nucleated cells of the frozen unit, in 10^8."
    )
    cd34: CellBand | None = strawberry.field(
        description="CD34+ cells (blood stem cells) of the frozen unit, in 10^6."
    )
    volume: VolumeBand | None = strawberry.field(
        description="Volume collected, in millilitres, before processing."
    )
    processing: ProcessingMethod | None = strawberry.field(
        description="How the unit was reduced before it was frozen."
    )

    bank: Bank | None = batched(
        banks_by_code, key="bank_key", description="The bank that stores the unit."
    )
    added_in: Release = batched(
        releases_by_number, key="added", description="The release that published the unit first."
    )

    @classmethod
    def all_of(cls, context: Context, release: int, rows: Iterable[UnitRow]) -> list[Self]:
        """Return the units of ``rows``, as read by ``release``."""
        values_of_class = context.catalogue.made_of_read(_values, release)
        units = []
        for id_, batch_class_id in rows:
            # Pages consist of these: a constructor with ten arguments takes four times as long.
            unit = cls.__new__(cls)
            unit.__dict__ = values = values_of_class[batch_class_id].copy()
            values["id"] = id_
            units.append(unit)
        return units


def _values(published: PublishedClass, release: int) -> dict[str, Any]:
    """Return the attributes of a unit of a class as ``release`` reads it, but for its id."""
    bank = published.bank
    return {
        "id": None,
        "bank_key": None if bank is None else (release, bank),
        "added": published.added,
        "collection_period": year_range(published.period),
        "abo_group": abo_group(published.abo),
        "tnc": tnc_band(published.tnc),
        "cd34": cd34_band(published.cd34),
        "volume": volume_band(published.volume),
        "processing": processing_method(published.processing),
        "notes": {},
    }
