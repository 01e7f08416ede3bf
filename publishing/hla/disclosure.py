"""Which groups of a locus are shown, which stay as they were, and which are hidden in OTHER.

docs/hla.md states the rules in words. A number that is shown exactly is 0 or at least the least
number of units; whatever is fewer is only ever inside a range that reaches 0 or the least.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from domain.hla import LEAST, homozygote_range, rounded_down
from publishing.hla.census import AreaCount, BankCount, Census, take_census
from publishing.hla.changes import Change, Version, changes, fell, objection

_FEWEST_ROWS = 3
"""Of two rows, what lacks the one is homozygous for the other."""
_TOLD_APART = 2
"""Earlier rows from which a third one can be taken apart."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How much protects the units behind a table.

    Attributes:
        least: Fewest units of a cell, of what it lacks, and of a change.
        fewest_typed: Fewest typed units of a region that has a table: with fewer, rounding would
            move a frequency by more than one in a hundred.
    """

    least: int = LEAST
    fewest_typed: int = 1_000


POLICY = Policy()
"""What every release is held to."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the table of a locus shows.

    Attributes:
        fresh: Groups whose rows say what is counted now.
        standing: Groups whose rows stay as they were in the newest table.
        reason: Why the whole table stays as it was, or why there is none; then both are empty.
    """

    fresh: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def shown(self) -> frozenset[str]:
        """All groups that have a row."""
        return self.fresh | self.standing


def divisible(banks: Sequence[BankCount], policy: Policy = POLICY) -> bool:
    """Tell whether there may be tables of the parts of the nation.

    Three banks contribute typed units to each part, none dominates it, and there are enough. If
    that is not so of one part, none is shown, since the nation minus the others is that part.
    Banks of no part are one too: what the nation has more than its parts.
    """
    census = take_census(banks, divide=True)
    return all(
        count.typed >= policy.fewest_typed and count.from_many_banks()
        for count in (census.areas[part] for part in census.parts)
    )


def decide(
    now: Census, earlier: Sequence[Version], kept: Collection[str], policy: Policy = POLICY
) -> Decision:
    """Return what can be shown of ``now``.

    Args:
        now: What is counted.
        earlier: All versions of the table that were ever published, also of withdrawn releases.
        kept: Groups that the newest table has rows of, in each region that has a table now.
        policy: How much protects the units.
    """
    if now.nation.typed < policy.fewest_typed or not now.nation.from_many_banks():
        return Decision(reason="too few typed units, or too few banks contribute them")
    steps = [_Step(version, changes(version.census, now, policy.least)) for version in earlier]
    for change in (change for step in steps for change in step.changes):
        if reason := objection(change):
            return Decision(reason=reason)
    return _Choice(now, steps, kept, policy).decide()


@dataclass(frozen=True, slots=True)
class _Step:
    """An earlier version, with what changed since."""

    version: Version
    changes: list[Change]

    def hides(self, group: str) -> bool:
        """Tell whether ``group`` can be shown freshly after the version."""
        return group not in self.version.fresh or all(each.hides(group) for each in self.changes)

    def in_both(self, fresh: Collection[str]) -> frozenset[str]:
        """Return the groups that are fresh now and were in the version."""
        return self.version.fresh.intersection(fresh)


class _Choice:
    """Groups that are moved from fresh to standing to hidden until nothing small can be told."""

    def __init__(
        self, now: Census, steps: list[_Step], kept: Collection[str], policy: Policy
    ) -> None:
        self._now = now
        self._steps = steps
        self._kept = frozenset(kept)
        self._policy = policy
        self._parts = [now.areas[part] for part in now.parts]
        self._fresh = {group for group in now.nation.carriers if self._may_be_fresh(group)}
        self._standing = set(self._kept - self._fresh)

    def decide(self) -> Decision:
        """Move groups until all rules hold; each move makes fresh or shown groups fewer."""
        while self._let_one_stand() or self._hide_one():
            pass
        if not self._fresh:
            return Decision(reason="no group has enough units, or enough that are new")
        for step in self._steps:
            groups = step.in_both(self._fresh)
            if not all(each.leaves_room(groups) for each in step.changes):
                return Decision(reason="rounding leaves too little room for what changes")
        return Decision(frozenset(self._fresh), frozenset(self._standing))

    def _may_be_fresh(self, group: str) -> bool:
        return (
            all(holds(part, group, self._policy.least) for part in self._parts)
            and all(step.hides(group) for step in self._steps)
            and self._only_grew(group)
            and not self._is_unchanged(group)
        )

    def _only_grew(self, group: str) -> bool:
        """Tell whether rows of three versions cannot be added up to a few units.

        Whoever adds the first row to the change since the second knows the units that the second
        did not add. They are at least those of the first row, of each bank, unless units were
        withdrawn or corrected: then the row has to wait until as many came.
        """
        shown = [step.version for step in self._steps if group in step.version.fresh]
        now = self._now.nation
        return len(shown) < _TOLD_APART or not any(
            fell(version.census.nation, now, group) for version in shown
        )

    def _is_unchanged(self, group: str) -> bool:
        """Tell whether the newest fresh row says the same; then it stays, as one with few new ones.

        Else a row that stays would tell that there are some.
        """
        if group not in self._kept:
            return False
        versions = [step for step in self._steps if group in step.version.fresh]
        return bool(versions) and not any(
            change.of(count)
            for change in versions[-1].changes
            for count in (_carriers_of(group), _homozygous_of(group))
        )

    def _let_one_stand(self) -> bool:
        """Take the group with the smallest change out of the fresh ones, if what is left tells."""
        for step in self._steps:
            groups = step.in_both(self._fresh)
            for change in step.changes:
                if groups and not change.hides_beyond(groups):
                    moved = min(groups, key=lambda g: (abs(change.of(_carriers_of(g))), g))
                    self._fresh.remove(moved)
                    if moved in self._kept:
                        self._standing.add(moved)
                    return True
        return False

    def _hide_one(self) -> bool:
        """Hide the smallest group that is shown, if OTHER is too small, or rounding too tight."""
        shown = self._fresh | self._standing
        least = self._policy.least
        if not shown or all(others_hold(each, shown, self._fresh, least) for each in self._parts):
            return False
        carriers = self._now.nation.carriers
        hidden = min(shown, key=lambda group: (carriers[group], group))
        self._fresh.discard(hidden)
        self._standing.discard(hidden)
        return True


def holds(part: AreaCount, group: str, least: int = LEAST) -> bool:
    """Tell whether the cell of ``group`` may be shown.

    Enough units have it, enough have it once (homozygotes are shown by ranges, so that what is
    left can be told), enough typed ones have it not, and they come from many banks.
    """
    carriers = part.carriers[group]
    once = carriers - part.homozygous[group]
    others = rounded_down(part.typed, least) - carriers
    return min(carriers, once, others) >= least and part.from_many_banks(group)


def others_hold(
    part: AreaCount, shown: Collection[str], fresh: Collection[str], least: int = LEAST
) -> bool:
    """Tell whether what ``shown`` groups leave in a part is nothing or enough, and not told.

    The units with a hidden group are nothing or enough, and so are those without any.

    Args:
        part: The part.
        shown: Groups with a row.
        fresh: Those of which the row says what is counted now.
        least: Fewest units.
    """
    units, twice = part.beyond(shown)
    if 0 < units < least or 0 < part.typed - units < least:
        return False
    if len(fresh) + (part.beyond(fresh)[0] > 0) < _FEWEST_ROWS:
        return False
    above, below = _room(part, fresh, units, twice, least)
    fewer, more = part.typed_range(least)
    room = min(2 * (part.typed - fewer) + above, 2 * (more - part.typed) + below)
    return room >= least and _hides_untyped(part, above, below, least)


def _room(
    part: AreaCount, fresh: Collection[str], units: int, twice: int, least: int
) -> tuple[int, int]:
    """Return how far the ranges of a part reach above and below what they hide, added up.

    Twice the typed units are the carriers of all fresh groups and one sum: their homozygotes, the
    units of OTHER, and again those with two groups of OTHER. Were all ranges at their upper ends,
    or all at their lower ones, the sum would tell them all.
    """
    above, below = 0, twice
    if units:
        above = rounded_down(units, least) + least - 1 - units
        below += units - rounded_down(units, least)
    for group in fresh:
        low, high = homozygote_range(part.homozygous[group], least)
        above += high - part.homozygous[group]
        below += part.homozygous[group] - low
    return above, below


def _hides_untyped(part: AreaCount, above: int, below: int, least: int) -> bool:
    """Tell whether few untyped units could also be none, or many.

    The typed units are told within a range, and the ranges of all else must let them reach its
    end: each unit more or less has two groups.
    """
    untyped = part.published - part.typed
    if not 0 < untyped < least:
        return True
    if part.published - rounded_down(part.typed, least) < least:
        return above >= 2 * untyped
    return below >= 2 * (least - untyped)


def _carriers_of(group: str) -> Callable[[AreaCount], int]:
    return lambda count: count.carriers[group]


def _homozygous_of(group: str) -> Callable[[AreaCount], int]:
    return lambda count: count.homozygous[group]
