"""Completeness: the share of new units with the values that every bank must record."""

from dataclasses import replace
from itertools import count

from domain.bands import UNRECORDED, Band
from domain.units import AboGroup, UnitClass
from publishing.anonymise import Candidate
from publishing.batch import Batch
from publishing.completeness import measure_completeness
from publishing.gate import Measure

_FULL = UnitClass("BJ", None, AboGroup.O, Band(8.0, 10.0), None, None, None)
_NO_ABO = replace(_FULL, abo=AboGroup.UNKNOWN)
_NO_TNC = replace(_FULL, tnc=UNRECORDED)
_rows = count(1)


def _units(unit_class: UnitClass, number: int, *, waiting: bool = False) -> list[Candidate]:
    rows = [next(_rows) for _ in range(number)]
    return [Candidate(row, f"cbu_{row:020x}", unit_class, waiting) for row in rows]


def _batch(published: list[Candidate], deferred: list[Candidate] | None = None) -> Batch:
    classes = {unit.unit_class for unit in published}
    members = {cls: tuple(unit for unit in published if unit.unit_class == cls) for cls in classes}
    return Batch(members, tuple(deferred or ()))


def test_the_attribute_with_most_gaps_counts() -> None:
    """Of 100 units 11 lack the group and 20 the cells: 80 per cent."""
    batch = _batch([*_units(_FULL, 69), *_units(_NO_ABO, 11), *_units(_NO_TNC, 20)])
    assert measure_completeness(batch) == Measure(80.0, "TNC")


def test_new_units_that_have_to_wait_count() -> None:
    """A gap is a gap of the bank, whether its unit goes out or not."""
    batch = _batch(_units(_FULL, 45), _units(_NO_ABO, 5))
    assert measure_completeness(batch) == Measure(90.0, "ABO")


def test_units_that_waited_do_not_count_again() -> None:
    """They gathered because their class is rare: that is no broken export."""
    waited = _units(_NO_ABO, 30, waiting=True)
    batch = _batch([*_units(_FULL, 99), *_units(_NO_ABO, 1), *waited])
    assert measure_completeness(batch) == Measure(99.0, "ABO")


def test_what_is_not_published_needs_no_value() -> None:
    """Neither attribute published, or nothing new: there is nothing to measure."""
    hidden = replace(_FULL, abo=None, tnc=None)
    assert measure_completeness(_batch(_units(hidden, 20))) is None
    assert measure_completeness(_batch(_units(_FULL, 20, waiting=True))) is None
    assert measure_completeness(_batch([])) is None
    only_tnc = replace(_NO_TNC, abo=None)
    assert measure_completeness(_batch(_units(only_tnc, 20))) == Measure(0.0, "TNC")
