"""Batch classes in memory, against plain Python over one object for each class."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bands import Band
from domain.periods import YearRange
from loaders.class_reading import Draft
from loaders.class_set import tnc_rank
from loaders.class_table import ATTRIBUTES, ClassTable, ReadClasses
from loaders.published_classes import BatchClassRecord, PublishedClass
from loaders.selections import Selection

_CUTS = [None, 3.0, 6.0, 8.0]
_BANDS = [(low, high) for low in _CUTS for high in _CUTS if not low or not high or low < high]


@dataclass(frozen=True)
class Stored:
    """A batch class as the database has it."""

    record: BatchClassRecord
    withdrawn: int | None

    def held_by(self, release: int) -> bool:
        """Tell whether a release holds the class."""
        gone = self.withdrawn is not None and self.withdrawn <= release
        return self.record.added <= release and not gone

    def value(self, name: str) -> Any:
        """Return an attribute; bands as (published, minimum, maximum)."""
        record = self.record
        if name in ("tnc", "cd34", "volume"):
            return tuple(getattr(record, f"{name}_{end}") for end in ("published", "min", "max"))
        return (record.period_from, record.period_to) if name == "period" else getattr(record, name)


@st.composite
def worlds(draw: st.DrawFn) -> list[Stored]:
    """Classes of up to five releases; ids have gaps, and some values are missing."""
    world = []
    number = 0
    for release in range(1, draw(st.integers(1, 5)) + 1):
        for _ in range(draw(st.integers(0, 6))):
            number += draw(st.integers(1, 40))
            world.append(Stored(draw(_records(number, release)), draw(_withdrawn(release))))
    return world


def _withdrawn(added: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(added + 1, 6)


@st.composite
def _records(draw: st.DrawFn, number: int, added: int) -> BatchClassRecord:
    bands = [draw(st.sampled_from(_BANDS)) for _ in range(3)]
    published = [draw(st.booleans()) for _ in bands]
    first = draw(st.none() | st.sampled_from([2000, 2005]))
    ends = [
        (is_published, *(band if is_published else (None, None)))
        for is_published, band in zip(published, bands, strict=True)
    ]
    return BatchClassRecord(
        number,
        draw(st.integers(11, 99)),
        added,
        draw(st.sampled_from([None, "BJ", "GD"])),
        first,
        None if first is None else first + 4,
        draw(st.sampled_from([None, "A", "O"])),
        *ends[0],
        *ends[1],
        *ends[2],
        draw(st.sampled_from([None, "OTHER"])),
    )


def _some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...] | None]:
    return st.none() | st.lists(st.sampled_from(values), unique=True).map(tuple)


_LIMITS = st.none() | st.sampled_from([0.0, 3.0, 6.0, 7.0, 8.0])
SELECTIONS = st.builds(
    Selection,
    release=st.integers(1, 6),
    bank=_some(["BJ", "GD", "XX"]),
    abo=_some(["A", "O"]),
    processing=_some(["OTHER"]),
    collected_from=st.none() | st.sampled_from([1999, 2000, 2001]),
    collected_to=st.none() | st.sampled_from([2004, 2008, 2009]),
    tnc_at_least=_LIMITS,
    tnc_below=_LIMITS,
    cd34_at_least=_LIMITS,
    cd34_below=_LIMITS,
    volume_at_least=_LIMITS,
    volume_below=_LIMITS,
    added_in=_some([1, 2, 5]),
)


def _band_lies_inside(value: Any, least: float | None, below: float | None) -> bool:
    _, low, high = value
    if least is None and below is None:
        return True
    if low is None and high is None:
        return False
    return (least is None or (low or 0.0) >= least) and (
        below is None or (high is not None and high <= below)
    )


def _meets(stored: Stored, wanted: Selection) -> bool:
    record = stored.record
    first, last = stored.value("period")
    return all(
        (
            stored.held_by(wanted.release),
            wanted.bank is None or record.bank in wanted.bank,
            wanted.abo is None or record.abo in wanted.abo,
            wanted.processing is None or record.processing in wanted.processing,
            wanted.added_in is None or record.added in wanted.added_in,
            wanted.collected_from is None or (first or 0) >= wanted.collected_from,
            wanted.collected_to is None or (last or 9999) <= wanted.collected_to,
            _band_lies_inside(stored.value("tnc"), wanted.tnc_at_least, wanted.tnc_below),
            _band_lies_inside(stored.value("cd34"), wanted.cd34_at_least, wanted.cd34_below),
            _band_lies_inside(stored.value("volume"), wanted.volume_at_least, wanted.volume_below),
        )
    )


async def _table(world: list[Stored], known: ClassTable | None = None) -> ClassTable:
    draft = Draft(known)
    await draft.add([each.record for each in world if each.record.id > draft.newest])
    withdrawn = {each.record.id: each.withdrawn for each in world if each.withdrawn is not None}
    return draft.table(withdrawn)


@given(worlds(), SELECTIONS)
async def test_any_selection_selects_what_plain_python_selects(
    world: list[Stored], wanted: Selection
) -> None:
    """Classes, units, marks and TNC bands, with values that are missing and ids that have gaps."""
    found = wanted.among(await _table(world))
    expected = [each.record for each in world if _meets(each, wanted)]
    assert found.ids == [record.id for record in expected]
    assert found.size == len(expected)
    assert found.units == sum(record.units for record in expected)
    existing = [each.record for each in world if each.record.added <= wanted.release]
    assert found.newest == max((record.id for record in existing), default=0)
    assert found.units_in_reach == sum(record.units for record in existing)
    assert found.is_whole == (expected == existing)
    ids = set(found.ids)
    assert [found.holds(id_) for id_ in range(300)] == [id_ in ids for id_ in range(300)]
    ranks = {record.id: _rank(record) for record in expected}
    assert found.tnc_ranks == set(ranks.values())
    for rank in found.tnc_ranks:
        assert found.of_tnc_rank(rank).ids == [id_ for id_, each in ranks.items() if each == rank]


def _rank(record: BatchClassRecord) -> float:
    if record.tnc_min is None:
        return -1.0 if record.tnc_max is None else 0.0
    return record.tnc_min


@given(worlds(), SELECTIONS, st.lists(st.sampled_from(ATTRIBUTES), unique=True))
async def test_any_cross_table_counts_what_plain_python_counts(
    world: list[Stored], wanted: Selection, names: list[str]
) -> None:
    """Every cell once, in the order of its dimensions, and none without units."""
    table = wanted.among(await _table(world)).cross_table([(name, repr) for name in names])
    counted: Counter[tuple[str, ...]] = Counter()
    for each in world:
        if _meets(each, wanted):
            published = _published(each.record)
            counted[tuple(repr(getattr(published, name)) for name in names)] += each.record.units
    found = [
        (tuple(repr(values[at]) for values, at in zip(table.values, places, strict=True)), units)
        for places, units in table.cells()
    ]
    assert found == sorted(counted.items())
    assert len(table) == len(found)


def _published(record: BatchClassRecord) -> PublishedClass:
    period = None
    if record.period_from is not None and record.period_to is not None:
        period = YearRange(record.period_from, record.period_to)
    return PublishedClass(
        record.bank,
        period,
        record.abo,
        Band(record.tnc_min, record.tnc_max) if record.tnc_published else None,
        Band(record.cd34_min, record.cd34_max) if record.cd34_published else None,
        Band(record.volume_min, record.volume_max) if record.volume_published else None,
        record.processing,
        record.added,
    )


@given(worlds(), st.integers(0, 5), SELECTIONS)
async def test_a_table_that_grew_is_the_table_that_was_read_whole(
    world: list[Stored], release: int, wanted: Selection
) -> None:
    """Whatever was known before; and what was known stays as it was."""
    known = await _table([each for each in world if each.record.added <= release])
    before = (len(known), wanted.among(known).ids)
    grown, whole = await _table(world, known), await _table(world)
    assert wanted.among(grown).ids == wanted.among(whole).ids
    for each in world:
        assert grown.published(each.record.id) == _published(each.record)
    assert (len(known), wanted.among(known).ids) == before


async def test_a_class_that_is_missing_is_not_another_one() -> None:
    """Neither in a gap nor beyond the end."""
    table = await _table([])
    with pytest.raises(LookupError, match="batch class 7 is missing"):
        table.published(7)


def test_units_are_ordered_by_what_their_band_begins_with() -> None:
    """The lowest band begins at 0, and what is not known comes before it."""
    bands = [None, Band(None, None), Band(None, 8.0), Band(8.0, 10.0), Band(12.5, None)]
    assert [tnc_rank(band) for band in bands] == [-1.0, -1.0, 0.0, 8.0, 12.5]


async def test_what_is_made_of_read_classes_is_kept_but_bounded() -> None:
    """It is made once for a class and a release; when there is too much, it is made anew."""
    bands = (None, None, None, True, None, None, True, None, None, True, None, None, None)
    records = [BatchClassRecord(id_, 20, 1, "BJ", *bands) for id_ in (1, 2)]
    table = await _table([Stored(record, None) for record in records])
    made: list[tuple[int, str]] = []

    def make(published: PublishedClass, release: int) -> str:
        made.append((release, published.bank or ""))
        return f"{release}:{len(made)}"

    read = ReadClasses(make, table, most=3)
    assert [read.of(1)[1], read.of(2)[1], read.of(1)[2], read.of(1)[1]] == [
        "1:1",
        "2:2",
        "1:3",
        "1:1",
    ]
    assert read.of(2)[2] == "2:4"  # the fourth, for which all others went
    assert [read.of(2)[2], read.of(1)[1]] == ["2:4", "1:5"]
    assert [release for release, _ in made] == [1, 2, 1, 2, 1]
