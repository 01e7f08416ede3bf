"""Half-open bands of a measured value, cut at declared points."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Band:
    """The values ``minimum <= x < maximum``; ``None`` leaves that side open.

    Both ends ``None`` stands for a value that the bank did not record: a scheme with no cut
    points is expressed by not publishing the attribute at all.
    """

    minimum: float | None
    maximum: float | None


UNRECORDED = Band(None, None)


def check_cuts(cuts: Sequence[float]) -> tuple[float, ...]:
    """Return ``cuts`` as a tuple, or raise ``ValueError`` unless finite, positive and ascending."""
    if not cuts:
        raise ValueError("at least one cut point is needed")
    if any(not math.isfinite(cut) or cut <= 0 for cut in cuts):
        raise ValueError(f"cut points must be finite and above zero, not {list(cuts)}")
    if any(low >= high for low, high in pairwise(cuts)):
        raise ValueError(f"cut points must ascend, not {list(cuts)}")
    return tuple(float(cut) for cut in cuts)


def bands_between(cuts: Sequence[float]) -> tuple[Band, ...]:
    """Return the ``len(cuts) + 1`` bands that ``cuts`` make of the line, lowest first."""
    edges = (None, *check_cuts(cuts), None)
    return tuple(Band(low, high) for low, high in pairwise(edges))


def band_of(value: float | None, bands: Sequence[Band]) -> Band:
    """Return the one of ``bands`` (ascending, as from `bands_between`) that holds ``value``."""
    if value is None:
        return UNRECORDED
    cuts = [band.maximum for band in bands[:-1] if band.maximum is not None]
    return bands[bisect_right(cuts, value)]
