"""When a count of transplants, or its change, may be shown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from domain.disclosure import MINIMUM_ACTIVITY, stands_for_many
from publishing.activity.count import Count

Version: TypeAlias = Mapping[tuple[str, int, str], int]
"""What a value of a cell is made of: units by bank, year and indication, none of them 0."""

MOST_VALUES = 6
"""Values that a cell may have over all releases; from then on the last one stands."""

_Edge: TypeAlias = tuple[int, int, str, int]
"""Node before the first value and node of the last value that hold it; bank; units."""


def version_of(counts: Iterable[Count]) -> Version:
    """Return what a cell of ``counts`` is made of."""
    return {(count.bank, count.year, count.indication): count.units for count in counts}


def total(version: Version) -> int:
    """Return the units of a cell."""
    return sum(version.values())


def holds(version: Version) -> bool:
    """Tell whether the count may be shown: enough units, and no bank sees another in it."""
    return total(version) >= MINIMUM_ACTIVITY and stands_for_many(by_bank(version).values())


def may_follow(version: Version, earlier: Sequence[Version]) -> bool:
    """Tell whether ``version`` may be shown where all of ``earlier`` were shown before.

    It holds by itself; its difference to each earlier value is at least `MINIMUM_ACTIVITY` and
    comes from banks as a count of its own would; and so does every set of reports whose sum
    follows from all the values together.
    """
    if len(earlier) >= MOST_VALUES or not holds(version):
        return False
    if not all(change_holds(old, version) for old in earlier):
        return False
    return all(not sum(units) or holds_for(units) for units in derivable([*earlier, version]))


def change_holds(old: Version, new: Version) -> bool:
    """Tell whether the difference of two values may be seen; none is no reason for a new value."""
    if abs(total(new) - total(old)) < MINIMUM_ACTIVITY:
        return False
    return stands_for_many(map(abs, change_of(old, new).values()))


def change_of(old: Version, new: Version) -> dict[str, int]:
    """Return by how much each bank's part of a cell differs, without those of which none does."""
    change = Counter(by_bank(new))
    change.subtract(by_bank(old))
    return {bank: units for bank, units in change.items() if units}


def holds_for(units: Sequence[int]) -> bool:
    """Tell whether units of different banks may be shown as one sum."""
    return sum(units) >= MINIMUM_ACTIVITY and stands_for_many(units)


def derivable(versions: Sequence[Version]) -> Iterable[list[int]]:
    """Yield the units by bank of every set of counts whose sum follows from the values.

    A count is what a bank reports of a year and an indication. It is the same one from a value to
    later ones until the bank reports something else. Numbering the values 1 to n and giving each
    of 0 to n a potential, a combination of the values takes a count that stands in the values s
    to e as often as the potential grows from s - 1 to e. It is a set if that is 0 or 1 for every
    count. (The counts stand in consecutive values, so that the matrix is totally unimodular and
    whole numbers are enough.)
    """
    edges = _edges(versions)
    for potential in _potentials(len(versions), edges):
        by_bank: Counter[str] = Counter()
        for start, end, bank, units in edges:
            if potential[end] - potential[start] == 1:
                by_bank[bank] += units
        yield list(by_bank.values())


def by_bank(version: Version) -> Mapping[str, int]:
    """Return the units of each bank in a cell."""
    by_bank: Counter[str] = Counter()
    for (bank, _, _), units in version.items():
        by_bank[bank] += units
    return by_bank


def _edges(versions: Sequence[Version]) -> list[_Edge]:
    edges: list[_Edge] = []
    for place in sorted({place for version in versions for place in version}):
        start = 0
        for units, run in groupby(version.get(place, 0) for version in versions):
            end = start + len(list(run))
            if units:
                edges.append((start, end, place[0], units))
            start = end
    return edges


def _potentials(values: int, edges: Sequence[_Edge]) -> Iterable[dict[int, int]]:
    """Yield every assignment of nodes in which each edge grows by 0 or 1."""
    near: dict[int, list[tuple[int, int]]] = {node: [] for node in range(values + 1)}
    for start, end, _, _ in edges:
        near[start].append((end, 1))
        near[end].append((start, -1))
    found: list[dict[int, int]] = [{}]
    for root in near:
        if root not in found[0]:
            found = [{**potential, root: 0} for potential in found]
            found = _grown(found, root, near)
    return found


def _grown(
    found: list[dict[int, int]], root: int, near: Mapping[int, list[tuple[int, int]]]
) -> list[dict[int, int]]:
    """Extend assignments to all nodes that are connected with ``root``, one by one."""
    known, queue = {root}, [root]
    while queue:
        node = queue.pop(0)
        for other, sign in near[node]:
            if other not in known:
                known.add(other)
                queue.append(other)
                found = [
                    {**potential, other: potential[node] + step * sign}
                    for potential in found
                    for step in (0, 1)
                ]
                found = [each for each in found if _fits(each, other, near[other])]
    return found


def _fits(potential: Mapping[int, int], node: int, near: Iterable[tuple[int, int]]) -> bool:
    return all(
        (potential[other] - potential[node]) * sign in (0, 1)
        for other, sign in near
        if other in potential
    )
