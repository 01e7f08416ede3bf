"""Attacks on one release: who stands in a group of fewer than k, and which counts disagree."""

from collections import Counter
from collections.abc import Iterator

from tests.attacks.public import ATTRIBUTES, Finding, K, Public, Seen, small, told


def small_classes(public: Public) -> list[Finding]:
    """Look for values that fewer than k units share; any filter's result is a sum of these."""
    return _once(
        Finding(seen.place, f"{units} units with {told(values)}")
        for seen in public.seen
        for values, units in small(seen.units.values())
    )


def small_cells(public: Public) -> list[Finding]:
    """Look for a cell of an inventory that counts fewer than k units."""
    return _once(
        Finding(seen.place, f"the inventory counts {units} units with {told(values, names)}")
        for seen in public.seen
        for names, table in seen.tables.items()
        for values, units in sorted(table.items(), key=repr)
        if 0 < units < K
    )


def unequal_counts(public: Public) -> list[Finding]:
    """Compare all numbers that count the same units; a difference counts units that are hidden."""
    return _once(
        Finding(seen.place, f"{name} differs from the units that are listed by {count - listed}")
        for seen in public.seen
        for name, count, listed in _counts(seen)
        if count != listed
    )


def _counts(seen: Seen) -> Iterator[tuple[str, int, int]]:
    """Yield the name of a count, the count, and what it should be by the units of the pages."""
    units = list(seen.units.values())
    yield "totalCount", seen.total, len(units)
    yield "unitCount", seen.facts["unitCount"], len(units)
    added = sum(1 for values in units if values[-1] == seen.number)
    yield "addedUnitCount", seen.facts["addedUnitCount"], added
    banks = Counter(values[0] for values in units)
    for code, count in sorted(seen.banks.items()):
        yield f"unitCount of {code}", count, banks[code]
    for names, table in seen.tables.items():
        columns = [ATTRIBUTES.index(name) for name in names]
        listed = Counter(tuple(values[column] for column in columns) for values in units)
        for values in sorted(listed.keys() | table.keys(), key=repr):
            yield f"the inventory of {told(values, names)}", table.get(values, 0), listed[values]
    sizes = Counter(units).values()
    yield "classCount", seen.facts["anonymity"]["classCount"], len(sizes)
    yield "smallestClass", seen.facts["anonymity"]["smallestClass"], min(sizes)


def _once(findings: Iterator[Finding]) -> list[Finding]:
    """Return ``findings`` without those that an earlier look at the same release had."""
    return list(dict.fromkeys(findings))
