"""The rules of HLA tables, one by one, on histories written by hand."""

import pytest

from domain.hla import (
    frequency,
    homozygote_range,
    remaining_frequency,
    rounded_down,
    rounded_homozygotes,
)
from publishing.hla.census import BankCount
from publishing.hla.tables import Table, tables_digest
from tests.hla_histories import History, bank

NORTH = ("BJ", "TJ", "SD")
SOUTH = ("SH", "ZJ", "GD", "SC")
PLENTY = {"01 01": 60, "01 02": 200, "02 02": 61, "01 03": 200, "02 03": 200, "03 03": 63}
MORE = {"01 01": 20, "01 02": 40, "02 02": 20, "01 03": 40, "02 03": 40, "03 03": 20}


def _banks(codes: tuple[str, ...], untyped: int = 30, **more: int) -> list[BankCount]:
    """Return banks with plenty of three groups; ``g04_04=7`` are 7 more of a genotype."""
    extra = {name[1:].replace("_", " "): units for name, units in more.items()}
    return [bank(code, {**PLENTY, **extra}, untyped) for code in codes]


def _grown(codes: tuple[str, ...], *, by: dict[str, int], **more: int) -> list[BankCount]:
    """Return the same banks with more units."""
    extra = {name[1:].replace("_", " "): units for name, units in more.items()}
    genotypes = {
        pair: PLENTY.get(pair, 0) + extra.get(pair, 0) + by.get(pair, 0)
        for pair in (*PLENTY, *extra)
    }
    return [bank(code, genotypes, 30) for code in codes]


def _rows(tables: list[Table], region: str = "NATION") -> dict[str, tuple[int, int | None, int]]:
    (table,) = [table for table in tables if table.region.value == region]
    return {row.group: (row.units, row.copies, row.as_of) for row in table.rows}


@pytest.mark.parametrize(
    ("units", "told", "fewest", "most"),
    [(0, 0, 0, 19), (19, 0, 0, 19), (20, 40, 20, 59), (59, 40, 20, 59), (60, 80, 60, 99)],
)
def test_homozygotes_are_told_to_the_nearest_forty(
    units: int, told: int, fewest: int, most: int
) -> None:
    """Fewer than 20 are told as none; whoever reads a number knows it to 20 more or less."""
    assert rounded_homozygotes(units) == told
    assert homozygote_range(units) == (fewest, most)


def test_frequencies_follow_from_what_is_told() -> None:
    """Two genes for each typed unit; what is not shown has the rest, never less than nothing."""
    assert frequency(500, 1_000) == 0.25
    assert frequency(3_000, 1_000) == 1.0
    assert remaining_frequency(0.9) == 0.1
    assert remaining_frequency(1.0003) == 0.0
    assert [rounded_down(units) for units in (0, 19, 20, 39)] == [0, 0, 20, 20]


def test_a_homozygote_is_one_unit_and_two_copies() -> None:
    """180 homozygotes in all of the north: 1,260 units of which 180 count twice."""
    history = History()
    history.publish(_banks(NORTH))
    assert _rows(history.tables[0]) == {
        "01": (1_380, 1_380 + 200, 1),
        "02": (1_383, 1_383 + 200, 1),
        "03": (1_389, 1_389 + 200, 1),
    }
    (table,) = history.tables[0]
    assert (table.published, table.typed) == (2_442, 2_340)


def test_other_counts_units_and_not_copies() -> None:
    """45 units with two copies of hidden groups and 15 with one: 60, not 105."""
    history = History()
    history.publish(_banks(NORTH, g04_04=7, g05_05=8, g01_04=2, g01_05=3))
    assert _rows(history.tables[0])["OTHER"] == (60, None, 1)


def test_a_shown_group_joins_others_that_are_too_few() -> None:
    """Six units with a hidden group would follow from the rest: the smallest group joins them."""
    history = History()
    history.publish(_banks(NORTH, g01_04=30, g01_05=2))
    rows = _rows(history.tables[0])
    assert set(rows) == {"01", "02", "03", "OTHER"}
    assert rows["OTHER"] == (80, None, 1)


def test_a_count_that_changes_by_few_stands() -> None:
    """Group 04 has 90 units and six more, then 60 more; another group stands beside it once."""
    history = History()
    history.publish(_banks(NORTH, g01_04=30))
    second = history.publish(_grown(NORTH, by={**MORE, "01 04": 2}, g01_04=30))
    assert _rows(second)["04"] == (90, 90, 1)
    assert [group for group, row in _rows(second).items() if row[2] == 1] == ["02", "04"]
    twice = {pair: 2 * units for pair, units in MORE.items()}
    third = history.publish(_grown(NORTH, by={**twice, "01 04": 22}, g01_04=30))
    assert {row[2] for row in _rows(third).values()} == {3}
    assert _rows(third)["04"] == (156, 156, 3)


def test_a_row_that_stands_keeps_its_frequency() -> None:
    """It is of the release that it was counted for, as a whole."""
    history = History()
    (first,) = history.publish(_banks(NORTH, g01_04=30))
    (second,) = history.publish(_grown(NORTH, by={**MORE, "01 04": 2}, g01_04=30))
    assert second.row("04") == first.row("04")
    assert second.typed > first.typed


@pytest.mark.parametrize("grown", [("BJ",), ("BJ", "TJ")])
def test_what_one_or_two_banks_add_changes_nothing(grown: tuple[str, ...]) -> None:
    """The whole table stands, until a third bank adds units."""
    history = History()
    first = history.publish(_banks(NORTH))
    idle = tuple(code for code in NORTH if code not in grown)
    second = history.publish([*_grown(grown, by=MORE), *_banks(idle)])
    assert second == first
    assert history.decisions[1].reason == "what changes in NATION comes from too few banks"
    third = history.publish(_grown(NORTH, by=MORE))
    assert {table.as_of for table in third} == {3}


def test_a_part_without_three_banks_hides_both() -> None:
    """The nation minus the north is the south: two banks there leave the nation alone."""
    history = History()
    regions = [table.region.value for table in history.publish(_banks((*NORTH, "SH", "ZJ")))]
    assert regions == ["NATION"]
    history = History()
    regions = [table.region.value for table in history.publish(_banks(NORTH + SOUTH))]
    assert regions == ["NORTH", "SOUTH", "NATION"]


def test_banks_of_no_part_hide_the_parts_too() -> None:
    """The nation minus both parts is theirs."""
    history = History()
    tables = history.publish(_banks((*NORTH, *SOUTH, "X1")))
    assert [table.region.value for table in tables] == ["NATION"]
    history = History()
    tables = history.publish(_banks((*NORTH, *SOUTH, "X1", "X2", "X3")))
    assert len(tables) == 3


def test_the_digest_names_the_tables() -> None:
    """It changes with any number, and not with the order of the tables."""
    history = History()
    first = history.publish(_banks(NORTH + SOUTH))
    second = history.publish(_grown(NORTH + SOUTH, by=MORE))
    assert tables_digest(first) == tables_digest(reversed(first))
    assert len({tables_digest(first), tables_digest(second), tables_digest([])}) == 3


def _times(banks: list[BankCount], counts: dict[str, float]) -> list[BankCount]:
    """Return the banks with so many times their units."""
    return [
        bank(
            each.bank,
            {" ".join(pair): round(n * counts[each.bank]) for pair, n in each.genotypes.items()},
            30,
        )
        for each in banks
    ]


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(dict.fromkeys((*NORTH, *SOUTH), 0.02), id="a few of each bank"),
        pytest.param(
            {**dict.fromkeys((*NORTH, *SOUTH), 0.0), "TJ": 0.4, "SH": 0.4, "ZJ": 0.4, "GD": 0.4},
            id="one bank in the north",
        ),
    ],
)
def test_three_releases_do_not_tell_what_a_withdrawal_left(left: dict[str, float]) -> None:
    """Row 3 less what release 2 added is what is left of release 1: no row may say it."""
    first = _banks((*NORTH, *SOUTH))
    history = History()
    history.publish(first)
    history.publish(_times(first, dict.fromkeys(left, 2.5)))
    history.publish(_times(first, {code: 1.5 + share for code, share in left.items()}))
    assert {
        as_of for table in history.tables[1] for *_, as_of in _rows([table], table.region).values()
    } == {2}
    assert history.tables[2] == history.tables[1]


def test_a_row_is_fresh_again_once_as_many_units_came_as_were_withdrawn() -> None:
    """Then what can be added up of three releases has all units of the first row, and more."""
    first = _banks((*NORTH, *SOUTH))
    everywhere = dict.fromkeys((*NORTH, *SOUTH), 1.0)
    history = History()
    for factor in (1.0, 2.5, 1.52, 3.5):
        history.publish(_times(first, dict.fromkeys(everywhere, factor)))
    assert history.tables[2] == history.tables[1]
    assert {row.as_of for table in history.tables[3] for row in table.rows} == {4}


def test_a_group_that_came_at_one_bank_only_stands() -> None:
    """Its change would be that bank's own row, whatever else changed in the table."""
    history = History()
    history.publish(_banks(NORTH, g04_01=90))
    history.publish(
        [
            bank(
                code,
                {
                    **{pair: 2 * n for pair, n in PLENTY.items()},
                    "04 01": 130 if code == "SD" else 90,
                },
                30,
            )
            for code in NORTH
        ]
    )
    rows = _rows(history.tables[1])
    assert (rows["04"][0], rows["04"][2]) == (270, 1)
    assert rows["01"][2] == 2
