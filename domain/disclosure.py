"""The disclosure rules that every release keeps."""

from collections.abc import Iterable

MINIMUM_CLASS = 11
"""Fewest units that share a combination of published values.

Cells of 1 to 10 are never published, so that the risk of singling out is at most 1/11 = 0.0909
(CMS cell size suppression policy, https://resdac.org/node/1506).
"""


def held_back_share(published: int, held_back: int) -> float:
    """Return the share, 0 to 1, of the consented units that are not published (yet)."""
    total = published + held_back
    return held_back / total if total else 0.0


def median(sizes: Iterable[int]) -> int:
    """Return the lower median of class sizes, an actual size; 0 for none."""
    ordered = sorted(sizes)
    return ordered[(len(ordered) - 1) // 2] if ordered else 0
