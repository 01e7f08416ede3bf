"""Reads of units: by id, and page by page along a keyset."""

import asyncio
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import asyncpg

from loaders.class_set import ClassSet
from loaders.request import Store
from loaders.selections import Selection
from loaders.statements import Statement

UnitRow: TypeAlias = asyncpg.Record
"""A row of `UnitRecord`, as it came: a page of units is not copied for the sake of names."""


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """A published unit and the batch class that holds its values."""

    id: str
    batch_class_id: int


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
class UnitsKey:
    """Units of a release by their ids."""

    release: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageKey:
    """A page of a selection: `size` units after `start`, or before it when `backward`."""

    selection: Selection
    order: Order
    start: Position | None
    size: int
    backward: bool


@dataclass(frozen=True, slots=True)
class UnitPage:
    """Units in the order asked for; `more` tells whether the walk could have gone on."""

    units: list[UnitRow]
    more: bool


BY_ID = Statement("units_by_id", UnitRecord)
WALK = Statement("unit_walk", UnitRecord)
WALK_BACK = Statement("unit_walk_back", UnitRecord)
WALK_MARKED = Statement("unit_walk_marked", UnitRecord)
WALK_MARKED_BACK = Statement("unit_walk_marked_back", UnitRecord)
WALK_EACH = Statement("unit_walk_each", UnitRecord)
WALK_EACH_BACK = Statement("unit_walk_each_back", UnitRecord)

_BEFORE_ALL = ""
_AFTER_ALL = "cbu_g"
_ROW_PASSED = 0.1
"""Cost of a unit that a walk along all ids passes: microseconds, as measured (docs/adr/0008)."""
_CLASS_OPENED = 3.0
"""Cost of going to a place in the index of one class."""
_ROW_MERGED = 0.25
"""Cost of a unit that is read from there and merged with those of other classes."""


async def units_by_id(store: Store, keys: list[UnitsKey]) -> list[list[UnitRow | None]]:
    """Return the units of each key, ``None`` where the release does not hold one."""
    rows = await BY_ID.rows(store, sorted({id_ for key in keys for id_ in key.ids}))
    found = {row[0]: row for row in rows}
    return [_held(store.catalogue.select(Selection(key.release)), key, found) for key in keys]


def _held(classes: ClassSet, key: UnitsKey, found: Mapping[str, UnitRow]) -> list[UnitRow | None]:
    rows = (found.get(id_) for id_ in key.ids)
    return [row if row is not None and classes.holds(row[1]) else None for row in rows]


async def unit_pages(store: Store, keys: list[PageKey]) -> list[UnitPage]:
    """Return each page: one statement, and one more for each TNC band that a page crosses."""
    if len(keys) == 1:
        return [await _page(store, keys[0])]  # a task more would take a tenth of its time
    return list(await asyncio.gather(*(_page(store, key) for key in keys)))


async def _page(store: Store, key: PageKey) -> UnitPage:
    wanted = key.size + 1
    rows: list[UnitRow] = []
    for run, start in _runs_from(store, key):
        rows += await _walk(store, run, start, wanted - len(rows), backward=key.backward)
        if len(rows) == wanted:
            break
    more = len(rows) == wanted
    del rows[key.size :]
    if key.backward:
        rows.reverse()
    return UnitPage(rows, more)


def _runs_from(store: Store, key: PageKey) -> Iterable[tuple[ClassSet, str]]:
    """Yield what is walked by id from the start of the page on, each with the id to start from."""
    classes = store.catalogue.select(key.selection)
    beginning = _AFTER_ALL if key.backward else _BEFORE_ALL
    if key.order is Order.ID:
        yield classes, beginning if key.start is None else key.start.id
        return
    for rank in sorted(classes.tnc_ranks, key=key.order.place, reverse=key.backward):
        if key.start is None or rank == key.start.rank:
            yield classes.of_tnc_rank(rank), beginning if key.start is None else key.start.id
        elif (key.order.place(rank) < key.order.place(key.start.rank)) == key.backward:
            yield classes.of_tnc_rank(rank), beginning


async def _walk(
    store: Store, classes: ClassSet, start: str, limit: int, *, backward: bool
) -> list[UnitRow]:
    """Walk the units of ``classes`` by id, in the way that costs least by exact counts."""
    if not classes.units:
        return []
    if classes.is_whole:
        statement = WALK_BACK if backward else WALK
        return await statement.rows(store, start, classes.newest, limit)
    along_ids = _ROW_PASSED * limit * classes.units_in_reach / classes.units
    rows_of_each = min(limit, classes.units / classes.size)
    if classes.size * (_CLASS_OPENED + _ROW_MERGED * rows_of_each) < along_ids:
        statement = WALK_EACH_BACK if backward else WALK_EACH
        return await statement.rows(store, start, classes.ids, limit)
    statement = WALK_MARKED_BACK if backward else WALK_MARKED
    return await statement.rows(store, start, classes.newest, classes.marks, limit)
