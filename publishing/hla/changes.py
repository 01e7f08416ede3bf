"""What two versions of a table tell together: changes that are small, or that are one bank's."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from domain.disclosure import stands_for_many
from domain.hla import homozygote_range
from publishing.hla.census import NATION, Area, AreaCount, Census, Genotype


@dataclass(frozen=True)
class Version:
    """What was counted for the table of an earlier release.

    Attributes:
        release: The release.
        census: What was counted.
        fresh: The groups whose rows of that release say what was counted; others were hidden, or
            said what had been counted before.
    """

    release: int
    census: Census
    fresh: frozenset[str]


@dataclass(frozen=True)
class Change:
    """An area as it was counted for an earlier version, and as it is now."""

    area: Area
    then: AreaCount
    now: AreaCount
    least: int

    def is_small(self, change: int) -> bool:
        """Tell whether ``change`` is one of fewer than the least units, and not of none."""
        return 0 < abs(change) < self.least

    def of(self, count: Callable[[AreaCount], int]) -> int:
        """Return how much a count changed."""
        return count(self.now) - count(self.then)

    def hides(self, group: str) -> bool:
        """Tell whether no few units can be told from two fresh rows of ``group``.

        The units that have the group, the typed ones that have it not, and those that have it
        once: each count changes by nothing or by at least the least. What changes comes from many
        banks, or it would be the row of one.
        """
        by_bank = [abs(change) for change in self._carriers_changed(group)]
        if any(by_bank) and not stands_for_many(by_bank):
            return False
        carriers = self.of(lambda count: count.carriers[group])
        homozygous = self.of(lambda count: count.homozygous[group])
        others = self.of(lambda count: count.typed) - carriers
        return not any(map(self.is_small, (carriers, others, carriers - homozygous)))

    def _carriers_changed(self, group: str) -> list[int]:
        """Return by how much the carriers of each bank changed."""
        then, now = self.then.carriers_by_bank, self.now.carriers_by_bank
        nobody: Counter[str] = Counter()
        return [
            now.get(bank, nobody)[group] - then.get(bank, nobody)[group]
            for bank in then.keys() | now.keys()
        ]

    def hides_beyond(self, groups: Collection[str]) -> bool:
        """Tell whether no few units can be told of what is left of the table without ``groups``.

        These are the units that have another group, those that have none, and a sum that is known
        exactly: homozygotes of the groups, units with another one, and again those with two.
        """
        units_then, twice_then = self.then.beyond(groups)
        units_now, twice_now = self.now.beyond(groups)
        units = units_now - units_then
        homozygous = sum(
            self.now.homozygous[group] - self.then.homozygous[group] for group in groups
        )
        rest = homozygous + units + twice_now - twice_then
        within = self.of(lambda count: count.typed) - units
        return not any(map(self.is_small, (units, within, rest)))

    def leaves_room(self, groups: Collection[str]) -> bool:
        """Tell whether the ranges of typed units and homozygotes are wide enough on both sides.

        The sum of `hides_beyond` is known as exactly as the typed units are. If every range were
        at its end, so would be the number of homozygotes that came or went. Where two ranges do
        not meet, some surely did: if they are few, the others must leave room for many.
        """
        if not self.then.typed and not self.now.typed:
            return True
        least = self.least
        fewer_then, more_then = self.then.typed_range(least)
        fewer_now, more_now = self.now.typed_range(least)
        room_above = 2 * (self.now.typed - fewer_now + more_then - self.then.typed)
        room_below = 2 * (more_now - self.now.typed + self.then.typed - fewer_then)
        own = [(0, 0)]
        for group in groups:
            lowest, highest = self._possible(group)
            changed = self.now.homozygous[group] - self.then.homozygous[group]
            room_above += highest - changed
            room_below += changed - lowest
            if self.is_small(changed) and self._ranges_differ(group):
                own.append((highest - changed, changed - lowest))
        return all(min(room_above - up, room_below - down) >= least for up, down in own)

    def _possible(self, group: str) -> tuple[int, int]:
        """Return the least and the greatest change of homozygotes that two rows allow."""
        low_then, high_then = homozygote_range(self.then.homozygous[group], self.least)
        low_now, high_now = homozygote_range(self.now.homozygous[group], self.least)
        changed = self.now.homozygous[group] - self.then.homozygous[group]
        carriers = self.now.carriers[group] - self.then.carriers[group]
        highest = min(high_now - low_then, max(carriers, changed, 0))
        lowest = max(low_now - high_then, min(carriers, changed, 0))
        return lowest, highest

    def _ranges_differ(self, group: str) -> bool:
        low_then, high_then = homozygote_range(self.then.homozygous[group], self.least)
        low_now, high_now = homozygote_range(self.now.homozygous[group], self.least)
        return low_now > high_then or high_now < low_then


def changes(then: Census, now: Census, least: int) -> list[Change]:
    """Return the areas that two versions can be compared in.

    Where only one of them has parts, only the nation can: the parts of the other are its own.
    """
    areas: Iterable[Area] = now.areas if then.divided and now.divided else (NATION,)
    return [Change(area, then.areas[area], now.areas[area], least) for area in areas]


def fell(then: AreaCount, now: AreaCount, group: str) -> bool:
    """Tell whether a bank has fewer units with ``group`` than then, or fewer typed ones without."""
    for bank, before in then.carriers_by_bank.items():
        after = now.carriers_by_bank.get(bank, Counter[str]())
        without_before = then.typed_by_bank[bank] - before[group]
        without_after = now.typed_by_bank[bank] - after[group]
        if after[group] < before[group] or without_after < without_before:
            return True
    return False


def objection(change: Change) -> str | None:
    """Say why the whole table must stay as it was, or ``None`` if it need not.

    Either its units, or the typed ones, changed by a few, or what came and went is the table of one
    or two banks.
    """
    published = change.of(lambda count: count.published)
    typed = change.of(lambda count: count.typed)
    if change.is_small(published) or change.is_small(typed):
        return f"the typed units of {change.area} change by fewer than {change.least}"
    by_bank = _changed_by_bank(change)
    if any(by_bank.values()) and not stands_for_many(by_bank.values()):
        return f"what changes in {change.area} comes from too few banks"
    return None


def _changed_by_bank(change: Change) -> Counter[str]:
    """Count the units of each bank that came, went, or are typed differently."""
    then = {bank.bank: bank.genotypes for bank in change.then.banks}
    now = {bank.bank: bank.genotypes for bank in change.now.banks}
    nothing: dict[Genotype, int] = {}
    changed: Counter[str] = Counter()
    for bank in then.keys() | now.keys():
        before, after = then.get(bank, nothing), now.get(bank, nothing)
        changed[bank] = sum(
            abs(after.get(pair, 0) - before.get(pair, 0)) for pair in before.keys() | after.keys()
        )
    return changed
