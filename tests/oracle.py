"""What the lists of `tests.changing_world` hold, worked out in plain Python."""

import math
from collections.abc import Callable
from typing import Any

from tests.changing_world import Batch, Ends, units_of

Place = tuple[float, str]
"""Where a unit stands in an order; places compare as the units do."""

PLACES: dict[str, Callable[[float, str], Place]] = {
    "ID": lambda _rank, id_: (0.0, id_),
    "TNC_DESC": lambda rank, id_: (-rank, id_),
    "TNC_ASC": lambda rank, id_: (math.inf if rank < 0 else rank, id_),
}
"""The orders of a list; a rank is the lower end of the TNC band, -1 where none was recorded."""


def selected(release: int, wanted: dict[str, Any] | None = None, order: str = "ID") -> list[str]:
    """Return the ids of the units of ``release`` that meet the filter ``wanted``, in ``order``."""
    place = PLACES[order]
    found = [
        place(batch.tnc_rank, id_)
        for id_, batch in units_of(release).items()
        if matches(batch, wanted or {})
    ]
    return [id_ for _, id_ in sorted(found)]


def matches(batch: Batch, wanted: dict[str, Any]) -> bool:
    """Evaluate a GraphQL filter on the values of a class."""
    return (
        _listed(batch.bank, wanted.get("bank"))
        and _listed(batch.abo, wanted.get("aboGroup"))
        and _listed(batch.processing, wanted.get("processing"))
        and _listed(batch.added, wanted.get("addedIn"))
        and batch.year >= wanted.get("collectedFrom", 0)
        and batch.year + 4 <= wanted.get("collectedTo", 9999)
        and _inside(batch.tnc, wanted.get("tncAtLeast"), wanted.get("tncBelow"))
        and _inside(batch.cd34, wanted.get("cd34AtLeast"), wanted.get("cd34Below"))
        and _inside(batch.volume, wanted.get("volumeAtLeast"), wanted.get("volumeBelow"))
    )


def _listed(value: object, wanted: list[Any] | None) -> bool:
    return wanted is None or value in wanted


def _inside(band: Ends, least: float | None, below: float | None) -> bool:
    """Tell whether the whole band lies in the range, which an unrecorded one never does."""
    low, high = band
    if low is None and high is None:
        return least is None and below is None
    reaches = least is None or (low or 0.0) >= least
    ends = below is None or (high is not None and high <= below)
    return reaches and ends
