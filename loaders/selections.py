"""Which batch classes a filter selects in a release, and how many units they hold.

A filter is always answered from the classes, never by counting units: every total is the exact
sum of a few thousand rows.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from loaders.published_classes import PublishedRecord
from loaders.statements import Pool, Statement


@dataclass(frozen=True, slots=True)
class Selection:
    """The units of ``release`` that meet every condition; ``None`` sets no condition.

    Ranges match what is certain: a unit whose whole band lies inside. Cells are given in the
    unit of the band (TNC in 10^8, CD34 in 10^6), volumes in millilitres. An empty tuple matches
    nothing.
    """

    release: int
    bank: tuple[str, ...] | None = None
    abo: tuple[str, ...] | None = None
    processing: tuple[str, ...] | None = None
    collected_from: int | None = None
    collected_to: int | None = None
    tnc_at_least: float | None = None
    tnc_below: float | None = None
    cd34_at_least: float | None = None
    cd34_below: float | None = None
    volume_at_least: float | None = None
    volume_below: float | None = None
    added_in: tuple[int, ...] | None = None

    def as_json(self, position: int) -> dict[str, Any]:
        """Return the selection as a row of the JSON argument of the statements."""
        return {"position": position, **asdict(self)}


@dataclass(frozen=True, slots=True)
class TncGroupRecord:
    """The batch classes of one TNC band, those inside a selection and those outside.

    `tnc_rank` orders the bands: the band's lower end in 10^8 cells, 0 for the lowest band, -1
    where no value was recorded or published.
    """

    position: int
    tnc_rank: float
    inside: list[int]
    outside: list[int]
    units: int
    units_outside: int


@dataclass(frozen=True, slots=True)
class CellRecord(PublishedRecord):
    """The units of a selection that share all published values and the release that added them."""

    position: int
    units: int


SELECTED_CLASSES = Statement("selected_classes", TncGroupRecord)
SELECTED_CELLS = Statement("selected_cells", CellRecord)


@dataclass(frozen=True, eq=False)
class SelectedClasses:
    """What a selection selects, as batch class ids grouped by TNC band, highest band first.

    `outside` and `inside` together are all batch classes that existed when the release was
    published, so a walk over units that leaves `outside` out and stops at `newest` sees exactly
    the selection, whatever is published meanwhile.
    """

    selection: Selection
    groups: tuple[TncGroupRecord, ...]

    @property
    def total(self) -> int:
        """Exact number of selected units."""
        return sum(group.units for group in self.groups)

    @property
    def newest(self) -> int:
        """The highest batch class id that existed in the release; 0 if there was none."""
        return max((max((*g.inside, *g.outside), default=0) for g in self.groups), default=0)


async def selected_classes(pool: Pool, selections: list[Selection]) -> list[SelectedClasses]:
    """Return the batch classes of each selection; one statement for all."""
    groups: dict[int, list[TncGroupRecord]] = {n: [] for n in range(len(selections))}
    for record in await SELECTED_CLASSES.fetch(pool, _as_rows(selections)):
        groups[record.position].append(record)
    return [
        SelectedClasses(selection, tuple(groups[position]))
        for position, selection in enumerate(selections)
    ]


async def selected_cells(pool: Pool, selections: list[Selection]) -> list[list[CellRecord]]:
    """Return the finest cross-table of each selection; one statement for all."""
    cells: dict[int, list[CellRecord]] = {n: [] for n in range(len(selections))}
    for record in await SELECTED_CELLS.fetch(pool, _as_rows(selections)):
        cells[record.position].append(record)
    return [cells[position] for position in range(len(selections))]


def _as_rows(selections: list[Selection]) -> list[Mapping[str, Any]]:
    return [selection.as_json(position) for position, selection in enumerate(selections)]
