"""Some batch classes of a table: what a filter selects, or a band of it."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.bands import UNRECORDED, Band
from loaders.class_table import ClassTable, Mask

_SPARSE = 8
"""Cells for each class from which on it is dearer to count in a whole table than to sort."""

Dimension = tuple[str, Callable[[Any], Any]]
"""The name of an attribute, and the key by which its values are ordered."""


@dataclass(frozen=True, eq=False)
class ClassSet:
    """Batch classes that one release holds.

    Attributes:
        table: The classes of all releases.
        reach: How many rows of it existed when the release was published; rows beyond it were
            published since, and stay out.
        mask: The rows of the set.
    """

    table: ClassTable
    reach: int
    mask: Mask

    @cached_property
    def units(self) -> int:
        """Exact number of units of the set."""
        return int(self.table.units[self.mask].sum())

    @cached_property
    def units_in_reach(self) -> int:
        """Number of units that existed when the release was published, withdrawn ones included."""
        return int(self.table.units[: self.reach].sum())

    @cached_property
    def newest(self) -> int:
        """The highest batch class id that existed when the release was published, or 0."""
        return int(self.table.ids[self.reach - 1]) if self.reach else 0

    @property
    def ids(self) -> list[int]:
        """The ids of the set, ascending."""
        ids: list[int] = self.table.ids[self.mask].tolist()
        return ids

    @cached_property
    def size(self) -> int:
        """How many classes the set has."""
        return int(np.count_nonzero(self.mask))

    @property
    def is_whole(self) -> bool:
        """Whether the set holds every class that existed when the release was published."""
        return self.size == self.reach

    @cached_property
    def marks(self) -> bytes:
        """One bit for each id up to `newest`, the lowest of each byte first; 1 if it is held."""
        flags = np.zeros(self.newest + 1, np.bool_)
        flags[self.table.ids[self.mask]] = True
        return np.packbits(flags, bitorder="little").tobytes()

    def holds(self, id_: int) -> bool:
        """Tell whether the set holds the class ``id_``."""
        return id_ <= self.newest and bool(self.marks[id_ >> 3] >> (id_ & 7) & 1)

    @cached_property
    def tnc_ranks(self) -> frozenset[float]:
        """The TNC bands that the set holds, by `tnc_rank`."""
        column = self.table.columns["tnc"]
        there = np.flatnonzero(np.bincount(column.codes[self.mask])).tolist()
        return frozenset(tnc_rank(column.values[code]) for code in there)

    def of_tnc_rank(self, rank: float) -> "ClassSet":
        """Return the part of the set whose TNC band has ``rank``."""
        inside = self.table.columns["tnc"].where(lambda band: tnc_rank(band) == rank)
        return ClassSet(self.table, self.reach, self.mask & inside)

    def cross_table(self, dimensions: Sequence[Dimension]) -> "CrossTable":
        """Return the units of the set by ``dimensions``."""
        rows = np.flatnonzero(self.mask)
        place = np.zeros(len(rows), np.int64)
        values = []
        for name, key in dimensions:
            column = self.table.columns[name]
            ordered, rank = column.ordered(key)
            place = place * len(ordered) + rank[column.codes[rows]]
            values.append(ordered)
        shape = tuple(map(len, values))
        places, units = _summed(place, self.table.units[rows], math.prod(shape))
        return CrossTable(values, shape, places, units)


def _summed(
    place: NDArray[np.int64], units: NDArray[np.int32], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different places, all below ``most``, ascending, and the sum of units at each."""
    if most <= _SPARSE * len(place):
        sums = np.bincount(place, weights=units)
        places = np.flatnonzero(sums)  # no class is without units
        return places, sums[places].astype(np.int64)
    places, cells = np.unique(place, return_inverse=True)
    return places, np.bincount(cells, weights=units).astype(np.int64)


@dataclass(frozen=True, eq=False)
class CrossTable:
    """Numbers of units by dimensions; cells without units are left out.

    Attributes:
        values: The values of each dimension, in order.
        shape: How many these are.
        places: Where each cell stands in a table of that shape, ascending.
        units: How many units each cell has.
    """

    values: Sequence[Sequence[Any]]
    shape: tuple[int, ...]
    places: NDArray[np.int64]
    units: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def cells(self) -> Iterable[tuple[Sequence[int], int]]:
        """Yield the place of each cell in `values`, dimension by dimension, and its units."""
        units = self.units.tolist()
        if not self.shape:
            return (((), each) for each in units)
        places = np.array(np.unravel_index(self.places, self.shape)).T.tolist()
        return zip(places, units, strict=True)


def tnc_rank(band: Band | None) -> float:
    """Return what units are ordered by: the band's lower end in 10^8 cells.

    The lowest band, which has none, starts at 0; a band that was not recorded or not published
    has the rank -1.
    """
    if band is None or band == UNRECORDED:
        return -1.0
    return 0.0 if band.minimum is None else band.minimum
