"""The figures of a release: what its row says, computed before anything is written."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from domain.disclosure import held_back_share, median
from domain.units import AboGroup, UnitClass
from publishing.batch import Batch
from publishing.digest import class_digest, release_digest
from publishing.history import History

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """What the row of a release says. A class here is the members that one batch published.

    Attributes:
        units: Units of the release, all batches.
        added: Units that its batch adds.
        banks: Banks with units in it.
        classes: Classes, each at least k.
        smallest_class: Members of the smallest class; 0 without any.
        median_class: Lower median of the members of a class.
        held_back_percent: Units held back of all units considered so far, rounded half up.
        class_digests: Digest of each class of the new batch.
        digest: Digest of the release.
    """

    units: int
    added: int
    banks: int
    classes: int
    smallest_class: int
    median_class: int
    held_back_percent: int
    class_digests: dict[UnitClass, str]
    digest: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Units of the release and units held back, by bank and by ABO group where published."""

    released_by_bank: Counter[str]
    held_by_bank: Counter[str]
    released_by_abo: Counter[str]
    held_by_abo: Counter[str]


def compute_figures(history: History, batch: Batch) -> Figures:
    """Return the figures of the release that continues ``history`` with ``batch``."""
    number = history.newest + 1
    digests = {
        unit_class: class_digest(unit_class, number, [unit.unit_id for unit in members])
        for unit_class, members in batch.classes.items()
    }
    sizes = [row.units for row in history.classes] + [len(m) for m in batch.classes.values()]
    banks = {row.bank for row in history.classes} | {cls.bank for cls in batch.classes}
    return Figures(
        units=sum(sizes),
        added=batch.unit_count,
        banks=len(banks),
        classes=len(sizes),
        smallest_class=min(sizes, default=0),
        median_class=median(sizes),
        held_back_percent=round_half_up(
            _HUNDRED * held_back_share(sum(sizes), len(batch.deferred))
        ),
        class_digests=digests,
        digest=release_digest(
            number, [row.digest for row in history.classes] + [*digests.values()]
        ),
    )


def compute_tally(history: History, batch: Batch) -> Tally:
    """Count the release that continues ``history`` with ``batch`` by bank and ABO group."""
    sizes = [(row.bank, row.abo, row.units) for row in history.classes]
    sizes += [(cls.bank, cls.abo, len(members)) for cls, members in batch.classes.items()]
    held = Counter(unit.unit_class for unit in batch.deferred)
    waiting = [(cls.bank, cls.abo, units) for cls, units in held.items()]
    return Tally(
        released_by_bank=_count((bank, units) for bank, _, units in sizes),
        held_by_bank=_count((bank, units) for bank, _, units in waiting),
        released_by_abo=_count((abo, units) for _, abo, units in sizes),
        held_by_abo=_count((abo, units) for _, abo, units in waiting),
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


def round_half_up(value: float) -> int:
    """Round a value that is not negative to the nearest whole number, halves up."""
    return int(value + 0.5)


def _count(pairs: Iterable[tuple[str | None, int]]) -> Counter[str]:
    counter: Counter[str] = Counter()
    for group, units in pairs:
        if group is not None:
            counter[group] += units
    return counter
