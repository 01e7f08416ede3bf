"""Attacks on HLA frequency tables: few units that a table, a sum or two releases tell."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.attacks.hla_solver import Puzzle
from tests.attacks.hla_tables import LEAST, NATION, PARTS, REST, HlaTable
from tests.attacks.public import Finding

_FEWEST_BANKS = 3


@dataclass(frozen=True)
class HlaSeen:
    """What everybody can read that bears on HLA.

    Attributes:
        tables: The tables of all releases.
        units: Units by release and area (the parts, the rest and the nation), and by bank, as the
            units themselves say.
    """

    tables: Sequence[HlaTable]
    units: Mapping[tuple[int, str], Mapping[str, int]]

    @property
    def loci(self) -> list[str]:
        """The loci that have tables."""
        return sorted({table.locus for table in self.tables})

    @property
    def published(self) -> dict[tuple[int, str], int]:
        """Units by release and area."""
        return {key: sum(banks.values()) for key, banks in self.units.items()}

    def pairs(self) -> Iterator[tuple[HlaTable, HlaTable]]:
        """Yield each older table with each newer one of its locus and region."""
        ordered = sorted(self.tables, key=lambda table: table.release)
        for old, new in itertools.combinations(ordered, 2):
            if (old.locus, old.region) == (new.locus, new.region) and old.release < new.release:
                yield old, new


def small_cells(seen: HlaSeen) -> list[Finding]:
    """Look for a cell of 1 to 19 units, and for what a cell leaves of the typed units."""
    return [
        Finding(_place(table), f"{units} units {says} {group}")
        for table in seen.tables
        for group, row in table.rows.items()
        for says, units in (("with", row.units), ("without", table.typed - row.units))
        if _few(units) and (says == "with" or group != "OTHER")
    ]


def homozygotes(seen: HlaSeen) -> list[Finding]:
    """Look for numbers of homozygotes that are told exactly."""
    return [
        Finding(_place(table), f"{twice} units with {group} twice")
        for table in seen.tables
        for group, row in table.groups.items()
        if (twice := (row.copies or 0) - row.units) % (2 * LEAST)
    ]


def untyped(seen: HlaSeen) -> list[Finding]:
    """Look for units that are not typed and few, where typed ones are told exactly."""
    return [
        Finding(_place(table), f"{units} untyped units")
        for table in seen.tables
        if table.typed % LEAST and _few(units := table.published - table.typed)
    ]


def margins(seen: HlaSeen) -> list[Finding]:
    """Subtract the parts from the nation: nothing is left, or the units of three more banks."""
    by_place = {(table.release, table.locus, table.region): table for table in seen.tables}
    found = []
    for (release, locus, region), nation in by_place.items():
        parts = [by_place.get((release, locus, part)) for part in PARTS]
        if region != NATION or None in parts:
            continue
        for group, row in nation.groups.items():
            rows = [part.rows.get(group) for part in parts if part]
            left = row.units - sum(each.units for each in rows if each)
            if None in rows or left < 0 or _few(left):
                found.append(Finding(_place(nation), f"{left} units with {group} beside the parts"))
        banks = seen.units.get((nation.as_of, REST), {})
        left = nation.published - sum(part.published for part in parts if part)
        if left and len(banks) < _FEWEST_BANKS:
            found.append(Finding(_place(nation), f"{left} units of {len(banks)} banks"))
    return found


def changes(seen: HlaSeen) -> list[Finding]:
    """Subtract each release from each later one: a count changes by 0 or at least 20."""
    return [
        Finding(_places(old, new), f"{change:+} {what}")
        for old, new in seen.pairs()
        for what, change in _changes(old, new)
        if _few(change)
    ]


def sums_of_three(seen: HlaSeen) -> list[Finding]:
    """Take what the second of three releases added from the third: what is left of the first."""
    tables: dict[tuple[str, str], list[HlaTable]] = {}
    for table in seen.tables:
        tables.setdefault((table.locus, table.region), []).append(table)
    return [
        Finding(
            _places(three[1], three[2]), f"{left} units with {group} left of {three[0].release}"
        )
        for of_place in tables.values()
        for three in combinations(of_place, 3)
        for group, left in _left_of_first(*three)
        if _few(left)
    ]


def bank_batches(seen: HlaSeen) -> list[Finding]:
    """Look for two counts of a region between which only one or two banks changed anything."""
    found = []
    for old, new in seen.pairs():
        before, after = (seen.units[table.as_of, table.region] for table in (old, new))
        banks = [b for b in {**before, **after} if before.get(b, 0) != after.get(b, 0)]
        told = old.as_of != new.as_of and _differs(old, new)
        if told and 0 < len(banks) < _FEWEST_BANKS:
            found.append(Finding(_places(old, new), f"the table of {' and '.join(sorted(banks))}"))
    return found


def reconstruction(seen: HlaSeen) -> list[Finding]:
    """Let a solver bound all numbers of the locus that has fewest groups."""
    groups = {
        locus: len({g for table in seen.tables if table.locus == locus for g in table.groups})
        for locus in seen.loci
    }
    if not groups:
        return []
    locus = min(groups, key=lambda each: (groups[each], each))
    tables = [table for table in seen.tables if table.locus == locus]
    puzzle = Puzzle(tables, seen.published)
    return [
        Finding(locus, f"{low} to {high} {number.name}")
        for number in puzzle.numbers()
        if (bounds := puzzle.learned(number))
        for low, high in [bounds]
    ]


HLA_ATTACKS: Sequence[Callable[[HlaSeen], list[Finding]]] = (
    small_cells,
    homozygotes,
    untyped,
    margins,
    changes,
    sums_of_three,
    bank_batches,
    reconstruction,
)
"""Every attack on HLA tables; each finds nothing where no rule is broken."""


def _changes(old: HlaTable, new: HlaTable) -> Iterator[tuple[str, int]]:
    yield "typed units", new.typed - old.typed
    for group in sorted(old.groups.keys() & new.groups.keys()):
        change = new.groups[group].units - old.groups[group].units
        yield f"units with {group}", change
        if group in old.fresh and group in new.fresh and old.typed % LEAST:
            yield f"typed units without {group}", new.typed - old.typed - change


def _left_of_first(first: HlaTable, second: HlaTable, third: HlaTable) -> Iterator[tuple[str, int]]:
    for group in sorted(first.groups.keys() & second.groups.keys() & third.groups.keys()):
        rows = [table.groups[group] for table in (first, second, third)]
        if len({row.as_of for row in rows}) == len(rows):
            yield group, rows[2].units - (rows[1].units - rows[0].units)


def _differs(old: HlaTable, new: HlaTable) -> bool:
    return {g: row.units for g, row in old.rows.items()} != {
        g: row.units for g, row in new.rows.items()
    }


def _few(units: int) -> bool:
    return 0 < abs(units) < LEAST


def _place(table: HlaTable) -> str:
    return f"{table.locus} in {table.region} of release {table.release}"


def _places(old: HlaTable, new: HlaTable) -> str:
    return f"{new.locus} in {new.region} of releases {old.release} and {new.release}"
