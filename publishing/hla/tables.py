"""The HLA frequency tables of a release, as they are published."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.hla import (
    LEAST,
    OTHER,
    frequency,
    remaining_frequency,
    rounded_down,
    rounded_homozygotes,
)
from domain.regions import Region
from publishing.hla.census import NATION, AreaCount, BankCount, Census, take_census
from publishing.hla.changes import Version
from publishing.hla.disclosure import POLICY, Decision, Policy, decide, divisible


@dataclass(frozen=True, slots=True)
class Row:
    """A group of a table.

    Attributes:
        group: Name of the group without its locus, such as ``02``, or `OTHER`.
        units: Distinct units that have it at least once; of `OTHER` rounded down.
        copies: ``units`` and the homozygotes, these rounded; ``None`` for `OTHER`.
        frequency: Share of the group among the genes of the typed units, 0 to 1.
        as_of: The release that it was counted for.
    """

    group: str
    units: int
    copies: int | None
    frequency: float
    as_of: int


@dataclass(frozen=True, slots=True)
class Table:
    """A locus in a region.

    Attributes:
        locus: One of `domain.hla.LOCI`.
        region: Where the banks are.
        published: Units of the region in the release that the table was counted for.
        typed: Typed ones among them, rounded down in each part of the nation.
        as_of: That release.
        rows: The groups by name, `OTHER` last.
    """

    locus: str
    region: Region
    published: int
    typed: int
    as_of: int
    rows: tuple[Row, ...]

    def row(self, group: str) -> Row:
        """Return the row of ``group``, which there is."""
        return next(row for row in self.rows if row.group == group)

    @property
    def groups(self) -> frozenset[str]:
        """The groups that are shown."""
        return frozenset(row.group for row in self.rows if row.group != OTHER)


def next_tables(
    locus: str,
    release: int,
    banks: Sequence[BankCount],
    earlier: Sequence[Version],
    newest: Sequence[Table],
    policy: Policy = POLICY,
) -> tuple[Decision, list[Table]]:
    """Return the tables of ``locus`` in ``release``, and what of them is shown, or why not.

    Args:
        locus: The locus.
        release: The release.
        banks: What is counted at each bank.
        earlier: All versions of the tables that were ever published.
        newest: The tables of the newest release that has any of the locus.
        policy: How much protects the units.
    """
    census = take_census(banks, divide=divisible(banks, policy))
    decision = decide(census, earlier, kept_groups(census, newest), policy)
    return decision, make_tables(locus, release, census, decision, newest, policy.least)


def make_tables(
    locus: str,
    release: int,
    census: Census,
    decision: Decision,
    newest: Sequence[Table],
    least: int = LEAST,
) -> list[Table]:
    """Return the tables of ``locus`` in ``release``.

    Args:
        locus: The locus.
        release: The release.
        census: What is counted.
        decision: What of it is shown.
        newest: The tables of the locus in the newest release that has any.
        least: To what numbers are rounded.
    """
    if not decision.fresh:
        return list(newest)
    before = {table.region: table for table in newest}
    made = []
    for region in census.shown:
        parts = _parts(census, region)
        typed = sum(rounded_down(part.typed, least) for part in parts)
        rows = [_fresh(group, parts, typed, release, least) for group in decision.fresh]
        rows += [before[region].row(group) for group in decision.standing]
        rows.sort(key=lambda row: row.group)
        rows += _other(rows, parts, decision, release, least)
        published = sum(part.published for part in parts)
        made.append(Table(locus, region, published, typed, release, tuple(rows)))
    return made


def kept_groups(census: Census, newest: Sequence[Table]) -> frozenset[str]:
    """Return the groups with a row in ``newest`` for each region that has a table now."""
    groups = {table.region: table.groups for table in newest}
    found = [groups.get(region, frozenset()) for region in census.shown]
    return frozenset.intersection(*found)


def tables_digest(tables: Iterable[Table]) -> str:
    """Return the SHA-256, in hex, of all that ``tables`` say."""
    return hashlib.sha256("".join(_lines(tables)).encode("ascii")).hexdigest()


def _lines(tables: Iterable[Table]) -> Iterator[str]:
    yield "cordgraph-hla-1\n"
    for table in sorted(tables, key=lambda each: (each.locus, each.region)):
        yield (
            f"{table.locus} {table.region} {table.published} {table.typed} {table.as_of} "
            f"{len(table.rows)}\n"
        )
        for row in table.rows:
            copies = "-" if row.copies is None else row.copies
            yield f"{row.group} {row.units} {copies} {row.frequency:.6f} {row.as_of}\n"


def _parts(census: Census, region: Region) -> list[AreaCount]:
    """Return what the figures of ``region`` are added up from: the nation is never counted anew."""
    names = census.parts if region.value == NATION else (region.value,)
    return [census.areas[name] for name in names]


def _fresh(group: str, parts: Sequence[AreaCount], typed: int, release: int, least: int) -> Row:
    units = sum(part.carriers[group] for part in parts)
    twice = sum(rounded_homozygotes(part.homozygous[group], least) for part in parts)
    return Row(group, units, units + twice, frequency(units + twice, typed), release)


def _other(
    rows: Sequence[Row],
    parts: Sequence[AreaCount],
    decision: Decision,
    release: int,
    least: int,
) -> list[Row]:
    """Return the row of all groups that are not shown, if units have any."""
    units = sum(rounded_down(part.beyond(decision.shown)[0], least) for part in parts)
    left = remaining_frequency(sum(row.frequency for row in rows))
    return [Row(OTHER, units, None, left, release)] if units else []
