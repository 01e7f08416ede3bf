"""What a choice of levels would hold back, counted exactly over compressed units."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.disclosure import held_back_share
from domain.units import AboGroup
from publishing.combinations import Combinations, Integers
from publishing.hierarchy import SCHEME_KEYS, Hierarchy
from publishing.lattice import Node
from publishing.scheme_goal import Goal

_HUNDRED = 100
_BANK = list(SCHEME_KEYS).index("bank")
_ABO = list(SCHEME_KEYS).index("abo")


@dataclass(frozen=True, slots=True)
class Share:
    """Units held back of a group of units.

    Attributes:
        group: The bank or the ABO group; empty for all units.
        held_back: Units of it in classes that are too small.
        units: Units of it.
    """

    group: str
    held_back: int
    units: int

    @property
    def percent(self) -> float:
        """The share in per cent."""
        return _HUNDRED * held_back_share(self.units - self.held_back, self.held_back)

    def within(self, limit: int) -> bool:
        """Tell whether at most ``limit`` per cent are held back; exact."""
        return _HUNDRED * self.held_back <= limit * self.units

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "group": self.group or None,
            "held_back": self.held_back,
            "units": self.units,
            "percent": round(self.percent, 2),
        }


@dataclass(frozen=True, slots=True)
class Holding:
    """What a node would hold back.

    Attributes:
        overall: Of all units.
        bank: Of the bank of which the largest share is held back.
        abo: Of the ABO group of which the largest share is held back; UNKNOWN is exempt.
        classes: Classes that would be published.
        smallest_class: Units of the smallest of them; 0 without any.
    """

    overall: Share
    bank: Share
    abo: Share
    classes: int
    smallest_class: int

    def broken(self, goal: Goal) -> tuple[str, ...]:
        """Name the limits of ``goal`` that are not kept."""
        limits = {
            "overall": (self.overall, goal.held_back),
            "bank": (self.bank, goal.held_back_group),
            "abo": (self.abo, goal.held_back_group),
        }
        return tuple(name for name, (share, limit) in limits.items() if not share.within(limit))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "overall": self.overall.as_json(),
            "worst_bank": self.bank.as_json(),
            "worst_abo": self.abo.as_json(),
            "classes": self.classes,
            "smallest_class": self.smallest_class,
        }


class Counter:
    """Counts for any node what it would hold back, in whole numbers only."""

    def __init__(
        self, combinations: Combinations, hierarchies: tuple[Hierarchy, ...], k: int
    ) -> None:
        self._combinations = combinations
        self._k = k
        self._groups = [
            [_grouped(hierarchy, level, values) for level in range(len(hierarchy.levels))]
            for hierarchy, values in zip(hierarchies, combinations.values, strict=True)
        ]
        self._banks = self._totals(_BANK, combinations.counts)
        self._abo = self._totals(_ABO, combinations.counts)

    def __call__(self, node: Node) -> Holding:
        """Return what ``node`` would hold back."""
        counts = self._combinations.counts
        keys, size = self._keys(node)
        sizes = _summed(keys, counts, size)
        held = np.where(sizes[keys] < self._k, counts, 0)
        published = sizes[sizes >= self._k]
        return Holding(
            overall=Share("", int(held.sum()), self._combinations.units),
            bank=self._worst(_BANK, self._totals(_BANK, held), self._banks),
            abo=self._worst(_ABO, self._totals(_ABO, held), self._abo),
            classes=len(published),
            smallest_class=int(published.min()) if len(published) else 0,
        )

    def _keys(self, node: Node) -> tuple[Integers, int]:
        """Return the class of each combination as a number below the second value."""
        keys = np.zeros(len(self._combinations.counts), dtype=np.int64)
        size = 1
        for codes, groups, level in zip(self._combinations.codes, self._groups, node, strict=True):
            group, groups_count = groups[level]
            if groups_count > 1:
                keys = keys * groups_count + group[codes]
                size *= groups_count
        return keys, size

    def _totals(self, attribute: int, counts: Integers) -> Integers:
        codes = self._combinations.codes[attribute]
        return _summed(codes, counts, len(self._combinations.values[attribute]))

    def _worst(self, attribute: int, held: Integers, units: Integers) -> Share:
        """Return the group with the largest share held back; the first one if several have it."""
        worst = Share("", 0, 0)
        for value, back, whole in zip(
            self._combinations.values[attribute], held.tolist(), units.tolist(), strict=True
        ):
            if value == AboGroup.UNKNOWN:
                continue
            if not worst.group or back * worst.units > worst.held_back * whole:
                worst = Share(str(value), back, whole)
        return worst


def _grouped(
    hierarchy: Hierarchy, level: int, values: tuple[Any, ...]
) -> tuple[NDArray[np.int64], int]:
    """Return the number of the group of each of ``values``, and how many groups there are."""
    numbers: dict[Any, int] = {}
    groups = [numbers.setdefault(hierarchy.group(level, value), len(numbers)) for value in values]
    return np.array(groups, dtype=np.int64), max(len(numbers), 1)


def _summed(keys: Integers, counts: Integers, size: int) -> Integers:
    """Add up ``counts`` by ``keys``; whole numbers throughout, unlike weights of a bincount."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, keys, counts)
    return sums
