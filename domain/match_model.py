"""How likely a unit is to match a patient: Hardy-Weinberg over haplotypes of three loci.

Of a haplotype only that matters which of the patient's two groups it has at each locus, or none:
27 classes at most, and a unit is two haplotypes drawn independently. So a probability is a sum
over a few hundred pairs, whatever the size of the inventory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement, product
from math import prod

from domain.haplotypes import Fragment

LEVELS = (6, 5, 4)
"""Groups of six that match: all, at least five, at least four."""

Pair = tuple[str, str]
"""The two groups of a person at one locus; one twice is homozygous."""

_NEITHER, _FIRST, _SECOND = range(3)
_Class = tuple[int, ...]
"""For each locus whether a haplotype has the patient's first group, the second, or neither."""


_Fixed = tuple[int | None, ...]
"""The same of a published haplotype; ``None`` where it names no group."""


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely a unit is to match, by groups of six.

    Attributes:
        all: By whatever haplotypes.
        published: By two haplotypes that are both published, each with all three loci.
    """

    all: Mapping[int, float]
    published: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Population:
    """Whose haplotypes are drawn.

    Attributes:
        haplotypes: Frequency of each published haplotype; what they leave is drawn locus by locus.
    """

    haplotypes: Mapping[Fragment, float]

    def match_chances(
        self, patient: Sequence[Pair], shares: Sequence[tuple[float, float]]
    ) -> Chances:
        """Return how likely a unit is to have at least so many of the patient's six groups.

        Args:
            patient: The patient's groups at each locus.
            shares: The frequencies of these two groups; the second counts only if it is another.
        """
        kinds = tuple(len(set(pair)) for pair in patient)
        fragments = self._fragments(patient)
        left = [
            _left(locus, pair, share, fragments)
            for locus, (pair, share) in enumerate(zip(patient, shares, strict=True))
        ]
        whole = {each: share for each, share in fragments.items() if None not in each}
        return Chances(
            _at_least(kinds, _class_chances(kinds, fragments, left)),
            _at_least(kinds, _class_chances(kinds, whole, left)),
        )

    def _fragments(self, patient: Sequence[Pair]) -> dict[_Fixed, float]:
        """Return the published haplotypes as the patient sees them, and what they leave."""
        found: dict[_Fixed, float] = {(None,) * len(patient): 1 - sum(self.haplotypes.values())}
        for fragment, frequency in self.haplotypes.items():
            fixed = tuple(map(_place, fragment, patient))
            found[fixed] = found.get(fixed, 0.0) + frequency
        return found


def _class_chances(
    kinds: tuple[int, ...], fragments: Mapping[_Fixed, float], left: Sequence[Sequence[float]]
) -> list[float]:
    """Return the chance of each class of haplotypes, in the order of `_classes_of`."""
    chances = dict.fromkeys(_classes_of(kinds), 0.0)
    for fixed, frequency in fragments.items():
        choices = [
            range(1 + kind) if place is None else (place,)
            for kind, place in zip(kinds, fixed, strict=True)
        ]
        for wanted in product(*choices):
            chances[wanted] += frequency * prod(
                left[locus][place] for locus, place in enumerate(wanted) if fixed[locus] is None
            )
    return list(chances.values())


def _at_least(kinds: tuple[int, ...], chances: Sequence[float]) -> dict[int, float]:
    """Return the chance that two haplotypes together match at so many groups or more."""
    matched = [0.0] * (2 * len(kinds) + 1)
    for one, other, times, count in _pairs(kinds):
        matched[count] += times * chances[one] * chances[other]
    return {level: sum(matched[level:]) for level in LEVELS}


def _place(group: str | None, pair: Pair) -> int | None:
    """Return which of a pair a group is; ``None`` for a group that is not named."""
    if group is None:
        return None
    if group == pair[0]:
        return _FIRST
    return _SECOND if group == pair[1] else _NEITHER


def _left(
    locus: int,
    pair: Pair,
    share: tuple[float, float],
    fragments: Mapping[_Fixed, float],
) -> tuple[float, float, float]:
    """Return how the locus is drawn where no haplotype fixes it: what these leave of the shares."""
    first, second = share[0], share[1] if pair[0] != pair[1] else 0.0
    margins = (max(0.0, 1 - first - second), first, second)
    beyond = [
        max(0.0, margin - sum(f for each, f in fragments.items() if each[locus] == place))
        for place, margin in enumerate(margins)
    ]
    total = sum(beyond)
    if not total:
        return (1.0, 0.0, 0.0)
    return (beyond[0] / total, beyond[1] / total, beyond[2] / total)


@cache
def _classes_of(kinds: tuple[int, ...]) -> list[_Class]:
    """Return the classes of haplotypes beside a patient with so many groups at each locus."""
    return list(product(*(range(1 + kind) for kind in kinds)))


@cache
def _pairs(kinds: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Return the pairs of classes that can make a unit: both places, orders, matches of six."""
    classes = list(enumerate(_classes_of(kinds)))
    return [
        (i, j, 1 if i == j else 2, sum(map(_matched, kinds, one, other)))
        for (i, one), (j, other) in combinations_with_replacement(classes, 2)
    ]


def _matched(kind: int, one: int, other: int) -> int:
    """Return how many of the patient's two groups at a locus a unit has.

    Each group of the patient is matched by one of the unit: of a homozygous patient's, a unit that
    has the group once matches one.

    Args:
        kind: 1 for a homozygous patient, else 2.
        one: The class of one haplotype of the unit at the locus.
        other: That of the other one.
    """
    if kind == 1:
        return (one == _FIRST) + (other == _FIRST)
    return (_FIRST in (one, other)) + (_SECOND in (one, other))
