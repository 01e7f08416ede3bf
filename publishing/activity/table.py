"""The table of activity that the next release would show, and how it comes about."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from domain.periods import YearRange
from domain.regions import Region
from publishing.activity.count import Count, Reported, Waiting
from publishing.activity.holding import Version, may_follow, total, version_of
from publishing.activity.partition import Cell, Codes, partition
from publishing.activity.published import PublishedActivity, PublishedCell

_HEAD = "cordgraph-activity-1"


@dataclass(frozen=True, slots=True)
class Renewal:
    """A cell that gets a new value, and the counts that it is made of."""

    cell: PublishedCell
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class ActivityTable:
    """What the next release would show of transplants.

    Attributes:
        release: Its number.
        added: Cells that no release has shown.
        renewed: Cells that get a new value.
        standing: Cells that keep the value that they have.
        outdated: How many of these say something else than the newest reports.
        waiting: Years that wait for a report.
        unshown: Units of years that take part that no cell holds.
    """

    release: int
    added: tuple[Cell, ...]
    renewed: tuple[Renewal, ...]
    standing: tuple[PublishedCell, ...]
    outdated: int
    waiting: tuple[Waiting, ...]
    unshown: int

    @property
    def cells(self) -> int:
        """Cells of the table."""
        return len(self.added) + len(self.renewed) + len(self.standing)

    @property
    def synthetic_units(self) -> int:
        """Units of what is new that are made up."""
        return sum(count.units for count in self._new_counts() if count.synthetic)

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of a line for each cell of the table, sorted."""
        lines = sorted(
            [
                _line(c.indications, c.years, c.region, _units(c.counts), self.release)
                for c in self.added
            ]
            + [
                _line(
                    r.cell.indications, r.cell.years, r.cell.region, _units(r.counts), self.release
                )
                for r in self.renewed
            ]
            + [
                _line(c.indications, c.years, c.region, c.values[-1].units, c.values[-1].as_of)
                for c in self.standing
            ]
        )
        text = f"{_HEAD}\ncells={len(lines)}\n" + "".join(f"{line}\n" for line in lines)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def figures(self) -> dict[str, object]:
        """Return what an operator may see of it as plain data."""
        return {
            "cells": self.cells,
            "added": len(self.added),
            "renewed": len(self.renewed),
            "standing": len(self.standing),
            "outdated": self.outdated,
            "unshown_units": self.unshown,
            "waiting": [{"year": each.year, "banks": list(each.banks)} for each in self.waiting],
            "digest": self.digest,
        }

    def new_versions(self) -> list[tuple[Version, tuple[Version, ...]]]:
        """Return what each new value is made of, with all earlier values of its cell."""
        return [
            *((version_of(cell.counts), ()) for cell in self.added),
            *(
                (version_of(each.counts), tuple(value.version for value in each.cell.values))
                for each in self.renewed
            ),
        ]

    def _new_counts(self) -> Iterable[Count]:
        for added in self.added:
            yield from added.counts
        for renewed in self.renewed:
            yield from renewed.counts


def make_table(release: int, reported: Reported, published: PublishedActivity) -> ActivityTable:
    """Return the table of ``release``.

    A cell is never made again: its value is renewed if the change may be seen, and stands
    otherwise. What lies in no cell yet is divided into new ones.
    """
    inside: defaultdict[int, list[Count]] = defaultdict(list)
    free: list[Count] = []
    for count in reported.counts:
        cell = published.cell_of(count)
        if cell is not None:
            inside[cell].append(count)
        elif count.year in reported.years and count.indication in reported.groups:
            free.append(count)
    renewed: list[Renewal] = []
    standing: list[PublishedCell] = []
    outdated = 0
    for each in published.cells:
        version = version_of(inside[each.id])
        if may_follow(version, [value.version for value in each.values]):
            renewed.append(Renewal(each, tuple(inside[each.id])))
        else:
            standing.append(each)
            outdated += version != each.values[-1].version
    added = partition(free, _waiting(reported, published, free), reported.groups)
    shown = sum(_units(cell.counts) for cell in added)
    return ActivityTable(
        release,
        tuple(added),
        tuple(renewed),
        tuple(standing),
        outdated,
        reported.waiting,
        _units(free) - shown,
    )


def _waiting(
    reported: Reported, published: PublishedActivity, free: Iterable[Count]
) -> dict[int, frozenset[str]]:
    """Return the indications of each year of which no part lies in a cell.

    In a year that was published they are those that nobody had reported then; those without
    units go on waiting.
    """
    taken: defaultdict[int, set[str]] = defaultdict(set)
    for indication, year, _ in published.parts:
        taken[year].add(indication)
    late: defaultdict[int, set[str]] = defaultdict(set)
    for count in free:
        late[count.year].add(count.indication)
    waiting = {
        year: frozenset(late[year] if taken[year] else reported.groups) - taken[year]
        for year in reported.years
    }
    return {year: codes for year, codes in waiting.items() if codes}


def _line(codes: Codes, years: YearRange, region: Region, units: int, as_of: int) -> str:
    return (
        f"indications={','.join(codes)} years={years.first}..{years.last} region={region} "
        f"units={units} as_of={as_of}"
    )


def _units(counts: Iterable[Count]) -> int:
    return total(version_of(counts))
