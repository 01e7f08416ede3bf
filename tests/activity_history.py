"""Tables of transplants made one after the other in memory, as releases make them."""

from collections.abc import Mapping, Sequence

from domain.regions import Region
from publishing.activity.count import Count, Reported
from publishing.activity.holding import total, version_of
from publishing.activity.published import (
    PublishedActivity,
    PublishedCell,
    PublishedValue,
)
from publishing.activity.table import ActivityTable, make_table
from publishing.activity.writing import parts_of
from tests.attacks.transplants import ServedCell, State


def reported_of(
    state: State,
    years: Sequence[int],
    groups: Mapping[str, str],
    regions: Mapping[str, str | None],
) -> Reported:
    """Return what the banks reported, as the next release reads it."""
    reports = {place: n for n, place in enumerate(sorted({(b, y) for b, y, _ in state}))}
    counts = tuple(
        Count(
            reports[bank, year],
            bank,
            year,
            code,
            units,
            Region(region) if (region := regions[bank]) else None,
        )
        for (bank, year, code), units in sorted(state.items())
        if units
    )
    return Reported(counts, tuple(years), (), groups)


class Publisher:
    """Publishes tables in memory.

    Attributes:
        published: All that was shown so far.
    """

    def __init__(self, groups: Mapping[str, str], regions: Mapping[str, str | None]) -> None:
        self._groups = groups
        self._regions = regions
        self._release = 0
        self.published = PublishedActivity((), {})

    def publish(self, state: State, years: Sequence[int]) -> ActivityTable:
        """Make the table of the next release and let it be history."""
        self._release += 1
        reported = reported_of(state, years, self._groups, self._regions)
        table = make_table(self._release, reported, self.published)
        cells = list(self.published.cells)
        parts = dict(self.published.parts)
        renewed = {each.cell.id: each.counts for each in table.renewed}
        for place, cell in enumerate(cells):
            if cell.id in renewed:
                cells[place] = _with_value(cell, renewed[cell.id], self._release)
        for new in table.added:
            number = len(cells) + 1
            cell = PublishedCell(number, self._release, new.indications, new.years, new.region, ())
            cells.append(_with_value(cell, new.counts, self._release))
            for part in parts_of(new):
                assert part not in parts
                parts[part] = number
        self.published = PublishedActivity(tuple(cells), parts)
        return table

    def served(self) -> list[ServedCell]:
        """Return every cell with every value that a release has shown."""
        return [
            ServedCell(
                cell.indications,
                cell.years.first,
                cell.years.last,
                cell.region.value,
                value.units,
                value.as_of,
            )
            for cell in self.published.cells
            for value in cell.values
        ]


def _with_value(cell: PublishedCell, counts: Sequence[Count], as_of: int) -> PublishedCell:
    version = version_of(counts)
    value = PublishedValue(as_of, total(version), version)
    return PublishedCell(
        cell.id, cell.since, cell.indications, cell.years, cell.region, (*cell.values, value)
    )
