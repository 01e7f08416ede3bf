"""All batch classes of all releases, as columns in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from loaders.published_classes import PublishedClass

MadeT = TypeVar("MadeT")

Mask = NDArray[np.bool_]
"""One flag for each row of a table."""

ATTRIBUTES = tuple(field.name for field in fields(PublishedClass))
"""The names of the columns, in order."""

NEVER = np.iinfo(np.int32).max
"""Stands for the release that withdraws a class which none has withdrawn."""


@dataclass(frozen=True, eq=False)
class Column:
    """An attribute of all classes: its few different values, and which of them each row has."""

    values: tuple[Any, ...]
    codes: NDArray[np.int32]

    def where(self, test: Callable[[Any], bool]) -> Mask:
        """Return the rows whose value meets ``test``, which is asked once for each value."""
        met = np.fromiter(map(test, self.values), np.bool_, len(self.values))
        return met[self.codes]

    def ordered(self, key: Callable[[Any], Any]) -> tuple[list[Any], NDArray[np.int64]]:
        """Return the values in the order of ``key``, and for each code its place among them."""
        places = sorted(range(len(self.values)), key=lambda code: key(self.values[code]))
        rank = np.empty(len(places), np.int64)
        rank[places] = np.arange(len(places))
        return [self.values[code] for code in places], rank


class ClassTable:
    """Batch classes in the order of their ids, which ascend with the release that added them.

    Attributes:
        ids: Ascending.
        units: How many units each class has.
        withdrawn: The first release that no longer holds the class, or `NEVER`.
        columns: What its units have in common, by the names of `ATTRIBUTES`.
    """

    def __init__(
        self,
        ids: NDArray[np.int32],
        units: NDArray[np.int32],
        withdrawn: NDArray[np.int32],
        columns: Sequence[Column],
    ) -> None:
        self.ids = ids
        self.units = units
        self.withdrawn = withdrawn
        self.columns = dict(zip(ATTRIBUTES, columns, strict=True))
        self._reach: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def published(self, id_: int) -> PublishedClass:
        """Return what the units of class ``id_`` have in common.

        Raises:
            LookupError: There is no such class.
        """
        row = int(np.searchsorted(self.ids, self.ids.dtype.type(id_)))
        if row == len(self) or self.ids[row] != id_:
            raise LookupError(f"batch class {id_} is missing")
        return PublishedClass(*(each.values[each.codes[row]] for each in self.columns.values()))

    def held_by(self, release: int) -> Mask:
        """Return the rows of the classes that ``release`` holds."""
        held = self.withdrawn > release
        held[self.reach(release) :] = False
        return held

    def reach(self, release: int) -> int:
        """Return how many rows existed when ``release`` was published, withdrawn ones included."""
        if release not in self._reach:
            rows = np.flatnonzero(self.columns["added"].where(lambda added: added <= release))
            self._reach[release] = int(rows[-1]) + 1 if len(rows) else 0
        return self._reach[release]


class Made(dict[int, MadeT], Generic[MadeT]):
    """What a function makes of classes, by id; made when first asked for."""

    def __init__(self, make: Callable[[PublishedClass], MadeT], table: ClassTable) -> None:
        super().__init__()
        self._make = make
        self._table = table

    def __missing__(self, id_: int) -> MadeT:
        made = self[id_] = self._make(self._table.published(id_))
        return made


class ReadClasses(Generic[MadeT]):
    """What a function makes of classes as one release reads them, or another.

    It is made when first asked for. When there is too much of it, all is forgotten.
    """

    def __init__(
        self, make: Callable[[PublishedClass, int], MadeT], table: ClassTable, most: int
    ) -> None:
        """Keep what ``make`` returns for a class and a release, at most ``most`` times."""
        self._make = make
        self._table = table
        self._most = most
        self._count = 0
        self._of_releases: dict[int, Made[MadeT]] = {}

    def of(self, release: int) -> Made[MadeT]:
        """Return what is made of classes as ``release`` reads them, by id."""
        found = self._of_releases.get(release)
        if found is None:
            make = partial(self._made, release=release)
            found = self._of_releases[release] = Made(make, self._table)
        return found

    def _made(self, published: PublishedClass, release: int) -> MadeT:
        if self._count >= self._most:
            for made in self._of_releases.values():
                made.clear()
            self._count = 0
        self._count += 1
        return self._make(published, release)
