"""Reads of units: by id, and page by page along a keyset."""

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from loaders.selections import SelectedClasses
from loaders.statements import Pool, Statement


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """A published unit and the batch class that holds its values."""

    id: str
    batch_class_id: int


@dataclass(frozen=True, slots=True)
class UnitInReleaseRecord:
    """A unit with the releases that added and (perhaps) withdrew it."""

    id: str
    batch_class_id: int
    added: int
    withdrawn: int | None


class Order(StrEnum):
    """The orders in which units can be walked; ties are broken by id."""

    ID = "ID"
    TNC_DESC = "TNC_DESC"
    TNC_ASC = "TNC_ASC"

    def place(self, rank: float) -> float:
        """Return where a TNC rank stands in this order: the lower, the earlier."""
        if self is Order.TNC_ASC:
            return math.inf if rank < 0 else rank
        return -rank


@dataclass(frozen=True, slots=True)
class Position:
    """A place between units: the TNC rank (0 for the order ID) and the id of a unit."""

    rank: float
    id: str


@dataclass(frozen=True, slots=True)
class PageKey:
    """A page of a selection: `size` units after `start`, or before it when `backward`."""

    classes: SelectedClasses
    order: Order
    start: Position | None
    size: int
    backward: bool


@dataclass(frozen=True, slots=True)
class PageItem:
    """A unit and where it stands in the order of its page."""

    position: Position
    unit: UnitRecord


@dataclass(frozen=True, slots=True)
class UnitPage:
    """Units in the order asked for; `more` tells whether the walk could have gone on."""

    items: tuple[PageItem, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """Batch classes whose units are walked together by id."""

    rank: float
    inside: Sequence[int]
    outside: Sequence[int] | None
    newest: int
    units: int
    units_outside: int


BY_ID = Statement("units_by_id", UnitInReleaseRecord)
WALK_INSIDE = Statement("unit_walk_inside", UnitRecord)
WALK_INSIDE_BACK = Statement("unit_walk_inside_back", UnitRecord)
WALK_OUTSIDE = Statement("unit_walk_outside", UnitRecord)
WALK_OUTSIDE_BACK = Statement("unit_walk_outside_back", UnitRecord)
WALK_EACH = Statement("unit_walk_each", UnitRecord)
WALK_EACH_BACK = Statement("unit_walk_each_back", UnitRecord)

_BEFORE_ALL = ""
_AFTER_ALL = "cbu_g"
_INDEX_DESCENT = 10
"""Cost of finding a place in an index, in rows read along it."""


async def units_by_id(pool: Pool, keys: list[tuple[int, str]]) -> list[UnitRecord | None]:
    """Return the unit of each (release, id), or ``None`` where the release does not hold it."""
    rows = await BY_ID.fetch(pool, sorted({id_ for _, id_ in keys}))
    found = {row.id: row for row in rows}
    return [_visible(found.get(id_), release) for release, id_ in keys]


def _visible(row: UnitInReleaseRecord | None, release: int) -> UnitRecord | None:
    if row is None or row.added > release:
        return None
    if row.withdrawn is not None and row.withdrawn <= release:
        return None
    return UnitRecord(row.id, row.batch_class_id)


async def unit_pages(pool: Pool, keys: list[PageKey]) -> list[UnitPage]:
    """Return each page: one statement, and one more for each TNC band that a page crosses."""
    return list(await asyncio.gather(*(_page(pool, key) for key in keys)))


async def _page(pool: Pool, key: PageKey) -> UnitPage:
    wanted = key.size + 1
    items: list[PageItem] = []
    for run, start in _runs_from(key):
        rows = await _walk(pool, run, start, wanted - len(items), backward=key.backward)
        items += [PageItem(Position(run.rank, row.id), row) for row in rows]
        if len(items) == wanted:
            break
    page = items[: key.size]
    return UnitPage(tuple(reversed(page) if key.backward else page), more=len(items) == wanted)


def _runs_from(key: PageKey) -> Iterable[tuple[_Run, str]]:
    """Yield the runs from the start of the page on, each with the id to start from."""
    beginning = _AFTER_ALL if key.backward else _BEFORE_ALL
    runs = _runs(key.classes, key.order)
    for run in reversed(runs) if key.backward else runs:
        if key.start is None or run.rank == key.start.rank:
            yield run, beginning if key.start is None else key.start.id
        elif (key.order.place(run.rank) < key.order.place(key.start.rank)) == key.backward:
            yield run, beginning


def _runs(classes: SelectedClasses, order: Order) -> list[_Run]:
    groups = [group for group in classes.groups if group.inside]
    units_outside = sum(group.units_outside for group in classes.groups)
    if order is Order.ID:
        inside = [id_ for group in groups for id_ in group.inside]
        outside = [id_ for group in classes.groups for id_ in group.outside]
        if not inside:
            return []
        return [_Run(0.0, inside, outside, classes.newest, classes.total, units_outside)]
    return [
        _Run(
            group.tnc_rank,
            group.inside,
            None,
            classes.newest,
            group.units,
            classes.total - group.units + units_outside,
        )
        for group in sorted(groups, key=lambda each: order.place(each.tnc_rank))
    ]


async def _walk(
    pool: Pool, run: _Run, start: str, limit: int, *, backward: bool
) -> list[UnitRecord]:
    """Walk a run by the way that reads fewest rows, which follows from the exact counts."""
    along_ids = limit * (run.units + run.units_outside) / run.units
    along_classes = len(run.inside) * (_INDEX_DESCENT + min(limit, run.units / len(run.inside)))
    if along_classes < along_ids:
        statement = WALK_EACH_BACK if backward else WALK_EACH
        return await statement.fetch(pool, start, run.inside, limit)
    if run.outside is not None and len(run.outside) <= len(run.inside):
        statement = WALK_OUTSIDE_BACK if backward else WALK_OUTSIDE
        return await statement.fetch(pool, start, run.outside, run.newest, limit)
    statement = WALK_INSIDE_BACK if backward else WALK_INSIDE
    return await statement.fetch(pool, start, run.inside, limit)
