"""The batch: which units a release adds, and which wait until their class is large enough."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from domain.digest import class_text
from domain.identifiers import draw_rank
from domain.units import UnitClass
from publishing.anonymise import Candidate

_by_unit_id = attrgetter("unit_id")


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of the units that were considered.

    Attributes:
        classes: Members to publish of each class, at least k, by unit id. The classes stand in
            the order of their values, so that nothing that is numbered along them tells in
            which order units came in.
        deferred: Units whose class is too small so far, by unit id.
    """

    classes: Mapping[UnitClass, tuple[Candidate, ...]]
    deferred: tuple[Candidate, ...]

    @property
    def unit_count(self) -> int:
        """How many units the batch publishes."""
        return sum(map(len, self.classes.values()))

    @property
    def considered(self) -> int:
        """How many units took part, published or deferred."""
        return self.unit_count + len(self.deferred)


def draw_batch(
    candidates: Iterable[Candidate], *, k: int, key: bytes, at_most: int | None = None
) -> Batch:
    """Form the batch of ``candidates``; their order does not matter.

    Units that wait from earlier always take part again. New ones are drawn by a keyed hash that
    is never published, so the draw is even and repeatable and tells nothing. A draw by date or
    by order of arrival would tell, through the release that a unit came with, when it was
    collected or submitted. So would one by public id: whoever sees up to which id a release
    reached would know a unit below it, that came later, for a late arrival.

    Args:
        candidates: Units that were never published; no id twice.
        key: Key of the scheme.
        k: Fewest members of a class that is published. A class goes out whole or waits whole.
        at_most: Most new units that take part, or ``None`` for all.
    """
    waiting: list[Candidate] = []
    new: list[Candidate] = []
    for candidate in candidates:
        (waiting if candidate.waiting else new).append(candidate)
    if at_most is not None:
        new.sort(key=lambda unit: draw_rank(key, unit.unit_id))
    groups = _grouped(sorted(waiting + new[:at_most], key=_by_unit_id))
    small = (groups[unit_class] for unit_class in groups if len(groups[unit_class]) < k)
    return Batch(
        classes={
            unit_class: tuple(groups[unit_class])
            for unit_class in sorted(groups, key=class_text)
            if len(groups[unit_class]) >= k
        },
        deferred=tuple(sorted(chain.from_iterable(small), key=_by_unit_id)),
    )


def _grouped(candidates: list[Candidate]) -> dict[UnitClass, list[Candidate]]:
    """Return the members of each class, in the order of ``candidates``."""
    groups: dict[UnitClass, list[Candidate]] = {}
    # Most members share the object of their class; its identity is found faster than its values.
    known: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        unit_class = candidate.unit_class
        members = known.get(id(unit_class))
        if members is None:
            members = known[id(unit_class)] = groups.setdefault(unit_class, [])
        members.append(candidate)
    return groups
