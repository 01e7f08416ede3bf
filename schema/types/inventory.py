"""Facets and cross-tables of a list of units."""

import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import strawberry

from domain.bands import UNRECORDED, Band
from loaders.class_set import ClassSet, CrossTable
from loaders.slices import sliced, slices
from schema.batched import batched
from schema.errors import Code, ContractError
from schema.limits import LIMITS
from schema.types.abo_group import AboGroup
from schema.types.bands import CellBand, VolumeBand
from schema.types.bank import Bank, banks_by_code
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

DIMENSION_SIZES: Mapping[str, int] = {
    "BANK": 10,
    "COLLECTION_PERIOD": 8,
    "ABO_GROUP": 6,
    "TNC": 8,
    "CD34": 8,
    "VOLUME": 8,
    "PROCESSING": 9,
    "ADDED_IN": 40,
}
"""Different values of each dimension, at most; the cost of an inventory is planned with them."""


def _counts_as(name: str) -> str:
    return f"Counts as {DIMENSION_SIZES[name]} values in the cost of an inventory."


@strawberry.enum(description="A published value by which units can be counted.")
class InventoryDimension(Enum):
    """The published attributes, and the release that added a unit."""

    BANK = strawberry.enum_value("BANK", description=f"By bank. {_counts_as('BANK')}")
    COLLECTION_PERIOD = strawberry.enum_value(
        "COLLECTION_PERIOD",
        description=f"By collection period. {_counts_as('COLLECTION_PERIOD')}",
    )
    ABO_GROUP = strawberry.enum_value(
        "ABO_GROUP", description=f"By ABO blood group. {_counts_as('ABO_GROUP')}"
    )
    TNC = strawberry.enum_value(
        "TNC", description=f"By band of total nucleated cells. {_counts_as('TNC')}"
    )
    CD34 = strawberry.enum_value(
        "CD34", description=f"By band of CD34+ cells. {_counts_as('CD34')}"
    )
    VOLUME = strawberry.enum_value(
        "VOLUME", description=f"By band of collected volume. {_counts_as('VOLUME')}"
    )
    PROCESSING = strawberry.enum_value(
        "PROCESSING", description=f"By processing method. {_counts_as('PROCESSING')}"
    )
    ADDED_IN = strawberry.enum_value(
        "ADDED_IN",
        description=f"By the release that published the unit first. {_counts_as('ADDED_IN')}",
    )


@strawberry.type(
    description="The exact number of units that share the values of the chosen dimensions. The "
    "fields of the other dimensions are null; so is a dimension that is not published."
)
class InventoryCell:
    """One cell of a cross-table."""

    bank_key: strawberry.Private[tuple[int, str] | None]
    added: strawberry.Private[int | None]

    collection_period: YearRange | None = strawberry.field(description="Collection period.")
    abo_group: AboGroup | None = strawberry.field(description="ABO blood group.")
    tnc: CellBand | None = strawberry.field(description="Total nucleated cells, in 10^8.")
    cd34: CellBand | None = strawberry.field(description="CD34+ cells, in 10^6.")
    volume: VolumeBand | None = strawberry.field(description="Volume collected, in millilitres.")
    processing: ProcessingMethod | None = strawberry.field(description="Processing method.")
    units: int = strawberry.field(description="Exact number of units.")

    bank: Bank | None = batched(
        banks_by_code, key="bank_key", description="Bank that stores the units."
    )
    added_in: Release | None = batched(
        releases_by_number, key="added", description="The release that published the units first."
    )


_ABO_ORDER = {group.name: place for place, group in enumerate(AboGroup)}
_LOWEST = (False, 0.0)


def _rank(value: float | None) -> tuple[bool, float]:
    """Order open ends before numbers."""
    return _LOWEST if value is None else (True, value)


def _band_order(band: Band | None) -> tuple[bool, bool, tuple[bool, float], tuple[bool, float]]:
    """Order bands from low to high; first what is not published, last what is not recorded."""
    if band is None:
        return (False, True, _LOWEST, _LOWEST)
    return (True, band == UNRECORDED, _rank(band.minimum), _rank(band.maximum))


def _bank_key(code: str | None, release: int) -> tuple[int, str] | None:
    return None if code is None else (release, code)


@dataclass(frozen=True)
class _Axis:
    """What a dimension is made of.

    Attributes:
        attribute: The attribute of a class by which its units are counted.
        field: The attribute of a cell that shows it.
        order: The key by which its values are ordered.
        show: Turns a value, in a release, into what the cell shows.
    """

    attribute: str
    field: str
    order: Callable[[Any], Any]
    show: Callable[[Any, int], Any]


_AXES = {
    InventoryDimension.BANK: _Axis("bank", "bank_key", lambda code: code or "", _bank_key),
    InventoryDimension.COLLECTION_PERIOD: _Axis(
        "period",
        "collection_period",
        lambda period: (period.first, period.last) if period else (0, 0),
        lambda period, _: year_range(period),
    ),
    InventoryDimension.ABO_GROUP: _Axis(
        "abo",
        "abo_group",
        lambda group: _ABO_ORDER.get(group or "", -1),
        lambda group, _: abo_group(group),
    ),
    InventoryDimension.TNC: _Axis("tnc", "tnc", _band_order, lambda band, _: tnc_band(band)),
    InventoryDimension.CD34: _Axis("cd34", "cd34", _band_order, lambda band, _: cd34_band(band)),
    InventoryDimension.VOLUME: _Axis(
        "volume", "volume", _band_order, lambda band, _: volume_band(band)
    ),
    InventoryDimension.PROCESSING: _Axis(
        "processing",
        "processing",
        lambda method: method or "",
        lambda method, _: processing_method(method),
    ),
    InventoryDimension.ADDED_IN: _Axis(
        "added", "added", lambda release: release, lambda release, _: release
    ),
}
_NOTHING = {axis.field: None for axis in _AXES.values()}


def most_cells(arguments: Mapping[str, object]) -> int:
    """Return the most cells of an inventory with the argument ``groupBy`` as a client wrote it."""
    given = arguments.get("groupBy")
    names = {str(each) for each in (given if isinstance(given, list) else [given])}
    unknown = LIMITS.max_inventory_cells
    return math.prod(DIMENSION_SIZES.get(name, unknown) for name in names)


async def inventory(
    release: int, classes: ClassSet, dimensions: Sequence[InventoryDimension]
) -> list[InventoryCell]:
    """Sum the units of ``classes`` by ``dimensions``, ordered by these in turn.

    Raises:
        ContractError: a dimension is repeated, or the table has too many cells.
    """
    if len(set(dimensions)) < len(dimensions):
        raise ContractError(Code.INVALID_ARGUMENT, 'Argument "groupBy" names a dimension twice.')
    if not dimensions:
        return [_cell(classes.units)]  # also of no units: it says no more than totalCount does
    await slices().pause()
    axes = [_AXES[dimension] for dimension in dimensions]
    table = classes.cross_table([(axis.attribute, axis.order) for axis in axes])
    most = min(
        LIMITS.max_inventory_cells,
        math.prod(DIMENSION_SIZES[dimension.name] for dimension in dimensions),
    )
    if len(table) > most:
        raise ContractError(
            Code.LIMIT_EXCEEDED,
            f"This inventory has {len(table)} cells; at most {most} are allowed. Group by fewer "
            "dimensions or filter the units.",
        )
    return [cell async for cell in _cells(release, axes, table)]


async def _cells(
    release: int, axes: Sequence[_Axis], table: CrossTable
) -> AsyncIterator[InventoryCell]:
    """Yield the cells of ``table``; the same value is the same object in all of them."""
    fields = [axis.field for axis in axes]
    shown = [
        [axis.show(value, release) for value in values]
        for axis, values in zip(axes, table.values, strict=True)
    ]
    async for places, units in sliced(table.cells()):
        cell = _cell(units)
        for field, objects, place in zip(fields, shown, places, strict=True):
            cell.__dict__[field] = objects[place]
        yield cell


def _cell(units: int) -> InventoryCell:
    """Return a cell that no dimension tells from others."""
    cell = InventoryCell.__new__(InventoryCell)  # the constructor takes several times as long
    cell.__dict__ = _NOTHING | {"units": units}
    return cell
