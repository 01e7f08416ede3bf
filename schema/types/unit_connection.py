"""Lists of units."""

from functools import partial
from typing import Annotated

import strawberry

from domain.cell_dose import MINIMUM_TNC_PER_KG
from loaders.class_set import tnc_rank
from loaders.published_classes import PublishedClass
from loaders.selections import Selection
from loaders.units import (
    Order,
    PageKey,
    Position,
    UnitPage,
    UnitRow,
    UnitsKey,
    unit_pages,
    units_by_id,
)
from schema.context import Context, Info
from schema.errors import Code, ContractError, quoted
from schema.lifetime import lifetime
from schema.paging import PageRequest, cursor
from schema.types.cell_dose import DoseCounts
from schema.types.cell_dose_filter import (
    Cd34Argument,
    TncArgument,
    WeightArgument,
    dose_of,
)
from schema.types.inventory import InventoryCell, InventoryDimension, inventory, most_cells
from schema.types.page_info import Finding, PageInfo
from schema.types.release import Release
from schema.types.unit import CordBloodUnit
from schema.types.unit_order import UnitOrder
from schema.weights import CELL_DOSE, INVENTORY, MEASURE

GroupBy = Annotated[
    list[InventoryDimension],
    strawberry.argument(
        description="Dimensions of the table, each once. An empty list gives one cell with the "
        "total."
    ),
]


@strawberry.type(description="A unit in a list.")
class UnitEdge:
    """Relay's edge."""

    cursor: str = strawberry.field(description="Place of the unit in the list.")
    node: CordBloodUnit = strawberry.field(description="The unit.")


@strawberry.type(
    description="Units of one release. Totals and inventory cover the whole list, not the page; "
    "each part is read only when it is selected."
)
class UnitConnection:
    """A list of units that nothing has been read of yet."""

    release_number: strawberry.Private[int]
    scope: strawberry.Private[str]
    selection: strawberry.Private[Selection]
    order: strawberry.Private[UnitOrder]
    request: strawberry.Private[PageRequest]

    @strawberry.field(description="The units of the page with their cursors.")
    async def edges(self, info: Info) -> list[UnitEdge]:
        """Load the page."""
        rows = (await self._page(info.context)).units
        units = CordBloodUnit.all_of(info.context, self.release_number, rows)
        keys = self._keys(info.context, rows)
        return [
            UnitEdge(cursor=cursor(self.scope, key), node=unit)
            for key, unit in zip(keys, units, strict=True)
        ]

    @strawberry.field(description="The units of the page.")
    async def nodes(self, info: Info) -> list[CordBloodUnit]:
        """Load the page."""
        rows = (await self._page(info.context)).units
        return CordBloodUnit.all_of(info.context, self.release_number, rows)

    @strawberry.field(description="Where the page stands in the list.")
    async def page_info(self, info: Info) -> PageInfo:
        """Load the page; look at its other side when that is asked for."""
        page = await self._page(info.context)
        behind: Finding = False
        if self.request.key is not None:
            behind = partial(self._anything_behind, info.context, page)
        backward = self.request.backward
        return PageInfo.between(
            self.scope,
            self._keys(info.context, page.units[:1] + page.units[-1:]),
            precedes=page.more if backward else behind,
            follows=behind if backward else page.more,
        )

    @strawberry.field(description="Exact number of units in the list.")
    def total_count(self, info: Info) -> int:
        """Sum the selected batch classes."""
        return info.context.catalogue.select(self.selection).units

    @strawberry.field(
        description="Exact numbers of units in the list by any combination of published values: "
        "facets with one dimension, cross-tables with more. Cells without units are left out.",
        directives=INVENTORY,
        metadata={MEASURE: most_cells},
    )
    async def inventory(self, info: Info, group_by: GroupBy) -> list[InventoryCell]:
        """Sum the selected batch classes by the dimensions."""
        classes = info.context.catalogue.select(self.selection)
        return await inventory(self.release_number, classes, group_by)

    @strawberry.field(
        description="How many units of the list reach a dose of cells for a recipient. No medical "
        "advice.",
        directives=CELL_DOSE,
        metadata=lifetime(since="2027-01"),
    )
    def cell_dose(
        self,
        info: Info,
        weight_kg: WeightArgument,
        minimum_tnc_per_kg: TncArgument = MINIMUM_TNC_PER_KG,
        minimum_cd34_per_kg: Cd34Argument = None,
    ) -> DoseCounts | None:
        """Sum the selected batch classes by whether they reach it."""
        dose = dose_of(weight_kg, minimum_tnc_per_kg, minimum_cd34_per_kg)
        classes = info.context.catalogue.select(self.selection)
        return DoseCounts.of(self.release_number, classes, dose)

    @strawberry.field(description="The release that the list was read from.")
    def release(self, info: Info) -> Release:
        """Look up the release."""
        return Release.numbered(info.context.catalogue, self.release_number)

    async def cursor_of(self, context: Context, unit: str) -> str | None:
        """Return the cursor of a unit in the list; ``None`` if the release does not hold it."""
        key = UnitsKey(self.release_number, (unit,))
        (row,) = await context.loaders.load(units_by_id, key)
        return None if row is None else cursor(self.scope, self._keys(context, [row])[0])

    async def _page(self, context: Context) -> UnitPage:
        request = self.request
        return await self._walk(context, self._start(), request.size, backward=request.backward)

    async def _walk(
        self, context: Context, start: Position | None, size: int, *, backward: bool
    ) -> UnitPage:
        key = PageKey(self.selection, Order(self.order.name), start, size, backward)
        return await context.loaders.load(unit_pages, key)

    async def _anything_behind(self, context: Context, page: UnitPage) -> bool:
        """Tell whether the list has units before the page in the direction of travel."""
        if not page.units:
            return await self._starts_behind(context)
        nearest = self._position(context, page.units[-1 if self.request.backward else 0])
        opposite = not self.request.backward
        return (await self._walk(context, nearest, 0, backward=opposite)).more

    def _start(self) -> Position | None:
        return None if self.request.key is None else _position(self.request.key)

    async def _starts_behind(self, context: Context) -> bool:
        """Tell whether the list's first unit, as one travels, is not the first past the cursor."""
        backward = self.request.backward
        first = (await self._walk(context, None, 1, backward=backward)).units
        past = (await self._walk(context, self._start(), 1, backward=backward)).units
        return first != past

    def _position(self, context: Context, row: UnitRow) -> Position:
        """Return where a unit stands in the order of the list."""
        if self.order is UnitOrder.ID:
            return Position(0.0, row[0])
        return Position(context.catalogue.made_of_classes(_rank)[row[1]], row[0])

    def _keys(self, context: Context, rows: list[UnitRow]) -> list[str]:
        if self.order is UnitOrder.ID:
            return [f"0:{row[0]}" for row in rows]
        return [_key(self._position(context, row)) for row in rows]


def _rank(published: PublishedClass) -> float:
    return tnc_rank(published.tnc)


def _key(position: Position) -> str:
    rank = repr(position.rank).removesuffix(".0")  # exact: the walk goes on from an equal rank
    return f"{rank}:{position.id}"


def _position(key: str) -> Position:
    rank, _, id_ = key.partition(":")
    try:
        position = Position(float(rank), id_)
    except ValueError:
        position = Position(float("nan"), "")
    if _key(position) != key or not position.rank >= -1:
        raise ContractError(
            Code.INVALID_CURSOR, f"The cursor marks no unit: {quoted(key)}. Use one from an edge."
        )
    return position
