"""HLA types by region: published haplotypes drawn whole, other alleles by their frequencies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from publishing.synthesis.distributions import Weighted, published
from publishing.synthesis.profiles import Region

LOCI = ("A", "B", "C", "DRB1", "DQB1")
"""In the order of the inventory's elements."""

Chromosome = tuple[str, ...]
"""One allele of two fields for each of `LOCI`, without the locus: ``("11:01", ...)``."""
_Fragment = tuple[str | None, ...]
"""Alleles of some of `LOCI` that are inherited together."""

_ROUNDS = 40


@dataclass(frozen=True)
class GenePool:
    """The chromosomes of one region.

    Attributes:
        fragments: The published haplotypes, and `None` at every locus for none of them.
        alleles: For each of `LOCI`, the alleles outside those haplotypes.
    """

    fragments: Weighted[_Fragment]
    alleles: tuple[Weighted[str], ...]

    def draw(self, rng: Random, count: int) -> list[Chromosome]:
        """Return ``count`` chromosomes; two neighbours make a person."""
        columns = [alleles.draw(rng, count) for alleles in self.alleles]
        for index, fragment in enumerate(self.fragments.draw(rng, count)):
            for column, allele in zip(columns, fragment, strict=True):
                if allele is not None:
                    column[index] = allele
        return list(zip(*columns, strict=True))


@cache
def gene_pool(region: Region) -> GenePool:
    """Return the gene pool of a region, made of the published tables.

    An allele is as frequent as `allele_frequencies` says, inside and outside the haplotypes
    together. Only DQB1*02:02, which the table of alleles counts as 02:01, comes on top.
    """
    left = allele_frequencies(region)
    fragments: dict[_Fragment, float] = {}
    for alleles, frequency in _net_haplotypes(region, left).items():
        fragments[_by_locus(alleles)] = frequency
        for allele in alleles & left.keys():
            left[allele] -= frequency
    fragments[(None,) * len(LOCI)] = 1 - sum(fragments.values())
    return GenePool(Weighted(fragments), tuple(_remaining(left, locus) for locus in LOCI))


def _remaining(frequencies: Mapping[str, float], locus: str) -> Weighted[str]:
    return Weighted(
        {
            allele.partition("*")[2]: max(0.0, frequencies[allele])
            for allele in _of_locus(frequencies, locus)
        }
    )


def allele_frequencies(region: Region) -> dict[str, float]:
    """Return the frequency of each allele, 0 to 1 within its locus: ``{"A*11:01": 0.28, ...}``.

    The table of southern Chinese is raked to the figures published for the region: alleles of a
    group that a study names are scaled to its figure, the others of the locus to the rest.
    """
    frequencies = {
        row["allele"]: float(row["frequency"]) for row in published("hla_alleles_sg_chinese.csv")
    }
    anchors = [
        (_members(row["alleles"], frequencies), float(row["frequency"]))
        for row in published("hla_regional.csv")
        if row["region"] == region
    ]
    # Nested anchors (B*13 and B*13:02) pull at each other, less with every round.
    for _ in range(_ROUNDS if anchors else 0):
        for members, share in anchors:
            _scale(frequencies, members, share)
    for locus in LOCI:
        _scale(frequencies, frozenset(_of_locus(frequencies, locus)), 1.0)
    return frequencies


def _members(groups: str, frequencies: Mapping[str, float]) -> frozenset[str]:
    """Return the alleles of ``groups``: names of one or two fields, separated by spaces."""
    return frozenset(
        allele
        for allele in frequencies
        if any(f"{allele}:".startswith(f"{group}:") for group in groups.split())
    )


def _scale(frequencies: dict[str, float], members: frozenset[str], share: float) -> None:
    """Give ``members``, all of one locus, ``share`` of it, and the other alleles the rest."""
    locus = _of_locus(frequencies, _locus(min(members)))
    inside = sum(frequencies[allele] for allele in members)
    outside = sum(frequencies[allele] for allele in locus) - inside
    for allele in locus:
        if allele in members:
            frequencies[allele] *= share / inside
        else:
            frequencies[allele] *= (1 - share) / outside


def _net_haplotypes(
    region: Region, frequencies: Mapping[str, float]
) -> dict[frozenset[str], float]:
    """Return how often to draw each published haplotype of a region.

    A short one is also part of the longer ones that contain it, and counts only beyond them. None
    takes more of an allele than the region has: studies differ.
    """
    budget = dict(frequencies)
    net: dict[frozenset[str], float] = {}
    rows = [row for row in published("hla_haplotypes.csv") if row["region"] == region]
    for row in sorted(rows, key=lambda row: -row["haplotype"].count("~")):
        alleles = frozenset(row["haplotype"].split("~"))
        beyond = float(row["frequency"]) - sum(net[longer] for longer in net if alleles < longer)
        # DQB1*02:02 is not told from 02:01 in the table of alleles, and has no budget.
        known = [allele for allele in sorted(alleles) if allele in budget]
        net[alleles] = max(0.0, min(beyond, *(budget[allele] for allele in known)))
        for allele in known:
            budget[allele] -= net[alleles]
    return net


def _by_locus(alleles: frozenset[str]) -> _Fragment:
    names = {_locus(allele): allele.partition("*")[2] for allele in alleles}
    return tuple(names.get(locus) for locus in LOCI)


def _of_locus(frequencies: Mapping[str, float], locus: str) -> Sequence[str]:
    return [allele for allele in frequencies if _locus(allele) == locus]


def _locus(allele: str) -> str:
    return allele.partition("*")[0]
