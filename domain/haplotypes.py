"""Published haplotypes of HLA-A, -B and -DRB1: what is inherited together, and how often.

Each row of ``data/hla_haplotypes.csv`` is one figure of one study, with its source; first fields,
so that a figure is a lower bound. They belong to the model of match estimates and change with it.
"""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import fmean

from domain.regions import Region

MATCH_LOCI = ("A", "B", "DRB1")
"""The loci of the classic rule of six; a haplotype has one group of each."""

Fragment = tuple[str | None, ...]
"""A first field for each of `MATCH_LOCI`; ``None`` where a study does not name one."""

_DEVIATIONS = 2.0


@dataclass(frozen=True, slots=True)
class HaplotypeFigure:
    """What one study says of one haplotype.

    Attributes:
        fragment: The haplotype.
        region: The part of the nation that it stands for; ``None`` if it only shows how far
            studies differ.
        frequency: Among the chromosomes of the study, 0 to 1.
        population: Whom the study looked at.
        chromosomes: How many it counted.
        source: Where it is published.
    """

    fragment: Fragment
    region: Region | None
    frequency: float
    population: str
    chromosomes: int
    source: str

    @property
    def deviation(self) -> float:
        """Standard deviation of the frequency, by the size of the study."""
        return math.sqrt(self.frequency * (1 - self.frequency) / self.chromosomes)


@dataclass(frozen=True, slots=True)
class Haplotype:
    """A haplotype of a region.

    Attributes:
        fragment: The haplotype.
        frequency: Mean of the studies of the region, 0 to 1.
        least: Two standard deviations below the lowest figure of any study.
        most: The same above the highest.
    """

    fragment: Fragment
    frequency: float
    least: float
    most: float


def haplotype_name(fragment: Fragment) -> str:
    """Write a haplotype: ``A*30~B*13~DRB1*07``."""
    named = zip(MATCH_LOCI, fragment, strict=True)
    return "~".join(f"{locus}*{group}" for locus, group in named if group is not None)


def _fragment(name: str) -> Fragment:
    groups = dict(each.split("*") for each in name.split("~"))
    return tuple(groups.get(locus) for locus in MATCH_LOCI)


@cache
def haplotype_figures() -> tuple[HaplotypeFigure, ...]:
    """Return all figures, in the order of the file."""
    table = resources.files("domain") / "data" / "hla_haplotypes.csv"
    with table.open(encoding="utf-8") as lines:
        return tuple(
            HaplotypeFigure(
                _fragment(row["haplotype"]),
                Region(row["region"]) if row["region"] else None,
                float(row["frequency"]),
                row["population"],
                int(row["chromosomes"]),
                row["source"],
            )
            for row in csv.DictReader(lines)
        )


@cache
def haplotypes_of(region: Region) -> tuple[Haplotype, ...]:
    """Return the haplotypes of a region, those of three loci first, most frequent first.

    Those of the nation are the means of all studies.
    """
    figures = haplotype_figures()
    chosen = [each for each in figures if region in (Region.NATION, each.region)]
    fragments = dict.fromkeys(each.fragment for each in chosen)
    found = [
        _haplotype(fragment, _of(fragment, chosen), _of(fragment, figures))
        for fragment in fragments
    ]
    return tuple(sorted(found, key=lambda each: (each.fragment.count(None), -each.frequency)))


def _of(fragment: Fragment, figures: Iterable[HaplotypeFigure]) -> list[HaplotypeFigure]:
    return [each for each in figures if each.fragment == fragment]


def _haplotype(
    fragment: Fragment, chosen: Sequence[HaplotypeFigure], every: Sequence[HaplotypeFigure]
) -> Haplotype:
    return Haplotype(
        fragment,
        fmean(each.frequency for each in chosen),
        max(0.0, min(each.frequency - _DEVIATIONS * each.deviation for each in every)),
        max(each.frequency + _DEVIATIONS * each.deviation for each in every),
    )


def net_frequencies(
    gross: Mapping[Fragment, float], margins: Sequence[Mapping[str, float]], hidden: Sequence[float]
) -> dict[Fragment, float]:
    """Return how often each haplotype is drawn, so that no group is more frequent than its margin.

    A short one is also part of the longer ones that contain it, and counts only beyond them.

    Args:
        gross: Published frequencies, longer haplotypes first.
        margins: For each of `MATCH_LOCI` the frequencies of its groups.
        hidden: For each of them the frequency that groups outside the margins have at most.
    """
    left = [dict(each) for each in margins]
    net: dict[Fragment, float] = {}
    for fragment, frequency in gross.items():
        inside = sum(part for longer, part in net.items() if _contains(longer, fragment))
        places = [(place, group) for place, group in enumerate(fragment) if group is not None]
        budget = min(left[place].setdefault(group, hidden[place]) for place, group in places)
        net[fragment] = max(0.0, min(frequency - inside, budget))
        for place, group in places:
            left[place][group] -= net[fragment]
    return net


def _contains(longer: Fragment, shorter: Fragment) -> bool:
    return longer != shorter and all(
        group is None or group == other for group, other in zip(shorter, longer, strict=True)
    )
