"""Made-up histories of typed units at one locus, and the tables that were published of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from domain.regions import Region
from publishing.hla.census import REST, BankCount, Genotype, take_census
from publishing.hla.changes import Version
from publishing.hla.disclosure import Decision, Policy
from publishing.hla.tables import Table, next_tables
from tests.attacks.hla_tables import NATION, HlaRow, HlaTable

PARTS_OF_BANKS: Mapping[str, Region | None] = {
    **dict.fromkeys(("BJ", "TJ", "SD"), Region.NORTH),
    **dict.fromkeys(("SH", "ZJ", "GD", "SC"), Region.SOUTH),
    **dict.fromkeys(("X1", "X2", "X3"), None),
}
"""Banks of both parts, and some of none."""

POLICY = Policy(fewest_typed=60)
"""Regions may be as small as the other rules let them, which is harder than in life."""

SIZES = (0, 0, 1, 3, 7, 12, 19, 20, 21, 39, 40, 41, 59, 60, 100, 300)
"""Units of a genotype at a bank: near all limits."""

FIRST_SIZES = (*SIZES, 200, 200, 300, 500)
"""The same in the first release, which is larger."""

EVENTS = ("add", "add", "add", "add", "idle", "withdraw", "correct")


@dataclass
class History:
    """What each release counted and published.

    Attributes:
        counts: The counts of each release, from 1.
        decisions: What was decided for each.
        tables: What was published in each.
        grew: Whether each release only added to the one before.
        policy: What the tables were held to.
    """

    counts: list[list[BankCount]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    tables: list[list[Table]] = field(default_factory=list)
    grew: list[bool] = field(default_factory=list)
    policy: Policy = POLICY

    def publish(self, banks: list[BankCount], *, grew: bool = True) -> list[Table]:
        """Publish the next release of ``banks``, and return its tables."""
        newest = next((tables for tables in reversed(self.tables) if tables), [])
        release = len(self.counts) + 1
        decision, tables = next_tables("A", release, banks, self.versions, newest, self.policy)
        self.counts.append(banks)
        self.decisions.append(decision)
        self.tables.append(tables)
        self.grew.append(grew)
        return tables

    @property
    def versions(self) -> list[Version]:
        """The releases whose tables say what was counted for them."""
        return [
            Version(number, take_census(banks, divide=len(tables) > 1), decision.fresh)
            for number, (banks, decision, tables) in enumerate(
                zip(self.counts, self.decisions, self.tables, strict=True), start=1
            )
            if decision.fresh
        ]

    @property
    def served(self) -> list[HlaTable]:
        """The tables as anybody reads them."""
        return [
            HlaTable(
                number,
                table.locus,
                table.region.value,
                table.published,
                table.typed,
                table.as_of,
                {r.group: HlaRow(r.units, r.copies, r.frequency, r.as_of) for r in table.rows},
            )
            for number, tables in enumerate(self.tables, start=1)
            for table in tables
        ]

    @property
    def published(self) -> dict[tuple[int, str], int]:
        """Units by release and area, as the units themselves say."""
        units: Counter[tuple[int, str]] = Counter()
        for number, banks in enumerate(self.counts, start=1):
            for bank in banks:
                for area in (bank.part or REST, NATION):
                    units[number, str(area)] += bank.published
            for area in ("NORTH", "SOUTH", REST):
                units[number, area] += 0
        return units

    def truth(self, areas: tuple[str, ...]) -> dict[tuple[int, str, Genotype], int]:
        """Units of each genotype by release and area."""
        units: Counter[tuple[int, str, Genotype]] = Counter()
        for version in self.versions:
            for bank in self.counts[version.release - 1]:
                area = NATION if areas == (NATION,) else str(bank.part or REST)
                for pair, number in bank.genotypes.items():
                    units[version.release, area, pair] += number
        return units

    def grew_between(self, before: int, after: int) -> bool:
        """Tell whether every release after ``before`` up to ``after`` only added units."""
        return all(self.grew[before:after])


def bank(code: str, genotypes: Mapping[str, int], untyped: int = 0) -> BankCount:
    """Return the count of a bank from genotypes such as ``{"02 11": 7}``."""
    pairs: dict[Genotype, int] = {}
    for text, units in genotypes.items():
        one, other = sorted(text.split())
        pairs[one, other] = units
    published = sum(pairs.values()) + untyped
    return BankCount(code, PARTS_OF_BANKS[code], published, pairs)


@st.composite
def histories(draw: st.DrawFn, releases: int = 3) -> History:
    """Draw a history of some releases with additions, withdrawals, corrections and idle banks."""
    groups = [f"{number:02}" for number in range(1, draw(st.integers(3, 5)) + 1)]
    pairs = [(a, b) for place, a in enumerate(groups) for b in groups[place:]]
    codes = [*list(PARTS_OF_BANKS)[: draw(st.sampled_from((3, 6, 7, 10)))]]
    held: dict[str, Counter[Genotype]] = {code: Counter() for code in codes}
    untyped: Counter[str] = Counter()
    history = History()
    for release in range(draw(st.integers(1, releases))):
        grew = True
        for code in codes:
            event = draw(st.sampled_from(EVENTS)) if release else "add"
            if event == "add":
                sizes = st.sampled_from(SIZES if release else FIRST_SIZES)
                drawn = draw(st.lists(sizes, min_size=len(pairs), max_size=len(pairs)))
                held[code].update(dict(zip(pairs, drawn, strict=True)))
                untyped[code] += draw(st.sampled_from(SIZES))
            elif event == "withdraw" and held[code]:
                grew = False
                part = draw(st.sampled_from((2, 5, 20)))
                held[code] = Counter({p: n - n // part for p, n in held[code].items()})
            elif event == "correct" and held[code]:
                grew = False
                wrong, right = draw(st.sampled_from(pairs)), draw(st.sampled_from(pairs))
                moved = min(held[code][wrong], draw(st.sampled_from(SIZES)))
                held[code][wrong] -= moved
                held[code][right] += moved
        history.publish(
            [
                BankCount(
                    code,
                    PARTS_OF_BANKS[code],
                    held[code].total() + untyped[code],
                    {pair: units for pair, units in held[code].items() if units},
                )
                for code in codes
            ],
            grew=grew,
        )
    return history
