"""Facets and cross-tables of a list of units."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

import strawberry

from loaders.selections import CellRecord
from loaders.slices import sliced
from schema.context import Info
from schema.errors import Code, ContractError
from schema.limits import LIMITS
from schema.types.abo_group import AboGroup
from schema.types.bands import CellBand, VolumeBand
from schema.types.bank import Bank
from schema.types.processing import ProcessingMethod
from schema.types.published_values import published_values
from schema.types.release import Release
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

    release: strawberry.Private[int]
    bank_code: strawberry.Private[str | None]
    added: strawberry.Private[int | None]

    collection_period: YearRange | None = strawberry.field(description="Collection period.")
    abo_group: AboGroup | None = strawberry.field(description="ABO blood group.")
    tnc: CellBand | None = strawberry.field(description="Total nucleated cells, in 10^8.")
    cd34: CellBand | None = strawberry.field(description="CD34+ cells, in 10^6.")
    volume: VolumeBand | None = strawberry.field(description="Volume collected, in millilitres.")
    processing: ProcessingMethod | None = strawberry.field(description="Processing method.")
    units: int = strawberry.field(description="Exact number of units.")

    @strawberry.field(description="Bank that stores the units.")
    async def bank(self, info: Info) -> Bank | None:
        """Load the bank."""
        if self.bank_code is None:
            return None
        return await Bank.coded(info.context, self.release, self.bank_code)

    @strawberry.field(description="The release that published the units first.")
    async def added_in(self, info: Info) -> Release | None:
        """Load the release."""
        if self.added is None:
            return None
        return await Release.numbered(info.context, self.added)


Value = tuple[Any, ...]

_ABO_ORDER = {group.name: place for place, group in enumerate(AboGroup)}
_LOWEST = (False, 0.0)


def _rank(value: float | None) -> tuple[bool, float]:
    """Order open ends before numbers."""
    return _LOWEST if value is None else (True, value)


def _band(name: str) -> Callable[[CellRecord], Value]:
    def key(cell: CellRecord) -> Value:
        low, high = getattr(cell, f"{name}_min"), getattr(cell, f"{name}_max")
        recorded = low is not None or high is not None
        return (getattr(cell, f"{name}_published"), not recorded, _rank(low), _rank(high))

    return key


_KEYS: dict[InventoryDimension, Callable[[CellRecord], Value]] = {
    InventoryDimension.BANK: lambda cell: (cell.bank or "",),
    InventoryDimension.COLLECTION_PERIOD: lambda cell: (
        cell.period_from or 0,
        cell.period_to or 0,
    ),
    InventoryDimension.ABO_GROUP: lambda cell: (_ABO_ORDER.get(cell.abo or "", -1),),
    InventoryDimension.TNC: _band("tnc"),
    InventoryDimension.CD34: _band("cd34"),
    InventoryDimension.VOLUME: _band("volume"),
    InventoryDimension.PROCESSING: lambda cell: (cell.processing or "",),
    InventoryDimension.ADDED_IN: lambda cell: (cell.added,),
}
"""How each dimension tells cells apart and orders them, ascending, unrecorded values last."""


def most_cells(arguments: Mapping[str, object]) -> int:
    """Return the most cells of an inventory with the argument ``groupBy`` as a client wrote it."""
    given = arguments.get("groupBy")
    names = {str(each) for each in (given if isinstance(given, list) else [given])}
    unknown = LIMITS.max_inventory_cells
    return math.prod(DIMENSION_SIZES.get(name, unknown) for name in names)


async def inventory(
    release: int, cells: Sequence[CellRecord], dimensions: Sequence[InventoryDimension]
) -> list[InventoryCell]:
    """Sum the finest ``cells`` over all but ``dimensions``, ordered by these in turn.

    Raises:
        ContractError: a dimension is repeated, or the table has too many cells.
    """
    if len(set(dimensions)) < len(dimensions):
        raise ContractError(Code.INVALID_ARGUMENT, 'Argument "groupBy" names a dimension twice.')
    if not dimensions:
        return [_total(release, sum(cell.units for cell in cells))]
    keys = [_KEYS[dimension] for dimension in dimensions]
    units: Counter[Value] = Counter()
    example: dict[Value, CellRecord] = {}
    async for cell in sliced(cells):
        value = tuple(key(cell) for key in keys)
        units[value] += cell.units
        example[value] = cell
    most = min(
        LIMITS.max_inventory_cells,
        math.prod(DIMENSION_SIZES[dimension.name] for dimension in dimensions),
    )
    if len(units) > most:
        raise ContractError(
            Code.LIMIT_EXCEEDED,
            f"This inventory has {len(units)} cells; at most {most} are allowed. Group by fewer "
            "dimensions or filter the units.",
        )
    return [
        _cell(release, example[value], dimensions, units[value])
        async for value in sliced(sorted(units))
    ]


def _total(release: int, units: int) -> InventoryCell:
    """Return the cell of a table without dimensions, which is there also when nothing is counted.

    A zero says no more than `totalCount` does.
    """
    return InventoryCell(
        release=release,
        bank_code=None,
        added=None,
        collection_period=None,
        abo_group=None,
        tnc=None,
        cd34=None,
        volume=None,
        processing=None,
        units=units,
    )


def _cell(
    release: int, record: CellRecord, dimensions: Sequence[InventoryDimension], units: int
) -> InventoryCell:
    values = published_values(record)

    def only(dimension: InventoryDimension, value: Any) -> Any:  # noqa: ANN401 - any value
        return value if dimension in dimensions else None

    return InventoryCell(
        release=release,
        bank_code=only(InventoryDimension.BANK, record.bank),
        added=only(InventoryDimension.ADDED_IN, record.added),
        collection_period=only(InventoryDimension.COLLECTION_PERIOD, values.period),
        abo_group=only(InventoryDimension.ABO_GROUP, values.abo),
        tnc=only(InventoryDimension.TNC, values.tnc),
        cd34=only(InventoryDimension.CD34, values.cd34),
        volume=only(InventoryDimension.VOLUME, values.volume),
        processing=only(InventoryDimension.PROCESSING, values.processing),
        units=units,
    )
