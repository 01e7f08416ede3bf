"""What follows from all tables of transplants together: sums and differences of their cells.

The attacker knows every cell that any release has shown, knows which bank reported a year anew
and when, and which figures stayed as they were. It combines cells in every way and looks at what
comes out: a set of counts whose sum it then knows, or the change of one.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Place: TypeAlias = tuple[str, int, str]
"""Bank, year and indication."""
State: TypeAlias = Mapping[Place, int]
"""The newest reports, as they were when a release was made."""

FLOOR = 22
BANKS = 3
PERCENT = 10
_ALL_SIGNS = 10
_ALL_TWICE = 5
_FEW_CELLS = 3


@dataclass(frozen=True, slots=True)
class ServedCell:
    """A cell as anybody can read it; `as_of` is the release whose reports it was counted from."""

    indications: tuple[str, ...]
    first: int
    last: int
    region: str
    units: int
    as_of: int

    @property
    def told(self) -> str:
        """What it is about, as findings name it."""
        return f"{','.join(self.indications)} {self.first}..{self.last} {self.region}"

    def holds(self, place: Place, regions: Mapping[str, str | None]) -> bool:
        """Tell whether the count of ``place`` is in the cell."""
        bank, year, indication = place
        return (
            indication in self.indications
            and self.first <= year <= self.last
            and self.region in ("NATION", regions[bank])
        )


def leaks(
    cells: Iterable[ServedCell], states: Mapping[int, State], regions: Mapping[str, str | None]
) -> list[str]:
    """Return a sentence for everything that follows from ``cells`` and must not be known.

    Args:
        cells: The cells of all releases.
        states: What was reported when each release was made, by its number.
        regions: Part of the nation of each bank.
    """
    rows = sorted(set(cells), key=repr)
    found = [
        f"{row.told} says {row.units}, the reports {said}"
        for row in rows
        if row.units != (said := _sum(row, states[row.as_of], regions))
    ]
    for together in _components(rows, states, regions):
        found += _combine([rows[place] for place in together], states, regions)
    return found


def _sum(row: ServedCell, state: State, regions: Mapping[str, str | None]) -> int:
    return sum(units for place, units in state.items() if row.holds(place, regions))


def _components(
    rows: Sequence[ServedCell],
    states: Mapping[int, State],
    regions: Mapping[str, str | None],
) -> Iterator[list[int]]:
    """Yield cells that share a place with one another, directly or through others."""
    places = {place for state in states.values() for place in state}
    shared = [[n for n, row in enumerate(rows) if row.holds(p, regions)] for p in places]
    components: list[set[int]] = []
    for numbers in shared:
        touched = [each for each in components if not each.isdisjoint(numbers)]
        components = [each for each in components if each.isdisjoint(numbers)]
        components.append(set(numbers).union(*touched))
    yield from (sorted(each) for each in components if each)


def _combine(
    rows: Sequence[ServedCell],
    states: Mapping[int, State],
    regions: Mapping[str, str | None],
) -> Iterator[str]:
    """Try every combination of ``rows``, as far as they are not too many."""
    columns, units, banks = _figures(states)
    matrix = np.array(
        [[_has(row, column, regions) for column in columns] for row in rows], dtype=np.int8
    )
    for factors in itertools.chain(_factors(len(rows)), _rests(matrix)):
        for start in range(0, len(factors), 20_000):
            part = factors[start : start + 20_000]
            sums = part @ matrix
            sets = ((sums == 0) | (sums == 1)).all(axis=1)
            for chosen in np.unique(sums[sets], axis=0):
                if fault := _small(_by_bank(chosen * units, banks)):
                    yield f"{fault} follow from {len(rows)} cells around {rows[0].told}"
    for one, other in itertools.permutations(range(len(rows)), 2):
        if _same(rows[one], rows[other]) and rows[one].as_of < rows[other].as_of:
            change = _by_bank((matrix[other] - matrix[one]) * units, banks)
            if fault := _small(change):
                yield f"{rows[one].told} changes by {fault}"


def _figures(
    states: Mapping[int, State],
) -> tuple[list[tuple[Place, int, int]], NDArray[np.int64], list[str]]:
    """Return each figure that stood in some releases: its place, and its first and last one."""
    columns: list[tuple[Place, int, int]] = []
    units: list[int] = []
    numbers = sorted(states)
    for place in sorted({place for state in states.values() for place in state}):
        said_by = [(number, states[number].get(place, 0)) for number in numbers]
        for said, run in itertools.groupby(said_by, itemgetter(1)):
            held = [number for number, _ in run]
            if said:
                columns.append((place, held[0], held[-1]))
                units.append(said)
    return columns, np.array(units, dtype=np.int64), [place[0] for place, _, _ in columns]


def _has(
    row: ServedCell, column: tuple[Place, int, int], regions: Mapping[str, str | None]
) -> bool:
    place, first, last = column
    return first <= row.as_of <= last and row.holds(place, regions)


def _factors(rows: int) -> Iterator[NDArray[np.int8]]:
    if rows <= _ALL_TWICE:
        yield np.array(list(itertools.product((-2, -1, 0, 1, 2), repeat=rows)), dtype=np.int8)
    elif rows <= _ALL_SIGNS:
        yield np.array(list(itertools.product((-1, 0, 1), repeat=rows)), dtype=np.int8)
    else:
        for few in range(1, _FEW_CELLS + 1):
            chosen = np.array(list(itertools.combinations(range(rows), few)))
            for signs in itertools.product((-1, 1), repeat=few):
                factors = np.zeros((len(chosen), rows), dtype=np.int8)
                for column, sign in enumerate(signs):
                    factors[np.arange(len(chosen)), chosen[:, column]] = sign
                yield factors


def _rests(matrix: NDArray[np.int8]) -> Iterator[NDArray[np.int8]]:
    """Yield each cell without as many others as fit into it beside each other."""
    for row, held in enumerate(matrix):
        factors = np.zeros((1, len(matrix)), dtype=np.int8)
        factors[0, row], rest = 1, held.copy()
        for other in np.argsort(-matrix.sum(axis=1), kind="stable"):
            if other != row and matrix[other].any() and (matrix[other] <= rest).all():
                factors[0, other] = -1
                rest = rest - matrix[other]
        yield factors


def _by_bank(units: NDArray[np.int64], banks: Sequence[str]) -> Counter[str]:
    by_bank: Counter[str] = Counter()
    for bank, number in zip(banks, units.tolist(), strict=True):
        by_bank[bank] += number
    return by_bank


def _small(by_bank: Counter[str]) -> str:
    """Say what is wrong with a sum that is known, or nothing."""
    total = abs(by_bank.total())
    largest = sorted((abs(units) for units in by_bank.values() if units), reverse=True)
    if total and total < FLOOR:
        return f"{total} units"
    if total and len(largest) < BANKS:
        return f"{total} units of {len(largest)} banks"
    if total and 100 * sum(largest[2:]) < PERCENT * largest[0]:
        return f"{total} units that one bank dominates"
    return ""


def _same(one: ServedCell, other: ServedCell) -> bool:
    return (one.indications, one.first, one.last, one.region) == (
        other.indications,
        other.first,
        other.last,
        other.region,
    )
