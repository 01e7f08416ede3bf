"""Populations to test match estimates in: as the inventory is drawn, and with all inherited whole."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmarks.match_truth import TypedUnits
from domain.haplotypes import MATCH_LOCI, Fragment, haplotypes_of, net_frequencies
from domain.match_model import Pair
from domain.regions import Region
from publishing.synthesis.hla import LOCI, allele_frequencies, gene_pool
from publishing.synthesis.profiles import Region as Population

ORIGIN = {Region.NORTH: Population.NORTH, Region.SOUTH: Population.EAST}
"""Whose frequencies the people of a part have."""
_PLACES = [LOCI.index(locus) for locus in MATCH_LOCI]
_STICKS = 20_000
_COMPLETIONS = 200

Haplotype = tuple[str, ...]


def drawn_patients(origin: Population, count: int, seed: int) -> list[list[Pair]]:
    """Return patients of the synthetic inventory's population, drawn by a seed of their own."""
    chromosomes = gene_pool(origin).draw(Random(seed), 2 * count)  # noqa: S311 - patients are reproducible
    firsts = [tuple(c[place].partition(":")[0] for place in _PLACES) for c in chromosomes]
    return [_person(*both) for both in zip(firsts[::2], firsts[1::2], strict=True)]


class WholeHaplotypes:
    """A population in which all that is inherited is a haplotype of three loci.

    The published haplotypes have their frequencies. What they leave is no longer drawn locus by
    locus: it is cut into haplotypes of uneven sizes (a Dirichlet process), each with groups drawn
    by what the haplotypes leave of the region's frequencies. So groups stay together that no study
    names, which is what an estimate cannot know.

    Args:
        region: Whose frequencies and haplotypes.
        concentration: How many haplotypes share the rest, in the order of magnitude.
        seed: Decides all.
    """

    def __init__(self, region: Region, concentration: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self.region = region
        margins = _margins(ORIGIN[region])
        gross = {each.fragment: each.frequency for each in haplotypes_of(region)}
        fixed = net_frequencies(gross, margins, [0.0] * len(margins))
        left = [_left(margin, fixed, place) for place, margin in enumerate(margins)]
        whole: dict[Haplotype, float] = defaultdict(float)
        for fragment, frequency in fixed.items():
            for haplotype in self._completed(fragment, left):
                whole[haplotype] += frequency / _COMPLETIONS
        rest = 1 - sum(fixed.values())
        for haplotype, size in zip(
            self._drawn(left, _STICKS), self._sizes(concentration), strict=True
        ):
            whole[haplotype] += rest * size
        self._haplotypes = list(whole)
        shares = np.array(list(whole.values()))
        self._shares: NDArray[np.float64] = shares / shares.sum()

    @property
    def homozygosity(self) -> float:
        """The chance that two haplotypes are the same."""
        return float((self._shares**2).sum())

    def people(self, count: int) -> list[list[Pair]]:
        """Draw people, each with two haplotypes."""
        chosen = self._random.choice(len(self._haplotypes), (count, 2), p=self._shares)
        return [_person(self._haplotypes[one], self._haplotypes[other]) for one, other in chosen]

    def units(self, count: int) -> TypedUnits:
        """Draw units."""
        groups = np.array([[int(g) for g in each] for each in self._haplotypes], np.int16)
        chosen = self._random.choice(len(groups), (count, 2), p=self._shares)
        both = np.stack([groups[chosen[:, 0]], groups[chosen[:, 1]]], axis=2)
        return TypedUnits(
            both.reshape(count, 2 * len(MATCH_LOCI)), np.full(count, self.region.value)
        )

    def _sizes(self, concentration: int) -> NDArray[np.float64]:
        """Break a stick into pieces, the first ones the longest."""
        breaks = self._random.beta(1, concentration, _STICKS)
        sizes = breaks * np.concatenate([[1.0], np.cumprod(1 - breaks)[:-1]])
        pieces: NDArray[np.float64] = sizes / sizes.sum()
        return pieces

    def _completed(self, fragment: Fragment, left: Sequence[dict[str, float]]) -> list[Haplotype]:
        return [
            tuple(known or group for known, group in zip(fragment, drawn, strict=True))
            for drawn in self._drawn(left, _COMPLETIONS)
        ]

    def _drawn(self, left: Sequence[dict[str, float]], count: int) -> list[Haplotype]:
        columns = [
            self._random.choice(list(groups), count, p=list(groups.values())).tolist()
            for groups in left
        ]
        return list(zip(*columns, strict=True))


def _person(one: Haplotype, other: Haplotype) -> list[Pair]:
    return [(min(pair), max(pair)) for pair in zip(one, other, strict=True)]


def _margins(origin: Population) -> list[dict[str, float]]:
    found: list[dict[str, float]] = []
    frequencies = allele_frequencies(origin)
    for locus in MATCH_LOCI:
        groups: dict[str, float] = {}
        for allele, frequency in frequencies.items():
            name, _, fields = allele.partition("*")
            if name == locus:
                group = fields.partition(":")[0]
                groups[group] = groups.get(group, 0.0) + frequency
        found.append(groups)
    return found


def _left(margin: dict[str, float], fixed: dict[Fragment, float], place: int) -> dict[str, float]:
    rest = {
        group: max(0.0, share - sum(f for each, f in fixed.items() if each[place] == group))
        for group, share in margin.items()
    }
    total = sum(rest.values())
    return {group: share / total for group, share in rest.items()}
