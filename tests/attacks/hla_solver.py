"""All inventories that could have led to the HLA tables of one locus, as a whole-number program.

A number of units is learned if it is the same, or from 1 to 19, in all of them. The program knows
everything that is public: the tables of all releases, how they round, and the units of each part.
"""

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from tests.attacks.hla_tables import LEAST, NATION, PARTS, REST, HlaRow, HlaTable

HIDDEN = "*"
"""All groups that no table ever shows."""

Pair: TypeAlias = tuple[str, str]
Cell: TypeAlias = tuple[int, str, Pair]
"""Release, area and genotype."""
Sum: TypeAlias = Mapping[int, float]
"""Weights by the place of a cell."""


class Number(NamedTuple):
    """A number of units that may be asked for.

    Attributes:
        name: What it counts.
        weights: How it adds up from the cells.
        constant: What is added to that.
    """

    name: str
    weights: Sum
    constant: float = 0.0


class Puzzle:
    """The tables of one locus as equations over the units of each genotype.

    Attributes:
        versions: Releases that were counted, ascending.
        areas: Areas that add up to the nation.
        groups: Groups that some table shows freshly.
    """

    def __init__(
        self, tables: Sequence[HlaTable], published: Mapping[tuple[int, str], int]
    ) -> None:
        """Set the equations up.

        Args:
            tables: All tables of one locus.
            published: Units by release and area, as the units themselves say.
        """
        counted = [table for table in tables if table.as_of == table.release]
        self._tables = {(table.release, table.region): table for table in counted}
        self.versions = sorted({table.release for table in counted})
        divided = any(table.region != NATION for table in counted)
        self.areas = (*PARTS, REST) if divided else (NATION,)
        self.groups = sorted({group for table in counted for group in table.fresh})
        self._published = published
        atoms = [HIDDEN, *self.groups]
        self._pairs = list(itertools.combinations_with_replacement(atoms, 2))
        cells = itertools.product(self.versions, self.areas, self._pairs)
        self._places: dict[Cell, int] = {cell: place for place, cell in enumerate(cells)}
        self._rows: list[Sum] = []
        self._low: list[float] = []
        self._high: list[float] = []
        for version in self.versions:
            for area in self._areas_of(version):
                self._add_table(version, area)

    def only_grows(self, before: int, after: int) -> None:
        """Use that no unit of ``before`` is gone or typed otherwise in ``after``."""
        for area, pair in itertools.product(self.areas, self._pairs):
            old, new = self._places[before, area, pair], self._places[after, area, pair]
            self._require({new: 1.0, old: -1.0}, 0, np.inf)

    def carriers(self, version: int, area: str, group: str) -> Sum:
        """Units with ``group``."""
        return self._units(version, area, lambda pair: float(group in pair))

    def homozygous(self, version: int, area: str, group: str) -> Sum:
        """Units with ``group`` twice."""
        return self._units(version, area, lambda pair: float(pair == (group, group)))

    def typed(self, version: int, area: str) -> Sum:
        """Typed units."""
        return self._units(version, area, lambda _: 1.0)

    def beyond(self, version: int, area: str, groups: Collection[str]) -> Sum:
        """Units with a group that is none of ``groups``."""
        return self._units(version, area, lambda pair: float(not set(pair) <= set(groups)))

    def numbers(self) -> Iterator[Number]:
        """Yield every number of units that must not be learned while it is small."""
        for version, area in itertools.product(self.versions, dict.fromkeys((*self.areas, NATION))):
            yield from self._numbers(version, area)
        for area in dict.fromkeys((*self.areas, NATION)):
            for then, now in itertools.combinations(self.versions, 2):
                for old, new in zip(
                    self._numbers(then, area), self._numbers(now, area), strict=True
                ):
                    weights = dict(new.weights)
                    for place, weight in old.weights.items():
                        weights[place] = weights.get(place, 0) - weight
                    name = f"{new.name} minus release {then}"
                    yield Number(name, weights, new.constant - old.constant)

    def _numbers(self, version: int, area: str) -> Iterator[Number]:
        """Yield the numbers of one area, always the same ones in the same order."""
        place = f"in {area} of release {version}"
        typed = self.typed(version, area)
        yield Number(f"typed {place}", typed)
        if (published := self._published.get((version, area))) is not None:
            yield Number(f"untyped {place}", _minus({}, typed), published)
        yield Number(f"units with a hidden group {place}", self.beyond(version, area, self.groups))
        for group in self.groups:
            carriers = self.carriers(version, area, group)
            twice = self.homozygous(version, area, group)
            yield Number(f"units with {group} {place}", carriers)
            yield Number(f"homozygotes of {group} {place}", twice)
            yield Number(f"units with {group} once {place}", _minus(carriers, twice))
            yield Number(f"typed units without {group} {place}", _minus(typed, carriers))
        for pair in itertools.combinations(self.groups, 2):
            both = self._units(version, area, partial(_equal, pair))
            yield Number(f"units with {' and '.join(pair)} {place}", both)

    def value(self, number: Number, units: Mapping[Cell, int]) -> int:
        """Return what ``number`` is in an inventory."""
        cells = self._vector(units)
        total = sum(weight * float(cells[place]) for place, weight in number.weights.items())
        return round(number.constant + total)

    def bounds(self, number: Number) -> tuple[int, int]:
        """Return the least and the greatest value of a number in all inventories."""
        constant = round(number.constant)
        least = -self._greatest(_minus({}, number.weights))
        return constant + least, constant + self._greatest(number.weights)

    def learned(self, number: Number) -> tuple[int, int] | None:
        """Return the bounds of a number that is surely of 1 to 19, more or less, else nothing."""
        low, high = self.bounds(number)
        few = 0 < low <= high < LEAST or -LEAST < low <= high < 0
        return (low, high) if few else None

    def allows(self, units: Mapping[Cell, int]) -> bool:
        """Tell whether an inventory could have led to the tables."""
        sums = self._matrix() @ self._vector(units)
        return bool(np.all(sums >= self._low) and np.all(sums <= self._high))

    def _vector(self, units: Mapping[Cell, int]) -> NDArray[np.float64]:
        values = np.zeros(len(self._places))
        for (version, area, pair), number in units.items():
            one, other = sorted(g if g in self.groups else HIDDEN for g in pair)
            values[self._places[version, area, (one, other)]] += number
        return values

    def _areas_of(self, version: int) -> Sequence[str]:
        """Return the areas whose tables of ``version`` can be read or subtracted."""
        return self.areas if (version, PARTS[0]) in self._tables else (NATION,)

    def _add_table(self, version: int, area: str) -> None:
        table = self._table(version, area)
        for group, row in table.fresh.items():
            assert row.copies is not None
            carriers = self.carriers(version, area, group)
            self._require(carriers, row.units, row.units)
            twice = row.copies - row.units
            low, high = max(0, twice - LEAST), twice + LEAST - 1
            self._require(self.homozygous(version, area, group), low, high)
        typed = self.typed(version, area)
        most = min(table.typed + LEAST - 1, self._published[version, area])
        self._require(typed, table.typed, most)
        beyond = self.beyond(version, area, table.groups)
        self._require(beyond, table.others, table.others + LEAST - 1 if table.others else 0)

    def _table(self, version: int, area: str) -> HlaTable:
        """Return a table, or what the nation has more than its parts."""
        if area != REST:
            return self._tables[version, area]
        nation = self._tables[version, NATION]
        parts = [self._tables[version, part] for part in PARTS]
        rows = {
            group: HlaRow(
                row.units - sum(part.rows[group].units for part in parts if group in part.rows),
                None
                if row.copies is None
                else row.copies - sum(part.rows[group].copies or 0 for part in parts),
                row.frequency,
                row.as_of,
            )
            for group, row in nation.rows.items()
        }
        return HlaTable(
            version,
            nation.locus,
            REST,
            nation.published - sum(part.published for part in parts),
            nation.typed - sum(part.typed for part in parts),
            nation.as_of,
            {group: row for group, row in rows.items() if row.units or group != "OTHER"},
        )

    def _units(self, version: int, area: str, weigh: Callable[[Pair], float]) -> Sum:
        areas = self.areas if area == NATION else (area,)
        return {
            self._places[version, each, pair]: weight
            for each in areas
            for pair in self._pairs
            if (weight := weigh(pair))
        }

    def _require(self, of: Sum, low: float, high: float) -> None:
        self._rows.append(of)
        self._low.append(low)
        self._high.append(high)

    def _matrix(self) -> csr_array:
        entries = [(row, place, w) for row, of in enumerate(self._rows) for place, w in of.items()]
        rows, places, weights = zip(*entries, strict=True)
        return csr_array((weights, (rows, places)), shape=(len(self._rows), len(self._places)))

    def _greatest(self, of: Sum) -> int:
        costs = np.zeros(len(self._places))
        for place, weight in of.items():
            costs[place] = -weight
        found = milp(
            costs,
            constraints=LinearConstraint(self._matrix(), self._low, self._high),
            integrality=np.ones(len(self._places)),
            bounds=Bounds(0, np.inf),
        )
        assert found.success, found.message
        return round(-float(found.fun))


def _equal(one: Pair, other: Pair) -> float:
    return float(one == other)


def _minus(one: Sum, other: Sum) -> Sum:
    """Subtract sums."""
    return {place: one.get(place, 0.0) - other.get(place, 0.0) for place in {**one, **other}}
