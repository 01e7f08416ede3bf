"""Nothing follows from all tables of transplants together: drawn worlds are attacked at length."""

import os
from dataclasses import replace

from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from tests.activity_history import Publisher
from tests.attacks.transplants import ServedCell, State, leaks

GROUPS = {
    "AML": "MALIGNANT",
    "ALL": "MALIGNANT",
    "CML": "MALIGNANT",
    "SAA": "MARROW_FAILURE",
    "FA": "MARROW_FAILURE",
}
REGIONS: dict[str, str | None] = {
    "BJ": "NORTH",
    "TJ": "NORTH",
    "SD": "NORTH",
    "SH": "SOUTH",
    "GD": "SOUTH",
    "SC": "SOUTH",
    "XX": None,
}
YEARS = (2019, 2020, 2021, 2022)

_WORLDS = int(os.environ.get("CORDGRAPH_ACTIVITY_WORLDS", "200"))

_units = st.one_of(st.integers(0, 4), st.integers(0, 30), st.integers(20, 90))
_report = st.fixed_dictionaries(dict.fromkeys(GROUPS, _units))


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[State, int]]:
    """Draw what was reported when each release was made, and how many years took part."""
    banks = draw(st.lists(st.sampled_from(sorted(REGIONS)), min_size=3, max_size=7, unique=True))
    state: dict[tuple[str, int, str], int] = {}
    history: list[tuple[State, int]] = []
    count = draw(st.integers(1, 2))
    for _ in range(draw(st.integers(1, 5))):
        count = min(len(YEARS), count + draw(st.integers(0, 1)))
        for bank, year in draw(_renewed(banks, YEARS[:count], is_first=not history)):
            for code, units in draw(_report).items():
                state[bank, year, code] = units
        history.append((dict(state), count))
    return history


def _renewed(
    banks: list[str], years: tuple[int, ...], *, is_first: bool
) -> st.SearchStrategy[list[tuple[str, int]]]:
    """Draw which reports are new: single ones, whole banks, or at first nearly all."""
    places = [(bank, year) for bank in banks for year in years]
    some = st.lists(st.sampled_from(places), max_size=6, unique=True)
    of_banks = st.lists(st.sampled_from(banks), min_size=1, unique=True).map(
        lambda chosen: [(bank, year) for bank, year in places if bank in chosen]
    )
    return st.one_of(st.just(places), of_banks) if is_first else st.one_of(some, of_banks)


@settings(
    max_examples=int(os.environ.get("CORDGRAPH_ACTIVITY_WORLDS", "200")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(history=histories())
def test_nothing_follows_from_all_releases_together(history: list[tuple[State, int]]) -> None:
    """Whatever set of figures or change follows has 0 or at least 22 units, of three banks."""
    publisher = Publisher(GROUPS, REGIONS)
    states = {}
    for number, (state, count) in enumerate(history, start=1):
        publisher.publish(state, YEARS[:count])
        states[number] = state

    served = publisher.served()
    target(float(max((sum(_same(a, b) for b in served) for a in served), default=0)))
    assert leaks(served, states, REGIONS) == []


def _same(one: ServedCell, other: ServedCell) -> bool:
    return replace(one, units=0, as_of=0) == replace(other, units=0, as_of=0)
