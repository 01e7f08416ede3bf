"""Bands, periods and schemes."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bands import UNRECORDED, Band, band_of, bands_between, check_cuts
from domain.periods import YearRange, period_of
from domain.schemes import Scheme
from domain.units import AboGroup, ProcessingMethod, UnitClass

SCHEME = Scheme(
    number=1,
    k=11,
    period_years=5,
    abo=True,
    tnc_cuts=(8.0, 10.0, 12.5),
    cd34_cuts=(3.0, 6.0),
    volume_cuts=None,
    processing=False,
)


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (0.1, Band(None, 8.0)),
        (7.999, Band(None, 8.0)),
        (8.0, Band(8.0, 10.0)),
        (9.99, Band(8.0, 10.0)),
        (12.5, Band(12.5, None)),
        (93.0, Band(12.5, None)),
        (None, UNRECORDED),
    ],
)
def test_a_cut_point_belongs_to_the_band_above_it(value: float | None, band: Band) -> None:
    """Bands hold their lower end and not their upper end."""
    assert band_of(value, bands_between([8, 10, 12.5])) == band


@given(
    st.lists(st.floats(min_value=0.1, max_value=100), min_size=1, max_size=6, unique=True).map(
        sorted
    ),
    st.floats(min_value=0, max_value=200),
)
def test_every_value_lies_in_the_band_it_is_given(cuts: list[float], value: float) -> None:
    """The bands of any cuts cover the line, and the chosen one holds the value."""
    band = band_of(value, bands_between(cuts))
    assert band.minimum is None or band.minimum <= value
    assert band.maximum is None or value < band.maximum
    assert band != UNRECORDED


@pytest.mark.parametrize("cuts", [[], [0.0], [-1.0, 2.0], [2.0, 2.0], [3.0, 1.0], [float("nan")]])
def test_cuts_that_make_no_bands_are_refused(cuts: list[float]) -> None:
    """Cut points are finite, above zero and ascend."""
    with pytest.raises(ValueError, match="cut point"):
        check_cuts(cuts)


@pytest.mark.parametrize(
    ("year", "period"), [(2015, (2015, 2019)), (2019, (2015, 2019)), (2020, (2020, 2024))]
)
def test_periods_start_at_multiples_of_their_length(year: int, period: tuple[int, int]) -> None:
    """A year at the edge belongs to the period that starts with it."""
    assert period_of(year, 5) == YearRange(*period)


def test_a_scheme_publishes_only_its_levels() -> None:
    """Cells are scaled into the unit of their bands; what is not published is None."""
    published = SCHEME.generalise(
        bank="BJ",
        collected=dt.date(2017, 3, 9),
        abo=AboGroup.AB,
        tnc=1.25e9,
        cd34=None,
        volume=95.0,
        processing=ProcessingMethod.OTHER,
    )
    assert published == UnitClass(
        bank="BJ",
        period=YearRange(2015, 2019),
        abo=AboGroup.AB,
        tnc=Band(12.5, None),
        cd34=UNRECORDED,
        volume=None,
        processing=None,
    )


def test_a_scheme_survives_being_stored() -> None:
    """The stored form says everything."""
    assert Scheme.from_json(1, SCHEME.as_json()) == SCHEME


def test_stored_levels_that_do_not_name_the_bank_publish_it() -> None:
    """Schemes were stored before the bank could be left out; they read as they were meant."""
    levels = SCHEME.as_json()
    assert Scheme.from_json(1, {**levels, "bank": False}).bank is False
    del levels["bank"]
    assert Scheme.from_json(1, levels) == SCHEME
    assert SCHEME.bank is True


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"k": 10}, "k must be at least 11"),
        ({"period_years": 1}, "period_years must be at least 5"),
        ({"tnc_cuts": [10.0, 8.0]}, "cut points must ascend"),
        ({"sex": True}, r"check \['sex'\]"),
    ],
)
def test_a_scheme_finer_than_the_policy_is_refused(change: dict[str, object], rule: str) -> None:
    """The floors of k and of the period hold whatever a file says."""
    with pytest.raises(ValueError, match=rule):
        Scheme.from_json(1, {**SCHEME.as_json(), **change})
