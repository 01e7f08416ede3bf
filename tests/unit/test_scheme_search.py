"""The scheme search, compared with counting every choice of levels one unit at a time."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.schemes import Scheme
from domain.units import AboGroup, ProcessingMethod, UnitClass
from publishing.combinations import Combination, Combinations
from publishing.hierarchy import SCHEME_KEYS, Hierarchy, Level, configured_hierarchies
from publishing.lattice import Node
from publishing.scheme_goal import Goal, configured_goal
from publishing.scheme_search import Found, search

BANKS = ("BJ", "GD", "SC")
NONE = Level("not published", 100)
HIERARCHIES = (
    Hierarchy("bank", (Level("each bank", 0, each=True), NONE)),
    Hierarchy("period", (Level("5", 0, years=5), Level("10", 30, years=10), NONE)),
    Hierarchy("abo", (Level("each group", 0, each=True), NONE)),
    Hierarchy("tnc", (Level("3", 0, cuts=(8.0, 12.5)), Level("2", 40, cuts=(8.0,)), NONE)),
    Hierarchy("cd34", (Level("2", 0, cuts=(3.0,)), NONE)),
    Hierarchy("volume", (NONE,)),
    Hierarchy("processing", (NONE,)),
)
TNC = {0: 5e8, 1: 8e8, 2: 13e8, None: None}
CD34 = {0: 1e6, 1: 3e6, None: None}
WEIGHTS = dict(zip(SCHEME_KEYS, (30, 10, 15, 25, 10, 5, 5), strict=True))


def _scheme(node: Node) -> Scheme:
    levels: dict[str, Any] = dict(
        hierarchy.setting(level) for hierarchy, level in zip(HIERARCHIES, node, strict=True)
    )
    return Scheme.from_json(2, {"k": 11, **levels})


def _class(scheme: Scheme, combination: Combination) -> UnitClass:
    bank, period, abo, tnc, cd34 = combination[:5]
    assert isinstance(period, int)
    assert isinstance(tnc, int | None)
    assert isinstance(cd34, int | None)
    return scheme.generalise(
        bank=str(bank),
        collected=dt.date(period + 3, 5, 5),
        abo=AboGroup(str(abo)),
        tnc=TNC[tnc],
        cd34=CD34[cd34],
        volume=90.0,
        processing=ProcessingMethod.OTHER,
    )


def _breaks(units: Counter[Combination], held: Counter[Combination], goal: Goal) -> bool:
    """Tell whether a limit is broken, group by group."""
    shares: defaultdict[tuple[str, object], list[int]] = defaultdict(lambda: [0, 0])
    for combination, count in units.items():
        for group in (("all", ""), ("bank", combination[0]), ("abo", combination[2])):
            shares[group][0] += held[combination]
            shares[group][1] += count
    return any(
        100 * back > (goal.held_back if kind == "all" else goal.held_back_group) * whole
        for (kind, group), (back, whole) in shares.items()
        if group != "UNKNOWN"
    )


def _gaps(units: Counter[Combination], node: Node, goal: Goal) -> bool:
    """Tell whether too few of the values that ``node`` publishes were recorded."""
    known = total = 0
    for place, gap in ((2, "UNKNOWN"), (3, None), (4, None)):
        if node[place] < len(HIERARCHIES[place].levels) - 1:
            total += units.total()
            known += sum(count for values, count in units.items() if values[place] != gap)
    return 100 * known < goal.recorded * total


def _counted(units: Counter[Combination], goal: Goal) -> Iterator[tuple[int, Node, int]]:
    """Yield loss, levels and units held back of every choice that keeps the limits."""
    for node in product(*(range(len(each.levels)) for each in HIERARCHIES)):
        scheme = _scheme(node)
        if node == tuple(len(each.levels) - 1 for each in HIERARCHIES):
            continue
        sizes: Counter[UnitClass] = Counter()
        for combination, count in units.items():
            sizes[_class(scheme, combination)] += count
        held = Counter(
            {
                combination: count
                for combination, count in units.items()
                if sizes[_class(scheme, combination)] < goal.k
            }
        )
        gaps = _gaps(units, node, goal)
        if max(sizes.values()) >= goal.k and not gaps and not _breaks(units, held, goal):
            loss = sum(
                WEIGHTS[each.attribute] * each.levels[level].loss
                for each, level in zip(HIERARCHIES, node, strict=True)
            )
            yield loss, node, held.total()


_combinations = st.tuples(
    st.sampled_from(BANKS),
    st.sampled_from((2000, 2005, 2010, 2015)),
    st.sampled_from(("A", "AB", "UNKNOWN")),
    st.sampled_from((0, 1, 2, None)),
    st.sampled_from((0, 1, None)),
    st.just(1),
    st.just("OTHER"),
)


@settings(max_examples=150, deadline=None)
@given(
    units=st.dictionaries(_combinations, st.integers(1, 40), min_size=1, max_size=40),
    held_back=st.integers(0, 40),
    group=st.integers(0, 60),
    recorded=st.integers(0, 99),
)
def test_the_search_is_exact(
    units: dict[Combination, int], held_back: int, group: int, recorded: int
) -> None:
    """It finds the least loss of all, with the units held back, or nothing where there is none."""
    goal = Goal(11, held_back, group, recorded, WEIGHTS)
    counted = Counter(units)
    found = search(Combinations.of(counted), HIERARCHIES, goal)
    expected = min(_counted(counted, goal), default=None)
    actual = found and (found.loss, found.node, found.holding.overall.held_back)
    assert actual == expected


@settings(max_examples=60, deadline=None)
@given(units=st.dictionaries(_combinations, st.integers(1, 60), min_size=1, max_size=40))
def test_each_finer_step_breaks_a_limit(units: dict[Combination, int]) -> None:
    """What the explanation says of a finer level is the reason why it was not chosen."""
    goal = Goal(11, 5, 10, 98, WEIGHTS)
    found = search(Combinations.of(Counter(units)), HIERARCHIES, goal)
    for step in found.steps if found else ():
        assert (step.level == 0) == (step.holding is None)
        assert bool(step.breaks) == (step.level > 0)


def _inventory(banks: dict[str, int]) -> Counter[Combination]:
    """Return skewed units of ``banks``: most are alike, and some values are rare."""
    units: Counter[Combination] = Counter()
    for bank, size in banks.items():
        for period, abo, tnc in product((2010, 2015), ("A", "B", "O", "AB"), range(6)):
            part = size * (3 if abo != "AB" else 1) * (6 - tnc)
            units[bank, period, abo, tnc, tnc, 2, "OTHER"] += part // 420
    return +units


def _search(units: Counter[Combination]) -> Found:
    found = search(Combinations.of(units), configured_hierarchies(), configured_goal())
    assert found is not None
    return found


def test_a_large_inventory_keeps_the_floor() -> None:
    """Where every class is large, nothing is lost."""
    found = _search(_inventory({"BJ": 100_000, "GD": 90_000, "SC": 80_000}))
    assert (found.loss, found.holding.overall.held_back) == (0, 0)
    assert {step.level for step in found.steps} == {0}


def test_a_tiny_bank_is_never_hidden_by_the_others() -> None:
    """Eight units of a bank that is named could not be published: no bank is named then."""
    units = _inventory({"BJ": 100_000, "GD": 90_000})
    units["SC", 2010, "A", 0, 0, 2, "OTHER"] = 8
    found = _search(units)
    assert dict(step.hierarchy.setting(step.level) for step in found.steps)["bank"] is False
    assert found.steps[0].holding is not None
    assert found.steps[0].holding.bank.as_json() == {
        "group": "SC",
        "held_back": 8,
        "units": 8,
        "percent": 100.0,
    }
    assert found.steps[0].breaks == ("bank",)


def test_units_without_a_group_are_no_group() -> None:
    """Units whose ABO group nobody recorded count overall and for their bank only."""
    units = _inventory({"BJ": 100_000, "GD": 90_000})
    for period in (2010, 2015):
        units["BJ", period, "UNKNOWN", 0, 0, 2, "OTHER"] = 5
    found = _search(units)
    assert (found.loss, found.holding.overall.held_back) == (0, 10)
    assert found.holding.abo.held_back == 0


def test_an_attribute_full_of_gaps_is_left_out() -> None:
    """Where banks seldom recorded CD34, it is not published, and the explanation says why."""
    units: Counter[Combination] = Counter()
    for values, count in _inventory({"BJ": 100_000, "GD": 90_000}).items():
        units[values] += count // 2
        units[(*values[:4], None, *values[5:])] += count // 2
    found = _search(+units)
    cd34 = found.steps[4]
    assert not cd34.hierarchy.levels[cd34.level].published
    assert (cd34.recorded, cd34.breaks) == (50.0, ("recorded",))


def test_the_order_of_units_changes_nothing() -> None:
    """The same units in another order come to the same combinations and the same outcome."""
    units = _inventory({"BJ": 9_000, "GD": 2_000, "SC": 700})
    again = Counter(dict(reversed(units.items())))
    assert list(units) != list(again)
    first, second = _search(units), _search(again)
    assert (first.node, first.loss, first.holding) == (second.node, second.loss, second.holding)
    assert [step.holding for step in first.steps] == [step.holding for step in second.steps]
    assert first.counted == second.counted


def test_most_nodes_are_never_counted() -> None:
    """Monotony decides nearly all of the lattice."""
    found = _search(_inventory({"BJ": 9_000, "GD": 2_000, "SC": 700}))
    assert found.nodes == 2 * 3 * 2 * 6 * 6 * 5 * 2 - 1
    assert found.counted < found.nodes // 10


@pytest.mark.parametrize("units", [1, 10])
def test_fewer_than_k_units_have_no_scheme(units: int) -> None:
    """No levels make a class of fewer than k units publishable."""
    combinations = Combinations.of(Counter({("BJ", 2010, "A", 0, 0, 0, "OTHER"): units}))
    assert search(combinations, configured_hierarchies(), configured_goal()) is None


def test_no_units_have_no_scheme() -> None:
    """An empty inventory is no error of the search."""
    empty = Combinations.of(Counter())
    assert search(empty, configured_hierarchies(), configured_goal()) is None
