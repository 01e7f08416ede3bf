"""How counts of transplants are divided into cells, case by case."""

import datetime as dt
from collections.abc import Mapping

import pytest

from domain.periods import YearRange
from domain.regions import Region
from publishing.activity.count import Count, Terms, Waiting, years_of
from publishing.activity.holding import Version, derivable, holds, may_follow
from publishing.activity.partition import Cell, partition

GROUPS = {
    "AML": "MALIGNANT",
    "ALL": "MALIGNANT",
    "CML": "MALIGNANT",
    "NB": "MALIGNANT",
    "SAA": "MARROW_FAILURE",
    "FA": "MARROW_FAILURE",
}
NORTH, SOUTH = ("BJ", "TJ", "SD"), ("SH", "GD", "SC")
Units = Mapping[tuple[str, int], tuple[int, ...]]
Shape = tuple[str, int, int, str, int]


def _counts(units: Units) -> list[Count]:
    """Return counts of BJ, TJ, SD, SH, GD and SC, by indication and year."""
    return [
        Count(0, bank, year, code, number, Region.NORTH if bank in NORTH else Region.SOUTH)
        for (code, year), of_banks in units.items()
        for bank, number in zip((*NORTH, *SOUTH), of_banks, strict=False)
        if number
    ]


def _cells(units: Units, *years: int) -> list[Shape]:
    waiting = {year: frozenset(GROUPS) for year in years or (2020,)}
    return [_shape(cell) for cell in partition(_counts(units), waiting, GROUPS)]


def _shape(cell: Cell) -> Shape:
    units = sum(count.units for count in cell.counts)
    return ",".join(cell.indications), cell.years.first, cell.years.last, cell.region, units


def test_a_large_indication_is_told_by_year_and_region() -> None:
    """Both regions hold; what nobody reported is in no cell."""
    assert _cells(
        {("AML", 2020): (9, 9, 9, 8, 8, 8), ("AML", 2021): (9, 9, 9, 9, 9, 9)}, 2020, 2021
    ) == [
        ("AML", 2020, 2020, "NORTH", 27),
        ("AML", 2020, 2020, "SOUTH", 24),
        ("AML", 2021, 2021, "NORTH", 27),
        ("AML", 2021, 2021, "SOUTH", 27),
    ]


def test_a_region_of_two_banks_is_not_told() -> None:
    """Nor is the other one, which would be the rest of the nation."""
    assert _cells({("AML", 2020): (20, 20, 20, 30, 30)}) == [("AML", 2020, 2020, "NATION", 120)]


def test_small_years_make_a_range() -> None:
    """From the first year on, as short as may be; what is left joins the range before."""
    years = {("AML", year): (4, 4, 4) for year in range(2010, 2015)}
    assert _cells(years, *range(2010, 2014)) == [
        ("AML", 2010, 2011, "NATION", 24),
        ("AML", 2012, 2013, "NATION", 24),
    ]
    assert _cells(years | {("AML", 2014): (8, 7, 5)}, *range(2010, 2015)) == [
        ("AML", 2010, 2011, "NATION", 24),
        ("AML", 2012, 2014, "NATION", 44),
    ]


def test_years_that_are_left_do_not_tell_themselves() -> None:
    """24 and what is left of less than 22 would tell how little it is: they join what is before."""
    years = {("AML", year): (4, 4, 4) for year in range(2010, 2015)}
    assert _cells(years, *range(2010, 2015)) == [("AML", 2010, 2014, "NATION", 60)]


def test_years_that_join_do_not_let_one_bank_dominate() -> None:
    """A range that holds would not any more with the year that is left: it joins the next."""
    units = {
        ("SAA", 2018): (9, 9, 9, 9, 9, 9),
        ("SAA", 2019): (2, 10, 0, 1, 9, 0),
        ("SAA", 2020): (0, 0, 0, 0, 22, 0),
    }
    assert _cells(units, 2018, 2019, 2020) == [
        ("SAA", 2018, 2020, "NORTH", 39),
        ("SAA", 2018, 2020, "SOUTH", 59),
    ]


def test_small_indications_go_into_their_group() -> None:
    """They are named together, whether they have units or not."""
    units = {
        ("AML", 2020): (9, 9, 9),
        ("ALL", 2020): (5, 5, 4),
        ("CML", 2020): (5, 5, 4),
    }
    assert _cells(units) == [
        ("ALL,CML,NB", 2020, 2020, "NATION", 28),
        ("AML", 2020, 2020, "NATION", 27),
    ]


def test_what_does_not_hold_in_its_group_is_put_together_with_others() -> None:
    """Over all groups; if that is not enough, what holds joins in a fixed order."""
    units = {("AML", 2020): (9, 9, 9), ("ALL", 2020): (50, 10, 10), ("SAA", 2020): (1, 1, 1)}
    assert _cells(units) == [
        ("ALL,AML,CML,FA,NB,SAA", 2020, 2020, "NATION", 100),
    ]
    assert _cells(units | {("AML", 2020): (20, 20, 20)}) == [
        ("ALL", 2020, 2020, "NATION", 70),
        ("AML,CML,FA,NB,SAA", 2020, 2020, "NATION", 63),
    ]


def test_what_joins_does_not_tell_the_rest() -> None:
    """Together they have at least twice the smallest count: 1 + 22 would tell the one."""
    units = {("AML", 2020): (8, 7, 7), ("ALL", 2020): (40, 40, 40), ("SAA", 2020): (1, 0, 0)}
    cells = _cells(units)
    assert all(number >= 44 for codes, _, _, _, number in cells if "," in codes), cells


def test_nothing_is_shown_if_all_together_do_not_hold() -> None:
    """Neither 21 units nor three banks of which one dominates."""
    assert _cells({("AML", 2020): (7, 7, 7)}) == []
    assert _cells({("AML", 2020): (500, 500, 49)}) == []
    assert _cells({("AML", 2020): (500, 500)}) == []


def test_a_year_that_was_published_goes_alone() -> None:
    """An indication that nobody had reported then joins no range with other years."""
    counts = _counts({("FA", 2019): (9, 9, 9), ("FA", 2020): (4, 4, 4), ("SAA", 2020): (9, 9, 9)})
    waiting = {2019: frozenset({"FA"}), 2020: frozenset(GROUPS)}
    shapes = [_shape(cell) for cell in partition(counts, waiting, GROUPS)]
    assert ("FA", 2019, 2019, "NATION", 27) in shapes
    assert {shape[1:3] for shape in shapes} == {(2019, 2019), (2020, 2020)}


def test_banks_of_no_region_count_for_the_nation_only() -> None:
    """North and south would not be the whole, and the rest would be one bank's."""
    counts = [*_counts({("AML", 2020): (9, 9, 9, 9, 9, 9)}), Count(1, "XX", 2020, "AML", 1, None)]
    (cell,) = partition(counts, {2020: frozenset(GROUPS)}, GROUPS)
    assert (cell.region, cell.years) == (Region.NATION, YearRange(2020, 2020))


_TODAY = dt.date(2026, 6, 1)
_TERMS = Terms(_TODAY, 365, 730)


def test_a_year_takes_part_a_year_after_its_end() -> None:
    """2024 ended more than 365 days ago, 2025 did not."""
    assert _TERMS.last_year == 2024
    assert years_of([(2023, "BJ"), (2024, "BJ")], _TERMS) == ((2023, 2024), ())


def test_a_year_waits_for_a_bank_that_reported_the_year_before() -> None:
    """Two years after its end it takes part without it; years without a report do too."""
    reported = [(2020, "BJ"), (2020, "GD"), (2022, "BJ"), (2023, "BJ"), (2023, "GD"), (2024, "BJ")]
    assert years_of(reported, _TERMS) == (
        (2020, 2021, 2022, 2023),
        (Waiting(2024, ("GD",)),),
    )
    later = Terms(dt.date(2027, 1, 1), 365, 730)
    assert years_of(reported, later)[0][-1] == 2024
    assert years_of([], _TERMS) == ((), ())


def _version(*units: int) -> Version:
    banks = (*NORTH, *SOUTH)
    return {(banks[n], 2020, "AML"): each for n, each in enumerate(units) if each}


@pytest.mark.parametrize(
    ("earlier", "new", "may"),
    [
        ([], (8, 7, 7), True),
        ([], (7, 7, 7), False),
        ([(9, 9, 9)], (14, 9, 9), False),  # a change of 5
        ([(9, 9, 9)], (31, 9, 9), False),  # of one bank
        ([(9, 9, 9)], (20, 20, 9), False),  # of two
        ([(9, 9, 9)], (17, 16, 16), True),
        ([(30, 30, 30)], (22, 23, 23), True),  # fewer
        ([(9, 9, 9), (17, 16, 16)], (10, 9, 9), False),  # nearly as in the first
        ([(9, 9, 9), (17, 16, 16)], (25, 24, 23), True),
        ([(9, 9, 9)], (9, 9, 9), False),  # nothing new
    ],
)
def test_a_value_follows_others_only_if_every_difference_may_be_seen(
    earlier: list[tuple[int, ...]], new: tuple[int, ...], *, may: bool
) -> None:
    """At least 22 units from three banks to each earlier value, not only to the last."""
    assert may_follow(_version(*new), [_version(*each) for each in earlier]) is may


def test_no_mixture_of_old_and_new_reports_may_follow() -> None:
    """Three values of which each pair may be seen, and together they tell three units."""
    old = (1, 0, 0, 20, 20, 20)
    first, second, third = (
        _version(*old),
        _version(10, 10, 10, 20, 20, 20),
        _version(10, 10, 10, 1, 1, 0),
    )
    assert all(holds(each) for each in (first, second, third))
    assert may_follow(second, [first])
    assert sorted(sum(units) for units in derivable([first, second, third]))[1] == 3
    assert not may_follow(third, [first, second])
