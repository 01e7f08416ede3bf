"""How many units match a patient at A, B and DRB1, about: from published frequencies alone.

Nothing about an existing unit is consulted. The number that is expected is a chance of
`domain.match_model` times the typed units; what is told is a coarse band that holds the true
number nine times in ten or more, with all that is uncertain:

- the tables: frequencies are rounded, and groups that are not shown could have any part of OTHER;
- the haplotypes: studies differ, and each counted some hundreds of people;
- the model: only the most frequent haplotypes are published, and others are inherited together
  too. `MODEL_SPREAD` says by what factors that moves the number;
- chance: the units of a bank are one draw.

Factors and calibration: ``docs/clinicians.md``, ``benchmarks/match_calibration.py``.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from domain.haplotypes import (
    MATCH_LOCI,
    Fragment,
    Haplotype,
    haplotypes_of,
    net_frequencies,
)
from domain.match_model import LEVELS, Pair, Population
from domain.regions import Region

MODEL_SPREAD: Mapping[int, tuple[float, float]] = {6: (2.0, 8.0), 5: (1.5, 2.5), 4: (1.25, 1.5)}
"""By how much loci apart may give too many and too few, by groups that match.

Chosen so that bands hold 90 % of the numbers in populations in which every haplotype is inherited
as a whole, and not only the published ones.
"""

EDGES = (0, *(mantissa * 10**power for power in range(7) for mantissa in (1, 3)))
"""Where bands begin and end."""

_LOW, _HIGH = 0.05, 0.95
_NORMAL_FROM = 60.0
_SCORE = 1.645
_LOOSE_COPIES = 40
"""Copies of a group that a part of a table may be off by: twenty as homozygotes are rounded, and
nineteen units where the row of an earlier release stands."""
_ROUNDED_TYPED = 19


@dataclass(frozen=True)
class LocusTable:
    """The published frequencies of one locus in an area.

    Attributes:
        published: Units of the area, typed or not.
        typed: Those of which both values are known, rounded down; at least 1.
        frequencies: Frequency of each group that is shown, 0 to 1.
        other: Frequency of all others together; 0 if there are none.
        parts: Parts of the nation that were rounded one by one.
    """

    published: int
    typed: int
    frequencies: Mapping[str, float]
    other: float
    parts: int = 1

    def range_of(self, group: str) -> tuple[float, float]:
        """Return the least and the most that the frequency of ``group`` can be."""
        shown = self.frequencies.get(group)
        slack = self.parts * _LOOSE_COPIES / (2 * self.typed)
        if shown is None:
            return 0.0, min(1.0, self.other + slack)
        few = self.typed / (self.typed + self.parts * _ROUNDED_TYPED)
        return max(0.0, (shown - slack) * few), min(1.0, shown + slack)


@dataclass(frozen=True)
class Area:
    """A region, or what is left of it, with its tables.

    Attributes:
        region: Whose haplotypes are drawn.
        loci: The tables of `MATCH_LOCI`.
    """

    region: Region
    loci: tuple[LocusTable, ...]

    @property
    def typed(self) -> tuple[int, int]:
        """The fewest and the most units that are typed at all loci."""
        counts = [table.typed for table in self.loci]
        published = max(table.published for table in self.loci)
        least = sum(counts) - (len(counts) - 1) * published
        parts = max(table.parts for table in self.loci)
        return max(0, least), min(published, min(counts) + parts * _ROUNDED_TYPED)

    @property
    def haplotypes(self) -> tuple[Haplotype, ...]:
        """The published haplotypes of the region."""
        return haplotypes_of(self.region)

    @cached_property
    def populations(self) -> tuple[Population, ...]:
        """The area by the haplotypes as they are published, and at their least and most."""
        figures = (
            {each.fragment: each.frequency for each in self.haplotypes},
            {each.fragment: each.least for each in self.haplotypes},
            {each.fragment: each.most for each in self.haplotypes},
        )
        margins = [table.frequencies for table in self.loci]
        hidden = [table.other for table in self.loci]
        return tuple(Population(net_frequencies(each, margins, hidden)) for each in figures)

    def numbers(self, patient: Sequence[Pair]) -> dict[int, tuple[float, float]]:
        """Return for each level the least and the most units that are expected to match.

        What two published haplotypes give is as uncertain as their studies; all else is moved by
        `MODEL_SPREAD`.
        """
        ranges = [
            tuple(table.range_of(group) for group in pair)
            for table, pair in zip(self.loci, patient, strict=True)
        ]
        found = dict.fromkeys(LEVELS, (math.inf, 0.0))
        for end, population in product((0, 1), self.populations):
            shares = [(first[end], second[end]) for first, second in ranges]
            chances = population.match_chances(patient, shares)
            for level, (least, most) in found.items():
                published = chances.published[level] * self.typed[end]
                others = chances.all[level] * self.typed[end] - published
                down, up = MODEL_SPREAD[level]
                found[level] = (
                    min(least, published + others / down),
                    max(most, published + others * up),
                )
        return found


@dataclass(frozen=True, slots=True)
class MatchBand:
    """About how many units match.

    Attributes:
        matched: Groups of six that match, at least.
        least: Begin of the band.
        most: End of the band.
    """

    matched: int
    least: int
    most: int


@dataclass(frozen=True)
class MatchEstimate:
    """What can be said of a patient.

    Attributes:
        bands: One for each of `LEVELS`.
        haplotypes: The published haplotypes that lie within the patient's groups; if there are
            none, the loci count as independent.
        hidden: The patient's groups that a table does not show, such as ``A*80``.
        typed: Typed units by the locus that fewest are typed at, rounded down as its table says.
    """

    bands: tuple[MatchBand, ...]
    haplotypes: tuple[Fragment, ...]
    hidden: tuple[str, ...]
    typed: int


def estimate_matches(patient: Sequence[Pair], areas: Sequence[Area]) -> MatchEstimate:
    """Return about how many units of some areas match a patient.

    Args:
        patient: The two groups at each of `MATCH_LOCI`, first fields.
        areas: Parts that do not overlap; the numbers add up.
    """
    parts = [area.numbers(patient) for area in areas]
    return MatchEstimate(
        bands=tuple(_band(level, [part[level] for part in parts]) for level in LEVELS),
        haplotypes=tuple(dict.fromkeys(_within(patient, areas))),
        hidden=tuple(dict.fromkeys(_hidden(patient, areas))),
        typed=sum(min(table.typed for table in area.loci) for area in areas),
    )


def _band(level: int, numbers: Sequence[tuple[float, float]]) -> MatchBand:
    least = quantile(_LOW, sum(low for low, _ in numbers))
    most = max(1, quantile(_HIGH, sum(high for _, high in numbers)))
    return MatchBand(
        level,
        max(edge for edge in EDGES if edge <= least),
        next((edge for edge in EDGES if edge >= most), EDGES[-1]),
    )


def quantile(share: float, mean: float) -> int:
    """Return the number that ``share`` of the draws of a Poisson distribution do not exceed."""
    if mean > _NORMAL_FROM:
        score = _SCORE if share > 1 / 2 else -_SCORE  # of the two shares that are asked for
        return round(mean + score * math.sqrt(mean))
    number, chance = 0, math.exp(-mean)
    below = chance
    while below < share:
        number += 1
        chance *= mean / number
        below += chance
    return number


def _within(patient: Sequence[Pair], areas: Sequence[Area]) -> Iterator[Fragment]:
    """Yield the published haplotypes that the patient, and so a matching unit, may have."""
    for area in areas:
        for haplotype in area.haplotypes:
            groups = zip(haplotype.fragment, patient, strict=True)
            if all(group is None or group in pair for group, pair in groups):
                yield haplotype.fragment


def _hidden(patient: Sequence[Pair], areas: Sequence[Area]) -> Iterator[str]:
    for place, locus in enumerate(MATCH_LOCI):
        for group in patient[place]:
            if any(group not in area.loci[place].frequencies for area in areas):
                yield f"{locus}*{group}"
