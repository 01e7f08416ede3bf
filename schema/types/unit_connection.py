"""Lists of units."""

from typing import Annotated

import strawberry

from loaders.published_classes import published_classes
from loaders.selections import SelectedClasses, Selection, selected_cells, selected_classes
from loaders.units import Order, PageItem, PageKey, Position, UnitPage, unit_pages
from schema.context import Context, Info
from schema.errors import Code, ContractError, quoted
from schema.paging import Cursor, Page, PageRequest
from schema.types.inventory import InventoryCell, InventoryDimension, inventory, most_cells
from schema.types.page_info import PageInfo
from schema.types.published_values import published_values
from schema.types.release import Release
from schema.types.unit import CordBloodUnit
from schema.types.unit_order import UnitOrder
from schema.weights import INVENTORY, MEASURE

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
        items = (await self._page(info.context)).items
        units = await self._units(info.context, items)
        return [
            UnitEdge(cursor=str(Cursor(self.scope, _key(item.position))), node=unit)
            for item, unit in zip(items, units, strict=True)
        ]

    @strawberry.field(description="The units of the page.")
    async def nodes(self, info: Info) -> list[CordBloodUnit]:
        """Load the page."""
        return await self._units(info.context, (await self._page(info.context)).items)

    @strawberry.field(description="Where the page stands in the list.")
    async def page_info(self, info: Info) -> PageInfo:
        """Load the page, and look whether anything lies on its other side."""
        page = await self._page(info.context)
        behind = await self._anything_behind(info.context, page)
        forward = not self.request.backward
        return PageInfo.around(
            Page(
                page.items,
                has_previous=behind if forward else page.more,
                has_next=page.more if forward else behind,
            ),
            self.scope,
            [_key(item.position) for item in page.items],
        )

    @strawberry.field(description="Exact number of units in the list.")
    async def total_count(self, info: Info) -> int:
        """Sum the selected batch classes."""
        return (await self._classes(info.context)).total

    @strawberry.field(
        description="Exact numbers of units in the list by any combination of published values: "
        "facets with one dimension, cross-tables with more. Cells without units are left out.",
        directives=INVENTORY,
        metadata={MEASURE: most_cells},
    )
    async def inventory(self, info: Info, group_by: GroupBy) -> list[InventoryCell]:
        """Sum the selected batch classes by the dimensions."""
        cells = await info.context.loaders.of(selected_cells).load(self.selection)
        return await inventory(self.release_number, cells, group_by)

    @strawberry.field(description="The release that the list was read from.")
    async def release(self, info: Info) -> Release:
        """Look up the release."""
        return await Release.numbered(info.context, self.release_number)

    async def _classes(self, context: Context) -> SelectedClasses:
        return await context.loaders.of(selected_classes).load(self.selection)

    async def _page(self, context: Context) -> UnitPage:
        request = self.request
        return await self._walk(context, self._start(), request.size, backward=request.backward)

    async def _walk(
        self, context: Context, start: Position | None, size: int, *, backward: bool
    ) -> UnitPage:
        classes = await self._classes(context)
        key = PageKey(classes, Order(self.order.name), start, size, backward)
        return await context.loaders.of(unit_pages).load(key)

    async def _anything_behind(self, context: Context, page: UnitPage) -> bool:
        """Tell whether the list has units before the page in the direction of travel."""
        if self.request.key is None:
            return False
        if not page.items:
            return await self._starts_behind(context)
        nearest = page.items[-1 if self.request.backward else 0].position
        opposite = not self.request.backward
        return (await self._walk(context, nearest, 0, backward=opposite)).more

    def _start(self) -> Position | None:
        return None if self.request.key is None else _position(self.request.key)

    async def _starts_behind(self, context: Context) -> bool:
        """Tell whether the list's first unit, as one travels, is not the first past the cursor."""
        backward = self.request.backward
        first = (await self._walk(context, None, 1, backward=backward)).items
        past = (await self._walk(context, self._start(), 1, backward=backward)).items
        return first != past

    async def _units(self, context: Context, items: tuple[PageItem, ...]) -> list[CordBloodUnit]:
        ids = [item.unit.batch_class_id for item in items]
        records = await context.loaders.of(published_classes).load_many(ids)
        values = {record.batch_class_id: published_values(record) for record in records}
        return [
            CordBloodUnit.of(
                item.unit.id, self.release_number, record, values[record.batch_class_id]
            )
            for item, record in zip(items, records, strict=True)
        ]


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
