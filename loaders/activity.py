"""Counts of transplants as releases show them."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loaders.statements import Statement

_MERGED = "~"
"""Sorts behind every code: cells of several indications come last."""


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """A value of a cell, from release `as_of` on; the cell is there from `since` on."""

    cell: int
    since: int
    as_of: int
    indications: Sequence[str]
    year_from: int
    year_to: int
    region: str
    units: int

    @property
    def key(self) -> str:
        """Its place among the cells of a release: by indication, year and region."""
        lead = self.indications[0]
        code = lead if len(self.indications) == 1 else f"{_MERGED}{lead}"
        return f"{code}/{self.year_from}/{self.region}"


ACTIVITY = Statement("activity", ActivityRecord)
"""Returns every value of every cell."""


class ActivityTables:
    """The cells of all releases.

    Args:
        records: Every value of every cell, those of a cell in the order of their releases.
    """

    def __init__(self, records: Iterable[ActivityRecord]) -> None:
        self._records = list(records)
        self._known: OrderedDict[int, list[ActivityRecord]] = OrderedDict()

    def of(self, release: int) -> list[ActivityRecord]:
        """Return the cells that ``release`` shows, in the order of their keys."""
        if release not in self._known:
            held = {each.cell: each for each in self._records if each.as_of <= release}
            self._known[release] = sorted(held.values(), key=lambda each: each.key)
        return self._known[release]
