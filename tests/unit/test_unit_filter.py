"""Conditions on units, before anything is read."""

import pytest

from loaders.selections import Selection
from schema.errors import Code, ContractError
from schema.types.abo_group import AboGroup
from schema.types.unit_filter import UnitFilter, selection


def test_no_conditions_select_the_whole_release() -> None:
    """Everything but the release is open."""
    assert selection(3, None) == Selection(release=3)


def test_equal_filters_make_equal_selections() -> None:
    """Repetitions fall away, so that equal conditions are answered together."""
    twice = UnitFilter(bank=["BJ", "BJ"], abo_group=[AboGroup.A])
    assert selection(3, twice) == Selection(release=3, bank=("BJ",), abo=("A",))


def test_a_bank_inside_a_bank_is_an_intersection() -> None:
    """The units of a bank, filtered by other banks, are none."""
    assert selection(1, UnitFilter(bank=["TJ"]), bank="BJ").bank == ()
    assert selection(1, UnitFilter(bank=["TJ", "BJ"]), bank="BJ").bank == ("BJ",)
    assert selection(1, None, bank="BJ").bank == ("BJ",)


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (UnitFilter(bank=["bj"]), 'Filter "bank": "bj" is not a bank code.'),
        (UnitFilter(tnc_at_least=-1), 'Filter "tncAtLeast": must be a number that is not negative'),
        (UnitFilter(tnc_at_least=1.2e9), "Did you mean 12?"),
        (UnitFilter(cd34_below=3e6), "cells are counted in units of 10^6"),
        (UnitFilter(volume_below=1001), 'Filter "volumeBelow": 1001 is above 1000.'),
        (UnitFilter(collected_from=20), 'Filter "collectedFrom": a year has four digits, not 20.'),
        (UnitFilter(added_in=[0]), 'Filter "addedIn": releases are numbered from 1, not 0.'),
        (UnitFilter(added_in=list(range(1, 102))), "at most 100 entries are allowed, not 101."),
        (UnitFilter(tnc_below=float("inf")), "must be a number that is not negative, not inf."),
    ],
)
def test_values_that_no_unit_has_are_refused(conditions: UnitFilter, message: str) -> None:
    """The message names the condition, the value and the rule."""
    with pytest.raises(ContractError) as caught:
        selection(3, conditions)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert message in caught.value.message
