"""Programs that break one rule each: the attack on all tables together must see every one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import pytest

from publishing.activity import holding, partition, table
from publishing.activity.published import PublishedActivity
from tests.activity_history import Publisher
from tests.attacks.transplants import ServedCell, State, leaks
from tests.published_activity import LAST, REGIONS, YEARS, state_of

_GROUPS = {
    "AML": "MALIGNANT",
    "ALL": "MALIGNANT",
    "CML": "MALIGNANT",
    "SAA": "MARROW_FAILURE",
    "FA": "MARROW_FAILURE",
    "BTHAL": "HAEMOGLOBINOPATHY",
    "WAS": "IMMUNE_DEFICIENCY",
    "MPS1": "METABOLIC",
}
_BANKS = ("BJ", "TJ", "SD", "SH", "GD", "SC")
_WORLD = [(state_of(1), YEARS), (state_of(2), YEARS), (state_of(3), [*YEARS, LAST])]


def _years(*years: dict[str, tuple[int, ...]]) -> State:
    """Return what BJ, TJ, SD, SH, GD and SC report from 2019 on, by indication."""
    return {
        (bank, 2019 + place, code): number
        for place, year in enumerate(years)
        for code, units in year.items()
        for bank, number in zip(_BANKS, units, strict=False)
    }


_WEIGHTY = [
    (
        _years({"SAA": (9, 9, 9, 9, 9, 9)}, {"SAA": (2, 9, 10, 1)}, {"SAA": (0, 22)}),
        (2019, 2020, 2021),
    )
]
"""A year of which one bank has nearly all, after one that holds."""

_MIXED = [
    (_years({"AML": (1, 0, 0, 20, 20, 20)}), (2019,)),
    (_years({"AML": (10, 10, 10, 20, 20, 20)}), (2019,)),
    (_years({"AML": (10, 10, 10, 1, 1, 0)}), (2019,)),
]
"""Three banks correct their reports, and then the three others."""

History = Sequence[tuple[State, Sequence[int]]]


class _Forgetful(Publisher):
    """Divides everything anew for each release."""

    def __init__(self) -> None:
        super().__init__(_GROUPS, REGIONS)
        self._shown: list[ServedCell] = []

    def publish(self, state: State, years: Sequence[int]) -> Any:
        """Publish as if nothing had been published."""
        self.published = PublishedActivity((), {})
        made = super().publish(state, years)
        self._shown += super().served()
        return made

    def served(self) -> list[ServedCell]:
        """Return the tables of all releases."""
        return self._shown


class _Marginal(Publisher):
    """Shows the total of a group in each year beside its cells."""

    def served(self) -> list[ServedCell]:
        """Return the cells, and totals."""
        codes = ("FA", "SAA")
        of_group = {place: n for place, n in state_of(1).items() if place[2] in codes}
        totals = [sum(n for place, n in of_group.items() if place[1] == year) for year in YEARS]
        return [
            *super().served(),
            *(ServedCell(codes, y, y, "NATION", n, 1) for y, n in zip(YEARS, totals, strict=True)),
        ]


@contextmanager
def _broken(name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Put a function in the place of the one of this name, wherever it is used."""
    with ExitStack() as stack:
        for module in (holding, partition, table):
            if hasattr(module, name):
                stack.enter_context(patch.object(module, name, function))
        yield


def _ordinary() -> Publisher:
    return Publisher(_GROUPS, REGIONS)


def _anything(*_: Any) -> bool:
    return True


def _has_units(version: holding.Version) -> bool:
    return bool(holding.total(version))


def _is_large(version: holding.Version) -> bool:
    return holding.total(version) >= 22


def _new_enough(version: holding.Version, earlier: Sequence[holding.Version]) -> bool:
    return holding.holds(version) and version != earlier[-1]


def _by_pairs(version: holding.Version, earlier: Sequence[holding.Version]) -> bool:
    return holding.holds(version) and all(holding.change_holds(old, version) for old in earlier)


CASES: dict[
    str, tuple[History, Callable[[], Publisher], Callable[[], AbstractContextManager[None]]]
] = {
    "cells below the floor": (_WORLD, _ordinary, lambda: _broken("holds", _has_units)),
    "cells of two banks": (
        [(_years({"AML": (40, 40)}), (2019,))],
        _ordinary,
        lambda: _broken("holds", _is_large),
    ),
    "values renewed whatever the change": (
        _WORLD,
        _ordinary,
        lambda: _broken("may_follow", _new_enough),
    ),
    "mixtures of old and new reports": (
        _MIXED,
        _ordinary,
        lambda: _broken("may_follow", _by_pairs),
    ),
    "what joins is not judged again": (_WEIGHTY, _ordinary, lambda: _broken("_hides", _anything)),
    "tables divided anew": (_WORLD, _Forgetful, nullcontext),
    "totals beside the cells": (
        _WORLD[:1],
        lambda: _Marginal(_GROUPS, REGIONS),
        nullcontext,
    ),
}


def _leaks(history: History, publisher: Publisher) -> list[str]:
    for state, years in history:
        publisher.publish(state, years)
    states = {number: state for number, (state, _) in enumerate(history, start=1)}
    return leaks(publisher.served(), states, REGIONS)


@pytest.mark.parametrize("name", CASES)
def test_the_attack_sees_a_careless_program(name: str) -> None:
    """Each history leaks nothing as it is, and something with one rule less."""
    history, careless, broken = CASES[name]
    assert _leaks(history, _ordinary()) == []
    with broken():
        assert _leaks(history, careless()) != []
