"""The figures of a release: what its row says, computed before anything is written."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from domain.digest import class_digest, release_digest
from domain.disclosure import MINIMUM_CLASS, held_back_share, median
from domain.units import AboGroup, UnitClass
from publishing.batch import Batch
from publishing.history import History

Group: TypeAlias = tuple[str | None, str | None, int]
"""Bank, ABO group and number of units."""

_HUNDRED = 100
_STEPS = (1, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the row of a release says. A class here is the members that one batch published.

    Attributes:
        units: Units of the release, all batches.
        added: Units that its batch adds.
        withdrawn: Units of earlier batches that it leaves out.
        banks: Banks that its classes name.
        classes: Classes, each at least k.
        smallest_class: Members of the smallest class; 0 without any.
        median_class: Lower median of the members of a class.
        held_back_percent: Units held back of all units considered so far; see `whole_percent`.
        bank_held_back_percent: The same of the bank of which the largest share is held back;
            see `worst_percent`.
        abo_held_back_percent: The same of the ABO groups.
        class_digests: Digest of each class of the new batch.
        digest: Digest of the release.
    """

    units: int
    added: int
    withdrawn: int
    banks: int
    classes: int
    smallest_class: int
    median_class: int
    held_back_percent: int
    bank_held_back_percent: int
    abo_held_back_percent: int
    class_digests: dict[UnitClass, str]
    digest: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Units of the release and units held back, by bank and by ABO group."""

    released_by_bank: Counter[str]
    held_by_bank: Counter[str]
    released_by_abo: Counter[str]
    held_by_abo: Counter[str]


def compute_figures(history: History, batch: Batch, tally: Tally) -> Figures:
    """Return the figures of the release that continues ``history`` with ``batch``.

    Args:
        history: What it continues.
        batch: What it adds and holds back.
        tally: Both by bank and ABO group, as by `publishing.groups.tally_release`.
    """
    number = history.newest + 1
    digests = {
        unit_class: class_digest(unit_class, number, [unit.unit_id for unit in members])
        for unit_class, members in batch.classes.items()
    }
    sizes = [row.units for row in history.classes] + [len(m) for m in batch.classes.values()]
    banks = {row.bank for row in history.classes} | {cls.bank for cls in batch.classes}
    named = banks - {None}
    return Figures(
        units=sum(sizes),
        added=batch.unit_count,
        withdrawn=sum(row.units for row in history.leaving),
        banks=len(named),
        classes=len(sizes),
        smallest_class=min(sizes, default=0),
        median_class=median(sizes),
        held_back_percent=whole_percent(sum(sizes), len(batch.deferred)),
        bank_held_back_percent=worst_percent(tally.released_by_bank, tally.held_by_bank),
        abo_held_back_percent=worst_percent(tally.released_by_abo, tally.held_by_abo),
        class_digests=digests,
        digest=release_digest(
            number, [row.digest for row in history.classes] + [*digests.values()]
        ),
    )


def compute_tally(history: History, batch: Batch) -> Tally:
    """Count the release that continues ``history`` with ``batch`` by what its classes say."""
    sizes = [(row.bank, row.abo, row.units) for row in history.classes]
    sizes += [(cls.bank, cls.abo, len(members)) for cls, members in batch.classes.items()]
    held = Counter(unit.unit_class for unit in batch.deferred)
    return tally_of(sizes, [(cls.bank, cls.abo, units) for cls, units in held.items()])


def tally_of(released: Iterable[Group], held: Iterable[Group]) -> Tally:
    """Add up what is released and what is held back."""
    released, held = list(released), list(held)
    return Tally(
        released_by_bank=_count((bank, units) for bank, _, units in released),
        held_by_bank=_count((bank, units) for bank, _, units in held),
        released_by_abo=_count((abo, units) for _, abo, units in released),
        held_by_abo=_count((abo, units) for _, abo, units in held),
    )


def worst_held_back(released: Counter[str], held: Counter[str]) -> tuple[str, float]:
    """Return the group of which the largest share is held back, and that share in per cent."""
    shares = {
        group: _HUNDRED * held_back_share(released[group], held[group])
        for group in sorted(set(released) | set(held))
        if group != AboGroup.UNKNOWN
    }
    worst = max(shares, key=shares.__getitem__, default="")
    return worst, shares.get(worst, 0.0)


def whole_percent(published: int, held_back: int) -> int:
    """Return the share of all units that is held back, as everybody may read it, rounded half up.

    To whole per cents; where half of one is fewer than k units, as in what withdrawals can leave,
    to 5 or 10 and so on, so that at least k numbers of units fit.
    """
    step = _step(published + held_back, 2 * MINIMUM_CLASS)
    return round_half_up(_HUNDRED * held_back_share(published, held_back) / step) * step


def worst_percent(released: Counter[str], held: Counter[str]) -> int:
    """Return the largest share of a group that is held back, as everybody may read it.

    It is rounded up to whole per cents; in a group of which one per cent is fewer than k units,
    to 5 or 10 and so on. So it never tells a count below k, nor which group it is.
    """
    groups = (set(released) | set(held)) - {AboGroup.UNKNOWN.value}
    return max((_coarse_percent(released[group], held[group]) for group in groups), default=0)


def _coarse_percent(published: int, held_back: int) -> int:
    total = published + held_back
    step = _step(total, MINIMUM_CLASS)
    return min(_HUNDRED, -(-_HUNDRED * held_back // (step * total)) * step) if total else 0


def _step(total: int, units: int) -> int:
    """Return the finest step in per cent that is at least ``units`` of ``total``."""
    return next((step for step in _STEPS if step * total >= units * _HUNDRED), _HUNDRED)


def round_half_up(value: float) -> int:
    """Round a value that is not negative to the nearest whole number, halves up."""
    return int(value + 0.5)


def _count(pairs: Iterable[tuple[str | None, int]]) -> Counter[str]:
    counter: Counter[str] = Counter()
    for group, units in pairs:
        if group is not None:
            counter[group] += units
    return counter
