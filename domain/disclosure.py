"""The disclosure rules that every release keeps."""

from collections.abc import Iterable

MINIMUM_CLASS = 11
"""Fewest units that share a combination of published values.

Cells of 1 to 10 are never published, so that the risk of singling out is at most 1/11 = 0.0909
(CMS cell size suppression policy, https://resdac.org/node/1506).
"""

MINIMUM_ACTIVITY = 22
"""Fewest units of a count of transplants, and of its change: 0 or at least so many.

A patient may get two units (double cord blood transplantation), so that 22 units are at least 11
patients, the smallest cell that health statistics show (see `MINIMUM_CLASS`).
"""

MINIMUM_BANKS = 3
"""Fewest banks behind a number above the level of banks: of two, each subtracts its own."""

PROTECTION_PERCENT = 10
"""The second contributor must not estimate the first within this many per cent (p % rule)."""


def stands_for_many(contributions: Iterable[int]) -> bool:
    """Tell whether a number may be shown that several banks contributed to.

    They must be at least `MINIMUM_BANKS`, and what all but the two largest contribute must be at
    least p % of what the largest does, p = 10 (the p % rule: Hundepool et al., Handbook on
    Statistical Disclosure Control).

    Args:
        contributions: What each bank contributes; zeros do not count.
    """
    largest = sorted((each for each in contributions if each > 0), reverse=True)
    if len(largest) < MINIMUM_BANKS:
        return False
    return 100 * sum(largest[2:]) >= PROTECTION_PERCENT * largest[0]


def held_back_share(published: int, held_back: int) -> float:
    """Return the share, 0 to 1, of the consented units that are not published (yet)."""
    total = published + held_back
    return held_back / total if total else 0.0


def median(sizes: Iterable[int]) -> int:
    """Return the lower median of class sizes, an actual size; 0 for none."""
    ordered = sorted(sizes)
    return ordered[(len(ordered) - 1) // 2] if ordered else 0
