"""The figures of a release that continues others."""

import dataclasses
import datetime as dt
from collections import Counter

import pytest

from domain.bands import Band
from domain.digest import class_digest, release_digest
from domain.periods import YearRange
from domain.units import AboGroup, UnitClass
from publishing.anonymise import Candidate
from publishing.batch import Batch, draw_batch
from publishing.figures import (
    Figures,
    compute_figures,
    compute_tally,
    round_half_up,
    whole_percent,
    worst_held_back,
    worst_percent,
)
from publishing.history import History, PublishedClass

EARLIER = History(
    newest=1,
    published_at=dt.datetime(2026, 7, 1, tzinfo=dt.UTC),
    synthetic=False,
    classes=(
        PublishedClass("BJ", "A", 40, "a" * 64),
        PublishedClass("TJ", "UNKNOWN", 20, "b" * 64),
    ),
)


def _class(bank: str, abo: AboGroup) -> UnitClass:
    return UnitClass(
        bank=bank,
        period=YearRange(2010, 2014),
        abo=abo,
        tnc=Band(None, 8.0),
        cd34=None,
        volume=None,
        processing=None,
    )


def _batch(**members: int) -> Batch:
    """Return a batch of classes named BANK_ABO with so many members."""
    candidates = [
        Candidate(0, f"cbu_{index:04x}{number:016x}", _class(*_split(name)), waiting=False)
        for index, (name, units) in enumerate(members.items())
        for number in range(units)
    ]
    return draw_batch(candidates, k=11, key=b"")


def _split(name: str) -> tuple[str, AboGroup]:
    bank, abo = name.split("_")
    return bank, AboGroup(abo)


def _figures(history: History, batch: Batch) -> Figures:
    return compute_figures(history, batch, compute_tally(history, batch))


def test_banks_that_are_not_named_are_not_counted() -> None:
    """A class without a bank adds units, and no bank to those that the release names."""
    unnamed = dataclasses.replace(EARLIER, classes=(PublishedClass(None, "A", 40, "a" * 64),))
    figures = _figures(unnamed, _batch(SC_B=11))
    assert (figures.units, figures.banks) == (51, 1)


def test_figures_are_of_all_batches() -> None:
    """Units, banks and classes count what earlier releases added; what waits is held back."""
    batch = _batch(BJ_A=12, SC_B=11, SC_O=3)
    figures = _figures(EARLIER, batch)
    assert figures.units == 83
    assert figures.added == 23
    assert figures.banks == 3
    assert figures.classes == 4
    assert figures.smallest_class == 11
    assert figures.median_class == 12
    assert figures.held_back_percent == 0  # 3 of 86: in steps of 50
    assert figures.bank_held_back_percent == 100  # 3 of 14 of SC: half of it is fewer than 11
    assert figures.abo_held_back_percent == 100  # 3 of 3
    digests = {
        cls: class_digest(cls, 2, [unit.unit_id for unit in members])
        for cls, members in batch.classes.items()
    }
    assert figures.class_digests == digests
    assert figures.digest == release_digest(2, ["a" * 64, "b" * 64, *digests.values()])


def test_tally_counts_released_and_held_units_by_group() -> None:
    """Banks and ABO groups are counted over all batches and all that waits."""
    tally = compute_tally(EARLIER, _batch(BJ_A=12, SC_B=11, SC_O=3, TJ_UNKNOWN=10))
    assert tally.released_by_bank == {"BJ": 52, "TJ": 20, "SC": 11}
    assert tally.held_by_bank == {"SC": 3, "TJ": 10}
    assert tally.released_by_abo == {"A": 52, "UNKNOWN": 20, "B": 11}
    assert tally.held_by_abo == {"O": 3, "UNKNOWN": 10}


def test_worst_group_leaves_out_those_without_a_record() -> None:
    """UNKNOWN is no group of people; a group of which nothing is out is held back wholly."""
    tally = compute_tally(EARLIER, _batch(BJ_A=12, SC_B=11, SC_O=3, TJ_UNKNOWN=10))
    assert worst_held_back(tally.released_by_abo, tally.held_by_abo) == ("O", 100.0)
    bank, percent = worst_held_back(tally.released_by_bank, tally.held_by_bank)
    assert (bank, round(percent, 3)) == ("TJ", 33.333)


def test_figures_of_nothing() -> None:
    """An empty batch before the first release has figures too."""
    nothing = History(0, None, synthetic=False, classes=())
    figures = _figures(nothing, draw_batch([], k=11, key=b""))
    assert (figures.units, figures.smallest_class, figures.held_back_percent) == (0, 0, 0)
    tally = compute_tally(nothing, draw_batch([], k=11, key=b""))
    assert worst_held_back(tally.released_by_abo, tally.held_by_abo) == ("", 0.0)


@pytest.mark.parametrize(
    ("percent", "shown"), [(0.0, 0), (0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3), (99.5, 100)]
)
def test_percents_are_rounded_half_up(percent: float, shown: int) -> None:
    """Halves go up, not to the even number."""
    assert round_half_up(percent) == shown


@pytest.mark.parametrize(
    ("released", "held", "shown"),
    [(5_000, 25, 0), (5_000, 26, 1), (2_180, 20, 1), (2_180, 19, 0), (200, 60, 20), (0, 3, 100)],
)
def test_the_share_of_all_is_told_in_whole_per_cents(released: int, held: int, shown: int) -> None:
    """Of fewer units in coarser steps."""
    assert whole_percent(released, held) == shown


def test_the_share_of_all_never_tells_fewer_than_k_units() -> None:
    """Whatever is published and waits, at least 11 numbers of waiting units fit what is told."""
    for released in (11, 30, 100, 500, 1_099, 1_500, 2_199, 2_200, 6_000):
        fits = Counter(whole_percent(released, held) for held in range(released))
        assert all(fits[whole_percent(released, held)] >= 11 for held in range(released // 5))


@pytest.mark.parametrize(
    ("released", "held", "shown"),
    [
        (20_000, 0, 0),
        (20_000, 1, 1),
        (9_800, 200, 2),
        (9_799, 201, 3),
        (1_099, 1, 1),  # one per cent of 1,100 is 11 units
        (1_098, 1, 5),
        (209, 11, 5),  # of 220
        (208, 11, 10),
        (99, 11, 10),  # of 110
        (98, 11, 20),
        (10, 1, 100),
        (0, 3, 100),
        (0, 0, 0),
    ],
)
def test_a_share_of_a_group_is_told_in_steps_of_eleven_units(
    released: int, held: int, shown: int
) -> None:
    """It is rounded up, and no step holds fewer than k units."""
    assert worst_percent(Counter(BJ=released), Counter(BJ=held)) == shown


def test_the_share_that_is_told_is_the_largest_of_any_group() -> None:
    """Units without a record are no group; which group it is stays unsaid."""
    released = Counter(A=20_000, B=10_000, UNKNOWN=10)
    assert worst_percent(released, Counter(A=100, B=399, UNKNOWN=10)) == 4
