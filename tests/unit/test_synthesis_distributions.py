"""The distributions say what the published tables say."""

from collections import Counter
from random import Random

import pytest

from domain.banks import BANK_CODES
from publishing.synthesis.dates import year_weights
from publishing.synthesis.distributions import LogNormal, Weighted, published
from publishing.synthesis.donors import blood_group_shares
from publishing.synthesis.hla import LOCI, Chromosome, allele_frequencies, gene_pool
from publishing.synthesis.profiles import PROFILES, Region, apportion

_BY_CODE = {profile.code: profile for profile in PROFILES}


def _rng(seed: int) -> Random:
    return Random(seed)


def test_a_lognormal_is_made_of_its_moments() -> None:
    """The median and sigma that the study's mean and deviation imply come out."""
    found = LogNormal.of_moments(10.63, 2.80)

    assert (round(found.median, 3), round(found.sigma, 4)) == (10.279, 0.259)
    assert found.at(0) == found.median


def test_weighted_values_never_draw_a_weight_of_zero() -> None:
    """Values come in proportion to their weights."""
    drawn = Counter(Weighted({"a": 3, "never": 0, "b": 1}).draw(_rng(5), 40_000))

    assert drawn["a"] / 40_000 == pytest.approx(0.75, abs=0.01)
    assert set(drawn) == {"a", "b"}


@pytest.mark.parametrize(
    "table",
    [
        "abo_rh_china.csv",
        "cell_dose_published.csv",
        "hla_regional.csv",
        "hla_haplotypes.csv",
    ],
)
def test_every_published_figure_names_its_source(table: str) -> None:
    """No row of the package's data is without the study that it comes from."""
    assert [row for row in published(table) if not row["source"]] == []


def test_shares_of_the_banks_are_skewed_within_limits() -> None:
    """Each bank has at least 5 % and at most 30 % of the units, and all of them have 100 %."""
    shares = {profile.code: profile.share for profile in PROFILES}

    assert tuple(shares) == BANK_CODES
    assert sum(shares.values()) == pytest.approx(1)
    assert (min(shares.values()), max(shares.values())) == (0.09, 0.22)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (7, [1, 1, 1, 1, 1, 1, 1]),
        (8, [2, 1, 1, 1, 1, 1, 1]),
        (107, [23, 14, 13, 10, 16, 21, 10]),
        (300_000, [66_000, 39_000, 36_000, 27_000, 45_000, 60_000, 27_000]),
    ],
)
def test_units_are_apportioned_without_a_rest(units: int, expected: list[int]) -> None:
    """Shares are rounded so that every bank has a unit and the sum is exact."""
    counts = apportion(units)

    assert [counts[code] for code in BANK_CODES] == expected
    assert sum(expected) == units


def test_collections_ramp_up_stay_and_fall_slowly() -> None:
    """A bank's years climb to a plateau from 2010 to 2017 and then fall by 5 % a year."""
    weights = year_weights(_BY_CODE["GD"])

    assert (min(weights), max(weights)) == (1998, 2024)
    assert weights[1998] == pytest.approx(1 / 169)
    assert [weights[year] for year in range(2010, 2018)] == [1.0] * 8
    assert weights[2018] == pytest.approx(0.95)
    assert weights[2024] == pytest.approx(0.95**7)


def test_the_ramp_agrees_with_guangdong_s_first_eight_years() -> None:
    """Of 300,000 units about as many are Guangdong's of 1998 to 2005 as were published: 4,147."""
    weights = year_weights(_BY_CODE["GD"])
    early = sum(weights[year] for year in range(1998, 2006)) / sum(weights.values())

    assert 60_000 * early == pytest.approx(4_147, rel=0.1)


def test_blood_groups_shift_from_north_to_south() -> None:
    """Beijing has 3 points more of B, Guangdong 5 more of O, Shanghai the national shares."""
    beijing, shanghai, guangdong = (
        blood_group_shares(_BY_CODE[code]) for code in ("BJ", "SH", "GD")
    )

    assert shanghai == pytest.approx({"A": 0.2872, "B": 0.2817, "O": 0.3420, "AB": 0.0891})
    assert beijing["B"] == pytest.approx(0.3117 / 1.03)
    assert guangdong["O"] == pytest.approx(0.3920 / 1.05)
    for shares in (beijing, shanghai, guangdong):
        assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("row", published("hla_regional.csv"), ids=str)
def test_allele_frequencies_meet_every_figure_of_the_region(row: dict[str, str]) -> None:
    """A group of alleles is as frequent as the region's study says."""
    frequencies = allele_frequencies(Region(row["region"]))

    found = sum(
        frequency
        for allele, frequency in frequencies.items()
        if any(f"{allele}:".startswith(f"{group}:") for group in row["alleles"].split())
    )

    assert found == pytest.approx(float(row["frequency"]), abs=1e-6)


@pytest.mark.parametrize("region", Region)
def test_allele_frequencies_add_up_at_each_locus(region: Region) -> None:
    """The alleles of a locus share exactly 100 %."""
    frequencies = allele_frequencies(region)

    for locus in LOCI:
        total = sum(
            share for allele, share in frequencies.items() if allele.startswith(f"{locus}*")
        )
        assert total == pytest.approx(1)


@pytest.fixture(scope="module", params=Region)
def drawn(request: pytest.FixtureRequest) -> tuple[Region, list[Chromosome]]:
    """40,000 chromosomes of a region."""
    region: Region = request.param
    return region, gene_pool(region).draw(_rng(11), 40_000)


def test_drawn_chromosomes_keep_the_allele_frequencies(
    drawn: tuple[Region, list[Chromosome]],
) -> None:
    """Haplotypes that are drawn whole do not distort how frequent an allele is."""
    region, chromosomes = drawn
    expected = allele_frequencies(region)

    for index, locus in enumerate(LOCI):
        found = Counter(chromosome[index] for chromosome in chromosomes)
        for allele, count in found.items():
            if (locus, allele) != ("DQB1", "02:02"):
                share = count / len(chromosomes)
                assert share == pytest.approx(expected[f"{locus}*{allele}"], abs=0.012)


@pytest.mark.parametrize(
    ("region", "haplotype", "published_frequency"),
    [
        ("north", "A*30:01~B*13:02~DRB1*07:01", 0.0430),
        ("north", "A*02:07~B*46:01~DRB1*09:01", 0.0307),
        ("east", "A*33:03~B*58:01~C*03:02~DRB1*03:01~DQB1*02:01", 0.0402),
        ("east", "A*30:01~B*13:02~C*06:02~DRB1*07:01~DQB1*02:02", 0.0311),
        ("south", "A*33:03~B*58:01~C*03:02~DRB1*03:01~DQB1*02:01", 0.0402),
    ],
)
def test_linkage_is_that_of_the_published_haplotypes(
    region: str, haplotype: str, published_frequency: float
) -> None:
    """Alleles that are inherited together come together as often as was published."""
    alleles = dict(allele.split("*") for allele in haplotype.split("~"))
    chromosomes = [
        dict(zip(LOCI, chromosome, strict=True))
        for chromosome in gene_pool(Region(region)).draw(_rng(3), 40_000)
    ]

    found = sum(alleles.items() <= chromosome.items() for chromosome in chromosomes)

    assert found / 40_000 == pytest.approx(published_frequency, abs=0.004)
