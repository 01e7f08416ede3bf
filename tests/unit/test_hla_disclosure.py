"""Nothing small is learned from HLA tables, whatever was counted, corrected or taken back."""

import itertools
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings

from domain.disclosure import stands_for_many
from domain.hla import LEAST
from publishing.hla.census import NATION, AreaCount, BankCount, Census, take_census
from publishing.hla.tables import Table
from tests.attacks.hla_solver import Puzzle
from tests.hla_histories import History, bank, histories

SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
FAST = settings(SLOW, max_examples=200)

NORTH = ("BJ", "TJ", "SD")
SOUTH = ("SH", "ZJ", "GD", "SC")
PLENTY = {"01 01": 60, "01 02": 200, "02 02": 60, "01 03": 200, "02 03": 200, "03 03": 60}


def _everywhere(banks: tuple[str, ...], **more: int) -> list[BankCount]:
    """Return banks with plenty of three groups, and with ``more`` genotypes such as ``g04_04``."""
    extra = {name[1:].replace("_", " "): units for name, units in more.items()}
    return [bank(code, {**PLENTY, **extra}, untyped=30) for code in banks]


def _shown(tables: list[Table], region: str = NATION) -> dict[str, tuple[int, int | None, int]]:
    (table,) = [table for table in tables if table.region.value == region]
    return {row.group: (row.units, row.copies, row.as_of) for row in table.rows}


def _few(change: int) -> bool:
    return 0 < abs(change) < LEAST


# What the tables say, held against what was counted ----------------------------------------------


@FAST
@given(histories(releases=4))
def test_every_shown_number_is_many(history: History) -> None:
    """Cells, what they lack, and OTHER are at least 20, in each region and in the nation."""
    for census, table in _fresh_tables(history):
        area = census.areas[table.region.value]
        assert table.typed <= area.typed < table.typed + LEAST * len(census.parts)
        shown = table.groups
        for row in table.rows:
            assert row.units >= LEAST
            if row.group in shown and row.as_of == table.as_of:
                assert row.units == area.carriers[row.group]
                assert table.typed - row.units >= LEAST
                assert area.from_many_banks(row.group)
                assert row.copies is not None
                twice = row.copies - row.units
                assert abs(twice - area.homozygous[row.group]) <= LEAST * len(census.parts)
        hidden, _ = area.beyond(shown)
        assert hidden == 0 or hidden >= LEAST
        assert area.typed == hidden or area.typed - hidden >= LEAST


@FAST
@given(histories(releases=4))
def test_no_change_between_any_two_releases_is_small(history: History) -> None:
    """Counts of all releases, also far apart: each shown one changes by 0 or by at least 20."""
    for old, new in itertools.combinations(history.tables, 2):
        for before, after in itertools.product(old, new):
            if before.region is after.region:
                assert not _few(after.typed - before.typed)
                units = {row.group: row.units for row in before.rows}
                for row in after.rows:
                    assert not _few(row.units - units.get(row.group, row.units))


@FAST
@given(histories(releases=4))
def test_no_difference_of_two_releases_is_small_or_of_few_banks(history: History) -> None:
    """The units that came and went: with a group, without it, and beyond all that compare."""
    for (then, before), (now, after) in itertools.combinations(_versions(history), 2):
        both = before & after
        for area in now.areas if then.divided and now.divided else (NATION,):
            old, new = then.areas[area], now.areas[area]
            typed = new.typed - old.typed
            assert not _few(typed)
            assert _is_of_many_banks(old, new)
            for group in both:
                carriers = new.carriers[group] - old.carriers[group]
                assert not _few(carriers)
                assert not _few(typed - carriers)
            beyond = new.beyond(both)[0] - old.beyond(both)[0]
            assert not _few(beyond)


@FAST
@given(histories(releases=4))
def test_the_nation_is_its_parts(history: History) -> None:
    """All that the nation has more than its parts is banks of no part: three of them or none."""
    for number, tables in enumerate(history.tables, start=1):
        by_region = {table.region.value: table for table in tables}
        if len(by_region) < 2:
            continue
        nation = by_region.pop(NATION)
        assert {table.groups for table in by_region.values()} == {nation.groups}
        rest = {
            row.group: row.units - sum(t.row(row.group).units for t in by_region.values())
            for row in nation.rows
            if row.group in nation.groups
        }
        left = nation.published - sum(table.published for table in by_region.values())
        assert all(units == 0 if left == 0 else units >= LEAST for units in rest.values())
        banks = [each for each in history.counts[nation.as_of - 1] if each.part is None]
        if any(rest.values()):
            assert stands_for_many(sum(each.genotypes.values()) for each in banks)
        assert number >= nation.as_of


@SLOW
@given(histories(releases=3))
def test_no_inventory_can_be_reconstructed(history: History) -> None:
    """No number of 1 to 19 units follows from all tables together, by any reasoning.

    The solver knows all that is public: the tables, how they round, the units of each part in each
    release, and that nothing was taken back where nothing was. What is few in truth must be none,
    or many, in another inventory that leads to the same tables.
    """
    served = history.served
    if not served:
        return
    puzzle = Puzzle(served, history.published)
    for before, after in itertools.pairwise(puzzle.versions):
        if history.grew_between(before, after):
            puzzle.only_grows(before, after)
    truth = history.truth(puzzle.areas)
    assert puzzle.allows(truth)
    learned = {
        number.name: bounds
        for number in puzzle.numbers()
        if _few(puzzle.value(number, truth)) and (bounds := puzzle.learned(number))
    }
    assert learned == {}


def _fresh_tables(history: History) -> Iterator[tuple[Census, Table]]:
    for number, (banks, tables) in enumerate(
        zip(history.counts, history.tables, strict=True), start=1
    ):
        for table in tables:
            if table.as_of == number:
                yield take_census(banks, divide=len(tables) > 1), table


def _versions(history: History) -> list[tuple[Census, frozenset[str]]]:
    return [(version.census, version.fresh) for version in history.versions]


def _is_of_many_banks(old: AreaCount, new: AreaCount) -> bool:
    """Tell whether the difference of two counts of an area is none, or not one bank's table."""
    before = {each.bank: dict(each.genotypes) for each in old.banks}
    after = {each.bank: dict(each.genotypes) for each in new.banks}
    changed = [code for code in before | after if before.get(code, {}) != after.get(code, {})]
    return not changed or len(changed) >= 3
