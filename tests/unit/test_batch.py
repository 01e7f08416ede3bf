"""How a batch is drawn: whole classes of at least k, and nothing lost."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from domain.digest import class_text
from domain.identifiers import draw_rank
from domain.periods import YearRange
from domain.units import AboGroup, UnitClass
from publishing.anonymise import Candidate
from publishing.batch import Batch, draw_batch

K = 11
KEY = b"k" * 32


def _class(bank: str, first_year: int, abo: AboGroup) -> UnitClass:
    return UnitClass(
        bank=bank,
        period=YearRange(first_year, first_year + 4),
        abo=abo,
        tnc=None,
        cd34=None,
        volume=None,
        processing=None,
    )


CLASSES = [
    _class(bank, year, abo)
    for bank in ("BJ", "SC")
    for year in (2010, 2015)
    for abo in (AboGroup.A, AboGroup.UNKNOWN)
]


@st.composite
def inventories(draw: st.DrawFn) -> list[Candidate]:
    """Candidates of a few classes, in any order, with ids that follow neither class nor row."""
    members = draw(st.lists(st.tuples(st.sampled_from(CLASSES), st.booleans()), max_size=150))
    numbers = draw(st.permutations(range(len(members))))
    return [
        Candidate(row, f"cbu_{number:020x}", unit_class, waiting)
        for row, (number, (unit_class, waiting)) in enumerate(zip(numbers, members, strict=True))
    ]


limits = st.none() | st.integers(0, 160)


def _published(batch: Batch) -> list[Candidate]:
    return [unit for members in batch.classes.values() for unit in members]


@given(inventories(), limits)
def test_published_classes_are_large_enough_and_whole(
    candidates: list[Candidate], at_most: int | None
) -> None:
    """Every published class has k members, and none of its members waits."""
    batch = draw_batch(candidates, k=K, key=KEY, at_most=at_most)
    assert all(len(members) >= K for members in batch.classes.values())
    assert not set(batch.classes) & {unit.unit_class for unit in batch.deferred}
    assert all(
        unit.unit_class == unit_class
        for unit_class, members in batch.classes.items()
        for unit in members
    )


@given(inventories(), limits)
def test_deferred_classes_are_too_small(candidates: list[Candidate], at_most: int | None) -> None:
    """No class waits that could go out."""
    batch = draw_batch(candidates, k=K, key=KEY, at_most=at_most)
    waiting = Counter(unit.unit_class for unit in batch.deferred)
    assert all(members < K for members in waiting.values())


@given(inventories(), limits)
def test_nothing_is_lost_or_doubled(candidates: list[Candidate], at_most: int | None) -> None:
    """Published and deferred units are those that waited and the drawn new ones, once each."""
    batch = draw_batch(candidates, k=K, key=KEY, at_most=at_most)
    waiting = {unit for unit in candidates if unit.waiting}
    new = sorted(
        {unit for unit in candidates if not unit.waiting}, key=lambda u: draw_rank(KEY, u.unit_id)
    )
    considered = [*_published(batch), *batch.deferred]
    assert set(considered) == waiting | set(new[:at_most])
    assert len(considered) == batch.considered == len(set(considered))
    assert batch.unit_count == len(_published(batch))


@given(inventories(), limits, st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(
    candidates: list[Candidate], at_most: int | None, chance: random.Random
) -> None:
    """Equal units make an equal batch, in equal order, however they were read."""
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    first = draw_batch(candidates, k=K, key=KEY, at_most=at_most)
    second = draw_batch(shuffled, k=K, key=KEY, at_most=at_most)
    assert first == second
    assert list(first.classes) == list(second.classes) == sorted(first.classes, key=class_text)


@given(inventories(), st.integers(0, 160))
def test_a_later_batch_completes_an_earlier_one(candidates: list[Candidate], cut: int) -> None:
    """What waits after a limited batch takes part in the next, and no unit is published twice."""
    first = draw_batch(candidates, k=K, key=KEY, at_most=cut)
    seen = {unit.unit_id for unit in [*_published(first), *first.deferred]}
    rest = [unit for unit in candidates if unit.unit_id not in seen]
    second = draw_batch([*(u._replace(waiting=True) for u in first.deferred), *rest], k=K, key=KEY)
    published = [unit.unit_id for unit in [*_published(first), *_published(second)]]
    assert len(published) == len(set(published))
    assert len(published) + len(second.deferred) == len(candidates)


def test_members_stand_in_the_order_of_their_ids() -> None:
    """Ids ascend inside a class, whatever the order of rows."""
    units = [Candidate(row, f"cbu_{19 - row:020x}", CLASSES[0], waiting=False) for row in range(20)]
    batch = draw_batch(units, k=K, key=KEY)
    (members,) = batch.classes.values()
    assert [unit.row for unit in members] == list(range(19, -1, -1))


def test_a_limit_draws_by_a_rank_that_is_never_shown() -> None:
    """New units are drawn by a keyed hash, not by public id; waiting ones need no draw."""
    new = [Candidate(row, f"cbu_{row:020x}", CLASSES[0], waiting=False) for row in range(40)]
    waiting = [Candidate(row, f"cbu_{row:020x}", CLASSES[0], waiting=True) for row in range(90, 95)]
    batch = draw_batch([*reversed(new), *waiting], k=K, key=KEY, at_most=17)
    (members,) = batch.classes.values()
    drawn = sorted(new, key=lambda unit: draw_rank(KEY, unit.unit_id))[:17]
    assert {unit.row for unit in members} == {*(unit.row for unit in drawn), *range(90, 95)}
    assert {unit.row for unit in drawn} != set(range(17))
    other = draw_batch(new, k=K, key=b"another key", at_most=17)
    assert {unit.row for unit in _published(other)} != {unit.row for unit in drawn}
