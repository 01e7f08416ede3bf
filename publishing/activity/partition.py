"""Divides the counts that no release has shown into cells that may be shown.

The cells are disjoint and every count of the years that take part lies in one of them, or none is
shown: there is no total beside them from which one that is too small would follow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from domain.disclosure import MINIMUM_ACTIVITY
from domain.periods import YearRange
from domain.regions import PARTS, Region
from publishing.activity.count import Count
from publishing.activity.holding import holds, version_of
from publishing.activity.row import reference_order

Codes: TypeAlias = tuple[str, ...]
_Sorted: TypeAlias = Mapping[str, Sequence[Count]]

_WIDE = 2 * MINIMUM_ACTIVITY
_LAST = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell is about, and the counts in it.

    Attributes:
        indications: Codes, in their order.
        years: Calendar years.
        region: Banks of a part of the nation, or all.
        counts: The counts in it.
    """

    indications: Codes
    years: YearRange
    region: Region
    counts: tuple[Count, ...]


def partition(
    counts: Iterable[Count], waiting: Mapping[int, frozenset[str]], groups: Mapping[str, str]
) -> list[Cell]:
    """Return the cells of the counts that wait.

    In this order: small indications are put together, within their group where that is enough;
    then neighbouring years; then the cell is divided into north and south if both hold. What is
    put together and still does not hold takes neighbours that do with it.

    Args:
        counts: The counts of ``waiting``.
        waiting: Codes of the indications of each year that no cell holds yet.
        groups: Group of each indication by code.
    """
    by_year: dict[int, list[Count]] = {year: [] for year in waiting}
    for count in counts:
        if count.indication in waiting.get(count.year, ()):
            by_year[count.year].append(count)
    cells: list[Cell] = []
    for run in _runs(waiting, groups):
        codes = waiting[run[0]]
        of_run = [count for year in run for count in by_year[year]]
        for node, members in _nodes(of_run, codes, groups):
            for years in _ranges(run, members):
                cells += _regions(node, years, members)
    return cells


def _runs(waiting: Mapping[int, frozenset[str]], groups: Mapping[str, str]) -> Iterator[list[int]]:
    """Yield neighbouring years of which nothing is published, and the others one by one."""
    whole = [year for year in sorted(waiting) if waiting[year] >= groups.keys()]
    for _, run in groupby(enumerate(whole), lambda each: each[1] - each[0]):
        yield [year for _, year in run]
    yield from ([year] for year in sorted(waiting) if year not in whole)


def _nodes(
    counts: Sequence[Count], codes: frozenset[str], groups: Mapping[str, str]
) -> list[tuple[Codes, list[Count]]]:
    """Put indications together until each set holds; return nothing if even all do not."""
    of_code = {code: [count for count in counts if count.indication == code] for code in codes}
    sets: list[Codes] = []
    singles: list[Codes] = []
    others: Codes = ()
    homeless = 0
    for group in sorted(set(groups.values())):
        inside = [code for code in codes if groups[code] == group]
        alone = [code for code in inside if _holds((code,), of_code)]
        singles += [(code,) for code in alone]
        rest = tuple(code for code in inside if code not in alone)
        if _is_safe(rest, len(rest), 0, of_code):
            sets.append(rest)
        else:
            others += rest
            homeless += bool(rest)
    singles.sort(key=_rarity)
    others, nodes = _sheltered(others, homeless, [*sets, *singles], of_code)
    if _holds(others, of_code):
        nodes.append(others)
    elif _of(others, of_code):
        return []
    return [(tuple(sorted(node)), _of(node, of_code)) for node in nodes]


def _sheltered(
    rest: Codes, parts: int, nodes: list[Codes], of_code: _Sorted
) -> tuple[Codes, list[Codes]]:
    """Let nodes join ``rest`` until it holds and does not tell how much of it is whose.

    Who knows how cells are made knows that no part of ``rest`` holds, and that a node that joined
    it does. So they join in an order that does not depend on the counts, and what they make has
    at least twice the smallest count.

    Args:
        rest: What does not hold part by part.
        parts: How many parts that are.
        nodes: What holds, in the order of joining.
        of_code: The counts by indication.
    """
    if not _of(rest, of_code):
        return rest, nodes
    joined = 0
    while joined < len(nodes) and not _is_safe(rest, parts, joined, of_code):
        rest += nodes[joined]
        joined += 1
    return rest, nodes[joined:]


def _is_safe(rest: Codes, parts: int, joined: int, of_code: _Sorted) -> bool:
    counts = _of(rest, of_code)
    if joined:
        return _hides(counts)
    return holds(version_of(counts)) and _is_vague(counts, parts)


def _is_vague(counts: Sequence[Count], parts: int) -> bool:
    """Tell whether any of the parts may be empty although none of them reaches the floor."""
    return _units(counts) <= (MINIMUM_ACTIVITY - 1) * (parts - 1)


def _rarity(node: Codes) -> tuple[int, str]:
    """Order indications against the reference table, which begins with the frequent ones."""
    (code,) = node
    return -reference_order().get(code, _LAST), code


def _ranges(run: Sequence[int], counts: Sequence[Count]) -> list[YearRange]:
    """Divide the years of ``run`` into the shortest ranges that hold, from the first year on."""
    ranges: list[YearRange] = []
    first = run[0]
    for year in run:
        if holds(version_of(_within(counts, YearRange(first, year)))):
            ranges.append(YearRange(first, year))
            first = year + 1
    if first <= run[-1]:  # years are left: they join the range before, and perhaps the next one
        last = YearRange(ranges.pop().first, run[-1])
        while ranges and not _hides(_within(counts, last)):
            last = YearRange(ranges.pop().first, run[-1])
        ranges.append(last)
    return ranges


def _hides(counts: Sequence[Count]) -> bool:
    """Tell whether counts that were put together hold, and do not tell how much is whose.

    A bank that weighs too much in what joins can weigh too much in the whole.
    """
    return holds(version_of(counts)) and _units(counts) >= _WIDE


def _regions(node: Codes, years: YearRange, counts: Sequence[Count]) -> list[Cell]:
    """Divide a cell into the parts of the nation, if each of them holds and nothing is left."""
    inside = _within(counts, years)
    parts = [
        Cell(node, years, part, tuple(count for count in inside if count.region is part))
        for part in PARTS
    ]
    is_whole = sum(len(cell.counts) for cell in parts) == len(inside)
    if is_whole and all(holds(version_of(cell.counts)) for cell in parts):
        return parts
    return [Cell(node, years, Region.NATION, tuple(inside))]


def _within(counts: Iterable[Count], years: YearRange) -> list[Count]:
    return [count for count in counts if years.first <= count.year <= years.last]


def _of(codes: Codes, of_code: _Sorted) -> list[Count]:
    return [count for code in codes for count in of_code[code]]


def _holds(codes: Codes, of_code: _Sorted) -> bool:
    return holds(version_of(_of(codes, of_code)))


def _units(counts: Iterable[Count]) -> int:
    return sum(count.units for count in counts)
