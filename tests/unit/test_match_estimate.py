"""Bands of matching units: how wide, and why."""

import math

import pytest

from domain.hla_patient import InvalidGroupError, patient_group, patient_pair
from domain.match_estimate import (
    EDGES,
    MODEL_SPREAD,
    Area,
    LocusTable,
    estimate_matches,
    quantile,
)
from domain.regions import Region

PATIENT = (("02", "11"), ("46", "58"), ("03", "09"))


def _table(typed: int, shares: dict[str, float], published: int | None = None) -> LocusTable:
    other = round(1 - sum(shares.values()), 6)
    return LocusTable(typed if published is None else published, typed, shares, other)


def _area(
    typed: int = 100_000, region: Region = Region.SOUTH, published: int | None = None
) -> Area:
    shares = (
        {"02": 0.30, "11": 0.28, "24": 0.17, "30": 0.05, "33": 0.15},
        {"13": 0.08, "40": 0.16, "46": 0.13, "58": 0.08},
        {"03": 0.06, "07": 0.08, "09": 0.18, "12": 0.12},
    )
    return Area(region, tuple(_table(typed, each, published) for each in shares))


def test_a_band_holds_what_is_expected() -> None:
    """Its ends stand in the list of edges, and a looser match has more units."""
    estimate = estimate_matches(PATIENT, [_area()])
    assert [band.matched for band in estimate.bands] == [6, 5, 4]
    for band in estimate.bands:
        assert band.least in EDGES
        assert band.most in EDGES
        assert band.least < band.most
    six, five, four = estimate.bands
    assert six.most <= five.most <= four.most
    assert six.least <= five.least <= four.least
    assert [(band.least, band.most) for band in estimate.bands] == [
        (0, 100),
        (100, 3_000),
        (3_000, 10_000),
    ]


def test_areas_add_up() -> None:
    """Two halves of one population are as good as the whole, but for their rounding."""
    whole = _area(200_000).numbers(PATIENT)
    half = _area(100_000).numbers(PATIENT)
    for level, (least, most) in whole.items():
        assert 2 * half[level][0] == pytest.approx(least, rel=0.03)
        assert 2 * half[level][1] == pytest.approx(most, rel=0.03)
    both = estimate_matches(PATIENT, [_area(), _area()])
    assert both.typed == 200_000
    assert both.bands == estimate_matches(PATIENT, [_area(200_000)]).bands


def test_what_a_table_does_not_show_may_be_nothing_or_all_of_other() -> None:
    """The band of a hidden group begins at 0, and says which group it is."""
    rare = (("24", "80"), *PATIENT[1:])
    estimate = estimate_matches(rare, [_area()])
    assert estimate.hidden == ("A*80",)
    assert estimate.bands[0].least == 0
    table = _area().loci[0]
    least, most = table.range_of("80")
    assert least == 0
    assert most == pytest.approx(0.05 + 40 / 200_000)
    assert estimate_matches(PATIENT, [_area()]).hidden == ()


def test_a_shown_frequency_is_as_exact_as_its_rounding() -> None:
    """Forty copies in each part at most, and units rounded down to twenty."""
    least, most = LocusTable(1_000, 1_000, {"02": 0.3}, 0.7, parts=2).range_of("02")
    assert most == pytest.approx(0.3 + 80 / 2_000)
    assert least == pytest.approx((0.3 - 80 / 2_000) * 1_000 / 1_038)
    assert _table(20, {"02": 0.3}).range_of("02")[0] == 0.0
    assert _table(20, {"02": 0.9}).range_of("02")[1] == 1.0


def test_units_that_lack_a_locus_widen_the_band() -> None:
    """How many are typed at all three loci is only known between two numbers."""
    assert _area(90_000, published=100_000).typed == (70_000, 90_019)
    assert _area(60_000, published=100_000).typed == (0, 60_019)
    assert _area(100_000).typed == (100_000, 100_000)
    assert estimate_matches(PATIENT, [_area(60_000, published=100_000)]).bands[0].least == 0


def test_the_answer_says_whether_haplotypes_were_used() -> None:
    """Those of the region that lie within the patient's groups; parts of haplotypes too."""
    estimate = estimate_matches(PATIENT, [_area()])
    assert estimate.haplotypes == (("02", "46", "09"),)
    both = (("02", "33"), ("46", "58"), ("03", "09"))
    north = estimate_matches(both, [_area(region=Region.NORTH)])
    assert north.haplotypes == (
        ("02", "46", "09"),
        ("33", "58", "03"),
        ("33", "58", None),
        (None, "46", "09"),
    )
    apart = (("24", "24"), ("40", "40"), ("12", "12"))
    assert estimate_matches(apart, [_area(), _area(region=Region.NORTH)]).haplotypes == ()


def test_a_published_haplotype_raises_the_estimate() -> None:
    """Both of the patient's haplotypes are common: far more units than loci apart would give."""
    both = (("02", "33"), ("46", "58"), ("03", "09"))
    with_haplotypes = _area().numbers(both)[6]
    apart = 100_000 * 8 * (0.30 * 0.13 * 0.18) * (0.15 * 0.08 * 0.06)
    assert with_haplotypes[0] > 10 * apart


@pytest.mark.parametrize("mean", [0.01, 0.5, 1.0, 7.3, 42.0, 59.9, 60.1, 5_000.0])
def test_quantiles_are_those_of_poisson(mean: float) -> None:
    """Nine of ten draws lie between the two, or a little more."""

    def below(number: int) -> float:
        logs = (k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(number + 1))
        return sum(map(math.exp, logs))

    low, high = quantile(0.05, mean), quantile(0.95, mean)
    assert below(high) >= 0.945
    assert low == 0 or below(low - 1) <= 0.055
    assert below(high) - below(low - 1) < 0.96 or mean < 10


def test_nothing_expected_is_a_band_all_the_same() -> None:
    """From none to one."""
    assert (quantile(0.05, 0.0), quantile(0.95, 0.0)) == (0, 0)
    few = Area(Region.SOUTH, tuple(_table(20, {"01": 1.0}) for _ in range(3)))
    assert estimate_matches((("01", "01"),) * 3, [few]).bands[0].most == 300
    nobody = Area(Region.SOUTH, tuple(_table(10**7, {"01": 1.0}) for _ in range(3)))
    bands = estimate_matches((("11", "24"),) * 3, [nobody]).bands
    assert [(band.least, band.most) for band in bands] == [(0, 1)] * 3


def test_looser_matches_are_surer() -> None:
    """The model's spread falls with the level, and reaches further up than down."""
    spreads = [MODEL_SPREAD[level] for level in (6, 5, 4)]
    assert spreads == sorted(spreads, reverse=True)
    assert all(1 < down < up for down, up in spreads)


@pytest.mark.parametrize(
    ("locus", "text", "group"),
    [
        ("A", "11", "11"),
        ("A", "A*11", "11"),
        ("A", "HLA-A*11:01", "11"),
        ("A", "A11", "11"),
        ("A", "2", "02"),
        ("A", " A*02:01:01:02L ", "02"),
        ("A", "A*02:XX", "02"),
        ("B", "B*46", "46"),
        ("B", "B7", "07"),
        ("DRB1", "DRB1*09", "09"),
        ("DRB1", "DR9", "09"),
        ("DRB1", "DRB109", "09"),
        ("DRB1", "DRB1*15:01:01G", "15"),
    ],
)
def test_a_group_is_read_as_it_is_written(locus: str, text: str, group: str) -> None:
    """The first field, of whatever resolution, with or without the locus."""
    assert patient_group(locus, text) == group


@pytest.mark.parametrize(
    ("locus", "text", "message"),
    [
        ("A", "", '"" is not a group of HLA-A. Write its first field, such as "A*02".'),
        ("A", "B*07", '"B*07" is not a group of HLA-A.'),
        ("A", "A*", "is not a group of HLA-A."),
        ("A", "A*1l", "is not a group of HLA-A."),
        ("A", "A*11/24", "is not a group of HLA-A."),
        ("A", "٢", "is not a group of HLA-A."),
        ("A", "-2", "is not a group of HLA-A."),
        ("A", "11 24", "is not a group of HLA-A."),
        ("A", "x" * 1000, f'"{"x" * 30}…" is not a group of HLA-A.'),
        ("A", "A*99", '"A*99" is not a group of HLA-A: there is no A*99.'),
        ("A", "A9", "there is no A*09. An antigen is written as the first field of its alleles"),
        ("B", "B62", "there is no B*62."),
        ("DRB1", "DR17", "there is no DRB1*17."),
        ("A", "A*24:09N", '"A*24:09N" is a null allele'),
    ],
)
def test_nonsense_is_refused(locus: str, text: str, message: str) -> None:
    """With the value, the rule and what to write."""
    with pytest.raises(InvalidGroupError) as caught:
        patient_group(locus, text)
    assert message in str(caught.value)


def test_a_locus_has_two_values() -> None:
    """In order; one value twice is homozygous, and one alone is not."""
    assert patient_pair("A", ["A*24", "2"]) == ("02", "24")
    assert patient_pair("B", ["46", "B*46"]) == ("46", "46")
    for texts in (["11"], [], ["11", "11", "24"]):
        with pytest.raises(InvalidGroupError, match=f"two values are needed, not {len(texts)}"):
            patient_pair("A", texts)
