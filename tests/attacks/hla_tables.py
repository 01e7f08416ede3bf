"""HLA frequency tables as anybody reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LEAST = 20
"""A number of units from 1 to 19 must never be learned of HLA."""

PARTS = ("NORTH", "SOUTH")
NATION = "NATION"
REST = "REST"
"""What the nation has more than its parts: nobody shows it, and anybody can subtract it."""


class HlaRow(NamedTuple):
    """A group of a table; OTHER has no copies."""

    units: int
    copies: int | None
    frequency: float
    as_of: int


@dataclass(frozen=True)
class HlaTable:
    """A locus in a region, in one release.

    Attributes:
        release: The release.
        locus: The locus.
        region: The region.
        published: Units of the region when it was counted.
        typed: Typed units when it was counted, as they are shown.
        as_of: The release that was counted.
        rows: By group; ``OTHER`` is one.
    """

    release: int
    locus: str
    region: str
    published: int
    typed: int
    as_of: int
    rows: Mapping[str, HlaRow] = field(default_factory=dict)

    @property
    def groups(self) -> dict[str, HlaRow]:
        """The groups that are shown."""
        return {group: row for group, row in self.rows.items() if group != "OTHER"}

    @property
    def fresh(self) -> dict[str, HlaRow]:
        """The groups whose rows say what was counted for this release."""
        return {group: row for group, row in self.groups.items() if row.as_of == self.release}

    @property
    def others(self) -> int:
        """Units of OTHER as they are shown; 0 if there is no such row."""
        return self.rows["OTHER"].units if "OTHER" in self.rows else 0
