"""How laboratories wrote down the HLA types: alleles, groups, codes or antigens, with gaps.

The shares are choices of the design. They have random numbers of their own, so that nothing else
of a unit depends on them.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from random import Random

from publishing.synthesis.distributions import Weighted
from publishing.synthesis.donors import Typing

Written = tuple[tuple[str, str, str, str | None], ...]
"""Locus, ``DNA`` or ``SER``, first and second value for each locus; ``None``: left blank."""


class Notation(Enum):
    """How the values of a unit are written."""

    ALLELE = "11:01"
    FULL_NAME = "A*11:01"
    CODED = "11:AEBX"
    GROUP = "11:XX"
    ANTIGEN = "11"
    G_GROUP = "11:01:01G"
    P_GROUP = "11:01P"


NOTATIONS = {
    Notation.ALLELE: 80,
    Notation.GROUP: 6,
    Notation.CODED: 5,
    Notation.ANTIGEN: 4,
    Notation.G_GROUP: 2,
    Notation.P_GROUP: 2,
    Notation.FULL_NAME: 1,
}
"""Percent of the units with each notation."""

BLANK_HOMOZYGOTE = 0.25
"""Of the homozygous loci, the share that is written once and left blank, and not twice."""
UNTYPED_SECOND = 0.004
"""Of the units, the share of which the second value of one locus was never typed."""
UNTYPED_LOCUS = 0.02
"""Of the units, the share of which one locus that need not be typed was not."""

_NOTATIONS = Weighted(NOTATIONS)
# Letters as multiple allele codes have them; which alleles a code stands for is made up too.
_CODES = ("AB", "AD", "BFJ", "AEBX", "CVXT")
_OPTIONAL = ("C", "DQB1")
# IPD-IMGT/HLA, wmda/rel_dna_ser.txt; other alleles react as their first field says.
_SPLITS = {
    ("B", "15:01"): "62",
    ("B", "15:02"): "75",
    ("B", "40:01"): "60",
    ("B", "40:02"): "61",
    ("DRB1", "03:01"): "17",
}
_GREATEST_OF_C = 8
"""C*12 and those after it have no antigen."""


def plainly(typing: Typing) -> Written:
    """Return ``typing`` as alleles of two fields, a homozygote twice."""
    return tuple((locus, "DNA", one, other) for locus, one, other in typing)


def draw_written(rng: Random, typings: list[Typing]) -> list[Written]:
    """Return how the ``typings`` were written, in the same order."""
    return [
        tuple(_written(rng, notation, _typed_part(rng, typing)))
        for notation, typing in zip(_NOTATIONS.draw(rng, len(typings)), typings, strict=True)
    ]


def _typed_part(rng: Random, typing: Typing) -> Typing:
    if rng.random() >= UNTYPED_LOCUS:
        return typing
    untyped = rng.choice(_OPTIONAL)
    return tuple(values for values in typing if values[0] != untyped)


def _written(
    rng: Random, notation: Notation, typing: Typing
) -> Iterator[tuple[str, str, str, str | None]]:
    gap = rng.choice(typing)[0] if rng.random() < UNTYPED_SECOND else None
    write = _writer(rng, notation)
    for locus, one, other in typing:
        method, first, second = write(locus, one, other)
        is_blank = one == other and rng.random() < BLANK_HOMOZYGOTE
        yield locus, method, first, None if is_blank or locus == gap else second


_Writer = Callable[[str, str, str], tuple[str, str, str]]


def _writer(rng: Random, notation: Notation) -> _Writer:
    if notation is Notation.ANTIGEN:
        return _as_antigens
    if notation is Notation.CODED:
        # A code belongs to the allele, so that a homozygote stays one.
        codes = rng.sample(_CODES, len(_CODES))
        return lambda _, one, other: ("DNA", _coded(codes, one), _coded(codes, other))
    return _AS_ALLELES[notation]


_AS_ALLELES: dict[Notation, _Writer] = {
    Notation.ALLELE: lambda _, one, other: ("DNA", one, other),
    Notation.FULL_NAME: lambda locus, one, other: ("DNA", f"{locus}*{one}", f"{locus}*{other}"),
    Notation.GROUP: lambda _, one, other: ("DNA", f"{one[:2]}:XX", f"{other[:2]}:XX"),
    Notation.G_GROUP: lambda _, one, other: ("DNA", f"{one}:01G", f"{other}:01G"),
    Notation.P_GROUP: lambda _, one, other: ("DNA", f"{one}P", f"{other}P"),
}


def _coded(codes: list[str], allele: str) -> str:
    return f"{allele[:2]}:{codes[int(allele[3:]) % len(codes)]}"


def _as_antigens(locus: str, one: str, other: str) -> tuple[str, str, str]:
    if locus == "DQB1" or (locus == "C" and max(int(one[:2]), int(other[:2])) > _GREATEST_OF_C):
        return "DNA", f"{one[:2]}:XX", f"{other[:2]}:XX"
    first, second = (_SPLITS.get((locus, allele), str(int(allele[:2]))) for allele in (one, other))
    return "SER", first, second
