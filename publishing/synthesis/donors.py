"""The child behind a unit: sex, blood group, ethnicity and HLA type, all made up."""

from dataclasses import dataclass
from functools import cache
from random import Random

from publishing.synthesis.dates import Dates
from publishing.synthesis.distributions import Weighted, published
from publishing.synthesis.hla import LOCI, Chromosome, gene_pool
from publishing.synthesis.profiles import BankProfile

Typing = tuple[tuple[str, str, str], ...]
"""The typed loci in the inventory's order, each with its two alleles: ``("A", "11:01", "24:02")``.

A homozygote names its allele twice; a locus that was not typed is left out.
"""

FIVE_LOCI_SINCE = 2006
"""Before this year HLA-C and -DQB1 were not typed; a choice of the design."""
RHESUS_NEGATIVE = 0.004
"""Han: at most 0.5 % (doi 10.1186/s12967-021-03116-6)."""

_SEX: Weighted[str | None] = Weighted({"M": 0.505, "F": 0.475, None: 0.02})
_RHESUS = Weighted({"P": 1 - RHESUS_NEGATIVE, "N": RHESUS_NEGATIVE})
# ASSE is WMDA's group that holds China.
_ETHNICITY: Weighted[str | None] = Weighted({"ASSE": 0.95, "AS": 0.02, None: 0.03})
_LATE_LOCI = ("C", "DQB1")


@dataclass(frozen=True, slots=True)
class Donor:
    """A child and its unphased HLA type; ``None``: not recorded."""

    sex: str | None
    abo: str
    rhesus: str
    ethnicity: str | None
    typing: Typing


def draw_donors(rng: Random, profile: BankProfile, dates: list[Dates]) -> list[Donor]:
    """Return the children of units with these ``dates``, in the same order."""
    count = len(dates)
    chromosomes = gene_pool(profile.region).draw(rng, 2 * count)
    typings = [
        typing_of(one, other, late=at.collected.year >= FIVE_LOCI_SINCE)
        for one, other, at in zip(chromosomes[::2], chromosomes[1::2], dates, strict=True)
    ]
    return [
        Donor(*row)
        for row in zip(
            _SEX.draw(rng, count),
            blood_groups(profile).draw(rng, count),
            _RHESUS.draw(rng, count),
            _ETHNICITY.draw(rng, count),
            typings,
            strict=True,
        )
    ]


def typing_of(one: Chromosome, other: Chromosome, *, late: bool) -> Typing:
    """Return what a laboratory reports of two chromosomes: which is which stays unknown.

    Args:
        one: A chromosome.
        other: The other one.
        late: Whether all five loci were typed.
    """
    return tuple(
        (locus, first, second) if first <= second else (locus, second, first)
        for locus, first, second in zip(LOCI, one, other, strict=True)
        if late or locus not in _LATE_LOCI
    )


@cache
def _national_blood_groups() -> dict[str, float]:
    national = published("abo_rh_china.csv")[0]
    return {group: float(national[group]) for group in ("A", "B", "O", "AB")}


def blood_group_shares(profile: BankProfile) -> dict[str, float]:
    """Return the share of each ABO group, adding up to 1, among a bank's units."""
    shifted = {
        group: share + profile.blood_shift.get(group, 0.0)
        for group, share in _national_blood_groups().items()
    }
    total = sum(shifted.values())
    return {group: share / total for group, share in shifted.items()}


def blood_groups(profile: BankProfile) -> Weighted[str]:
    """Return the distribution of the ABO groups among a bank's units."""
    return Weighted(blood_group_shares(profile))
