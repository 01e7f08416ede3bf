"""Attacks on counts of transplants: sums, differences and pieces of all that was ever served."""

import itertools

from tests.attacks.public import Finding, Public
from tests.attacks.transplants import FLOOR, ServedCell, leaks


def unequal_transplants(public: Public) -> list[Finding]:
    """Compare what lists add up to with their cells; what differs is hidden."""
    return [
        Finding(seen.place, f"activity has {seen.transplants} units, its cells {added}")
        for seen in public.seen
        if seen.transplants != (added := sum(cell.units for cell in seen.activity))
    ]


def small_transplants(public: Public) -> list[Finding]:
    """Look for cells of fewer units than the floor."""
    cells = _cells(public)
    return [Finding(cell.told, f"{cell.units} units") for cell in cells if 0 < cell.units < FLOOR]


def changed_transplants(public: Public) -> list[Finding]:
    """Look for cells that change by fewer units than the floor."""
    return [
        Finding(old.told, f"changes by {new.units - old.units}")
        for old, new in itertools.combinations(_cells(public), 2)
        if old.told == new.told and 0 < abs(new.units - old.units) < FLOOR
    ]


def overlapping_transplants(public: Public) -> list[Finding]:
    """Look for cells that are not the same and have a part in common: they can be subtracted."""
    return [
        Finding(one.told, f"overlaps {other.told}")
        for one, other in itertools.combinations(_cells(public), 2)
        if one.told != other.told and _overlap(one, other)
    ]


def derived_transplants(public: Public) -> list[Finding]:
    """Combine all cells of all releases in every way, and look at what follows."""
    insider = public.insider
    states = {number: insider.reports[number] for number in insider.reports}
    return [Finding("activity", says) for says in leaks(_cells(public), states, insider.regions)]


def _cells(public: Public) -> list[ServedCell]:
    cells = {cell for seen in public.seen for cell in seen.activity}
    return sorted(cells, key=lambda cell: (cell.told, cell.as_of, cell.units))


def _overlap(one: ServedCell, other: ServedCell) -> bool:
    return (
        not set(one.indications).isdisjoint(other.indications)
        and max(one.first, other.first) <= min(one.last, other.last)
        and ("NATION" in (one.region, other.region) or one.region == other.region)
    )
