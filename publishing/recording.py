"""How much of what a scheme would publish the banks recorded at all."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.units import AboGroup, ProcessingMethod
from publishing.combinations import Combinations, Integers
from publishing.hierarchy import SCHEME_KEYS, Finest, Hierarchy

_HUNDRED = 100

_GAPS: Final[dict[str, Finest]] = {
    "abo": AboGroup.UNKNOWN.value,
    "tnc": None,
    "cd34": None,
    "volume": None,
    "processing": ProcessingMethod.UNKNOWN.value,
}
"""What stands for a value that was not recorded; bank and date always are."""

_COLUMNS = [place for place, attribute in enumerate(SCHEME_KEYS) if attribute in _GAPS]


class Recording:
    """Counts how many values of each attribute were recorded, in whole numbers only."""

    def __init__(self, combinations: Combinations) -> None:
        self._units = combinations.units
        self._recorded = np.array(
            [_recorded(combinations, attribute) for attribute in _GAPS], dtype=np.int64
        )

    def enough(
        self, nodes: Integers, hierarchies: tuple[Hierarchy, ...], limit: int
    ) -> NDArray[np.bool_]:
        """Tell for each of ``nodes`` whether ``limit`` per cent of what it publishes is recorded.

        Args:
            nodes: Levels, shape (nodes, attributes).
            hierarchies: What the levels are of.
            limit: Least per cent of the values of all published attributes together.

        Returns:
            One truth value for each node; a node that publishes none of them has no gaps.
        """
        last = np.array([len(hierarchies[place].levels) - 1 for place in _COLUMNS])
        published = (nodes[:, _COLUMNS] < last).astype(np.int64)
        kept: NDArray[np.bool_] = _HUNDRED * (
            published @ self._recorded
        ) >= limit * self._units * published.sum(axis=1)
        return kept

    def percent(self, attribute: str) -> float:
        """Return the per cent of the units for which ``attribute`` was recorded."""
        if attribute not in _GAPS:
            return float(_HUNDRED)
        return _HUNDRED * int(self._recorded[list(_GAPS).index(attribute)]) / self._units


def _recorded(combinations: Combinations, attribute: str) -> int:
    place = list(SCHEME_KEYS).index(attribute)
    values, codes = combinations.values[place], combinations.codes[place]
    if _GAPS[attribute] not in values:
        return combinations.units
    gap = values.index(_GAPS[attribute])
    return int(combinations.counts[codes != gap].sum())
