"""Typed units of a release at one locus: by genotype, by bank, and by region."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from domain.disclosure import stands_for_many
from domain.hla import LEAST, rounded_down
from domain.regions import PARTS, Region

Genotype: TypeAlias = tuple[str, str]
"""The first fields of both values of a locus, in order: ``("02", "11")``; one twice is homozygous.

A locus of which one value is not known is not typed: it has no genotype.
"""

Area: TypeAlias = str
"""A region, or `REST`."""

REST: Area = "REST"
"""The banks that no part has. It is never shown, but it is what the nation lacks of its parts."""

NATION: Area = Region.NATION.value


@dataclass(frozen=True, slots=True)
class BankCount:
    """The units of one bank at one locus.

    Attributes:
        bank: Code of the bank.
        part: The part of the nation that it counts for, or ``None``.
        published: Its units in the release.
        genotypes: Units by genotype; what they lack of ``published`` is not typed.
    """

    bank: str
    part: Region | None
    published: int
    genotypes: Mapping[Genotype, int]


class AreaCount:
    """The units of an area at one locus; any groups that are asked for may be unknown.

    Attributes:
        banks: The banks of the area.
        genotypes: Typed units by genotype, each at least 1.
        published: Units, typed or not.
        typed: Typed units.
    """

    def __init__(self, banks: Iterable[BankCount]) -> None:
        self.banks = tuple(banks)
        genotypes: Counter[Genotype] = Counter()
        for bank in self.banks:
            genotypes.update(bank.genotypes)
        self.genotypes = {pair: units for pair, units in sorted(genotypes.items()) if units}
        self.published = sum(bank.published for bank in self.banks)
        self.typed = sum(self.genotypes.values())

    @cached_property
    def carriers(self) -> Counter[str]:
        """Distinct units that have a group at least once, by group."""
        return carriers_of(self.genotypes)

    @cached_property
    def homozygous(self) -> Counter[str]:
        """Units that have a group twice, by group."""
        return Counter({one: n for (one, other), n in self.genotypes.items() if one == other})

    @cached_property
    def carriers_by_bank(self) -> dict[str, Counter[str]]:
        """Distinct units of each bank that have a group at least once, by group."""
        return {bank.bank: carriers_of(bank.genotypes) for bank in self.banks}

    @cached_property
    def typed_by_bank(self) -> Counter[str]:
        """Typed units of each bank."""
        return Counter({bank.bank: sum(bank.genotypes.values()) for bank in self.banks})

    def from_many_banks(self, group: str | None = None) -> bool:
        """Tell whether enough banks contribute typed units, or carriers of a group."""
        if group is None:
            return stands_for_many(self.typed_by_bank.values())
        return stands_for_many(carriers[group] for carriers in self.carriers_by_bank.values())

    def typed_range(self, least: int = LEAST) -> tuple[int, int]:
        """Return the fewest and most typed units that anybody can think of, who reads the table."""
        fewest = rounded_down(self.typed, least)
        return fewest, min(fewest + least - 1, self.published)

    def beyond(self, groups: Collection[str]) -> tuple[int, int]:
        """Return distinct units with a group that is none of ``groups``, and with two of these."""
        units = twice = 0
        for (one, other), number in self.genotypes.items():
            copies = (one not in groups) + (other not in groups)
            units += number if copies else 0
            twice += number if copies > 1 else 0
        return units, twice


@dataclass(frozen=True)
class Census:
    """The units of a release at one locus, divided as its tables are.

    Attributes:
        areas: The nation, and, where it is divided, its parts and the rest.
        parts: The areas whose figures add up to those of the nation.
    """

    areas: Mapping[Area, AreaCount]
    parts: tuple[Area, ...]

    @property
    def nation(self) -> AreaCount:
        """All units."""
        return self.areas[NATION]

    @property
    def divided(self) -> bool:
        """Whether there are tables of parts of the nation."""
        return self.parts != (NATION,)

    @property
    def shown(self) -> tuple[Region, ...]:
        """The regions that have a table."""
        return (*PARTS, Region.NATION) if self.divided else (Region.NATION,)


def take_census(banks: Sequence[BankCount], *, divide: bool) -> Census:
    """Return the census of the units of ``banks``, divided into the parts of the nation or not."""
    nation = AreaCount(banks)
    if not divide:
        return Census({NATION: nation}, (NATION,))
    areas = {part.value: AreaCount(bank for bank in banks if bank.part is part) for part in PARTS}
    areas[REST] = AreaCount(bank for bank in banks if bank.part is None)
    parts = tuple(area for area, count in areas.items() if area != REST or count.typed)
    return Census({**areas, NATION: nation}, parts)


def carriers_of(genotypes: Mapping[Genotype, int]) -> Counter[str]:
    """Count distinct units by group: who has a group twice counts once."""
    carriers: Counter[str] = Counter()
    for (one, other), units in genotypes.items():
        carriers[one] += units
        if other != one:
            carriers[other] += units
    return carriers
