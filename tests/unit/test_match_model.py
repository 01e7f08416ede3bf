"""The chance that a unit matches, against every pair of haplotypes of a small population."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.haplotypes import (
    MATCH_LOCI,
    Fragment,
    haplotype_figures,
    haplotype_name,
    haplotypes_of,
    net_frequencies,
)
from domain.match_model import LEVELS, Pair, Population
from domain.regions import Region
from publishing.synthesis.distributions import published

Margins = list[dict[str, float]]
Whole = dict[tuple[str, str, str], float]
"""Every haplotype of three loci, with its frequency."""

MARGINS: Margins = [
    {"02": 0.5, "11": 0.3, "24": 0.2},
    {"13": 0.25, "46": 0.35, "58": 0.4},
    {"07": 0.3, "09": 0.6, "15": 0.1},
]
HAPLOTYPES: dict[Fragment, float] = {
    ("02", "46", "09"): 0.15,
    ("11", "13", "07"): 0.05,
    (None, "13", "07"): 0.1,
    ("24", "58", None): 0.08,
}


def _population(haplotypes: dict[Fragment, float], margins: Margins) -> Whole:
    """Return every haplotype of three loci with its frequency, drawn as the model says."""
    left = []
    for place, margin in enumerate(margins):
        fixed: dict[str, float] = defaultdict(float)
        for fragment, frequency in haplotypes.items():
            if fragment[place] is not None:
                fixed[str(fragment[place])] += frequency
        rest = {group: share - fixed[group] for group, share in margin.items()}
        total = sum(rest.values())
        left.append({group: share / total for group, share in rest.items()})
    whole: Whole = defaultdict(float)
    free: Fragment = (None, None, None)
    for fragment, frequency in (*haplotypes.items(), (free, 1 - sum(haplotypes.values()))):
        choices = [
            {group: 1.0} if group is not None else left[place]
            for place, group in enumerate(fragment)
        ]
        for a, b, d in product(*choices):
            whole[a, b, d] += frequency * choices[0][a] * choices[1][b] * choices[2][d]
    return whole


def _true_chances(whole: Whole, patient: Sequence[Pair]) -> dict[int, float]:
    """Match every pair of haplotypes with the patient, group by group."""
    found = dict.fromkeys(LEVELS, 0.0)
    for (one, p), (other, q) in product(whole.items(), repeat=2):
        matched = sum(
            (Counter(pair) & Counter(both)).total()
            for pair, both in zip(patient, zip(one, other, strict=True), strict=True)
        )
        for level in LEVELS:
            found[level] += p * q * (matched >= level)
    return found


PAIRS: list[list[Pair]] = [
    [(one, other) for one, other in product(margin, repeat=2) if one <= other] for margin in MARGINS
]


@pytest.mark.parametrize("haplotypes", [{}, HAPLOTYPES], ids=["loci apart", "haplotypes"])
def test_chances_are_those_of_all_pairs(haplotypes: dict[Fragment, float]) -> None:
    """Of patients of all kinds, homozygous at any loci or none."""
    whole = _population(haplotypes, MARGINS)
    model = Population(haplotypes)
    assert sum(whole.values()) == pytest.approx(1)
    for patient in list(product(*PAIRS))[::7]:
        shares = [
            (margin[one], margin[other])
            for margin, (one, other) in zip(MARGINS, patient, strict=True)
        ]
        told = model.match_chances(patient, shares)
        assert told.all == pytest.approx(_true_chances(whole, patient))
        named = {(a, b, d): f for (a, b, d), f in haplotypes.items() if a and b and d}
        assert told.published == pytest.approx(_true_chances(named, patient))


def test_one_locus_alone_is_hardy_weinberg() -> None:
    """Where the two other loci match anyway, 6/6 is 2pq, or p squared of a homozygous patient."""
    sure = (1.0, 0.0)
    model = Population({})
    patient = (("02", "11"), ("46", "46"), ("09", "09"))
    told = model.match_chances(patient, [(0.3, 0.2), sure, sure])
    assert told.all == pytest.approx({6: 0.12, 5: 1 - 0.5**2, 4: 1.0})
    told = model.match_chances((("02", "02"), *patient[1:]), [(0.3, 0.3), sure, sure])
    assert told.all == pytest.approx({6: 0.09, 5: 1 - 0.7**2, 4: 1.0})


def test_a_patient_of_groups_that_nobody_has_matches_nobody() -> None:
    """And one of groups that everybody has matches all."""
    pairs = (("02", "02"), ("46", "46"), ("09", "09"))
    nobody = Population({}).match_chances(pairs, [(0.0, 0.0)] * 3).all
    assert nobody == {6: 0.0, 5: 0.0, 4: 0.0}
    everybody = Population({}).match_chances(pairs, [(1.0, 1.0)] * 3).all
    assert everybody == {6: 1.0, 5: 1.0, 4: 1.0}


_SHARE = st.floats(0.0, 0.49)


@given(shares=st.tuples(*[st.tuples(_SHARE, _SHARE)] * 3), more=st.integers(0, 5))
def test_chances_grow_with_the_level_and_the_shares(
    shares: tuple[tuple[float, float], ...], more: int
) -> None:
    """At least four is never less likely than at least five; a commoner group never matches less.

    Of this follows that the ends of what is known of the frequencies give the ends of the chances.
    """
    patient = (("02", "11"), ("13", "46"), ("07", "09"))
    low = Population({}).match_chances(patient, shares).all
    assert 0 <= low[6] <= low[5] + 1e-12 <= low[4] + 2e-12 <= 1 + 1e-9
    raised = [list(pair) for pair in shares]
    raised[more // 2][more % 2] += 0.01
    high = Population({}).match_chances(patient, [(one, other) for one, other in raised]).all
    assert all(high[level] >= low[level] - 1e-9 for level in LEVELS)


def test_no_haplotype_takes_more_of_a_group_than_there_is() -> None:
    """Nor does a part of one count again what the whole has."""
    gross: dict[Fragment, float] = {
        ("02", "46", "09"): 0.15,
        ("11", "46", "09"): 0.3,
        ("02", "46", None): 0.16,
        ("80", "46", "07"): 0.02,
    }
    net = net_frequencies(gross, MARGINS, hidden=[0.005, 0.0, 0.0])
    assert net == pytest.approx(
        {
            ("02", "46", "09"): 0.15,
            ("11", "46", "09"): 0.2,  # what B*46 has left
            ("02", "46", None): 0.0,
            ("80", "46", "07"): 0.0,
        }
    )
    alone = net_frequencies({("80", "46", "07"): 0.02}, MARGINS, hidden=[0.005, 0.0, 0.0])
    assert alone == {("80", "46", "07"): 0.005}
    assert net_frequencies({("02", "46", None): 0.16}, MARGINS, [0, 0, 0]) == {
        ("02", "46", None): 0.16
    }


def test_the_figures_are_the_published_ones() -> None:
    """Those of a region are what the synthetic inventory is drawn from, by first fields."""
    drawn = {
        (row["region"].upper(), _first_fields(row["haplotype"])): float(row["frequency"])
        for row in published("hla_haplotypes.csv")
        if row["region"] in ("north", "south") and _first_fields(row["haplotype"]).count("~")
    }
    told = {
        (each.region.value, haplotype_name(each.fragment)): each.frequency
        for each in haplotype_figures()
        if each.region is not None
    }
    assert told == drawn
    assert all(each.source and each.chromosomes > 1_000 for each in haplotype_figures())


def _first_fields(name: str) -> str:
    kept = [each for each in name.split("~") if each.partition("*")[0] in MATCH_LOCI]
    return "~".join(each.partition(":")[0] for each in kept)


def test_a_haplotype_is_as_uncertain_as_studies_differ() -> None:
    """From two deviations below the lowest figure to two above the highest, whatever the region."""
    (first, *_) = haplotypes_of(Region.NORTH)
    assert first.fragment == ("30", "13", "07")
    assert first.frequency == 0.043
    assert first.least == pytest.approx(0.0311 - 2 * (0.0311 * 0.9689 / 3468) ** 0.5)
    assert first.most == pytest.approx(0.0887 + 2 * (0.0887 * 0.9113 / 6476) ** 0.5)
    assert [each.fragment.count(None) for each in haplotypes_of(Region.NORTH)] == [0] * 4 + [1] * 3
    assert len(haplotypes_of(Region.SOUTH)) == 3
    nation = {each.fragment: each.frequency for each in haplotypes_of(Region.NATION)}
    assert nation["30", "13", "07"] == pytest.approx((0.043 + 0.0311 + 0.0887 + 0.0536) / 4)
