"""How many units really match a patient: counted over typed units, one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from database.pool import Connection
from domain.haplotypes import MATCH_LOCI
from domain.match_estimate import Area, LocusTable
from domain.match_model import Pair
from domain.regions import Region

_UNITS = """
select b.region, r.hla_normal
from intake.raw_unit r
join intake.unit_map m on m.raw_unit_id = r.id
join open.bank b on b.code = r.bank and b.until is null
where m.release is not null
"""
_LEAST = 20


@dataclass(frozen=True, eq=False)
class TypedUnits:
    """Units by their first fields.

    Attributes:
        groups: Two for each of `MATCH_LOCI`, as numbers; 0 where a locus is not typed.
        regions: The region of each unit's bank.
    """

    groups: NDArray[np.int16]
    regions: NDArray[np.str_]

    @cached_property
    def complete(self) -> NDArray[np.bool_]:
        """The units that are typed at all loci."""
        return np.asarray((self.groups > 0).all(axis=1))

    def of(self, region: Region) -> "TypedUnits":
        """Return the units of a region."""
        if region is Region.NATION:
            return self
        inside = self.regions == region.value
        return TypedUnits(self.groups[inside], self.regions[inside])

    def matching(self, patient: Sequence[Pair]) -> NDArray[np.int8]:
        """Return how many of the patient's six groups each unit has; 0 for incomplete ones."""
        found = np.zeros(len(self.groups), np.int8)
        for place, (one, other) in enumerate(patient):
            first, second = self.groups[:, 2 * place], self.groups[:, 2 * place + 1]
            if one == other:
                found += (first == int(one)).astype(np.int8) + (second == int(one))
            else:
                found += ((first == int(one)) | (second == int(one))).astype(np.int8)
                found += (first == int(other)) | (second == int(other))
        return np.where(self.complete, found, 0).astype(np.int8)

    def table(self, place: int) -> LocusTable:
        """Return the table of a locus by the rules of a release: cells of 20, rounded homozygotes."""
        pairs = self.groups[:, 2 * place : 2 * place + 2]
        pairs = pairs[(pairs > 0).all(axis=1)]
        typed = len(pairs) // _LEAST * _LEAST
        homozygous = pairs[:, 0] == pairs[:, 1]
        shares = {}
        for group in np.unique(pairs).tolist():
            units = int((pairs == group).any(axis=1).sum())
            twice = int((homozygous & (pairs[:, 0] == group)).sum())
            if units >= _LEAST:
                copies = units + (twice + _LEAST) // (2 * _LEAST) * 2 * _LEAST
                shares[f"{group:02}"] = copies / (2 * typed)
        other = max(0.0, 1 - sum(shares.values()))
        return LocusTable(len(self.groups), typed, shares, other)

    def area(self, region: Region) -> Area:
        """Return the units as an area whose haplotypes are those of ``region``."""
        return Area(region, tuple(self.table(place) for place in range(len(MATCH_LOCI))))


async def read_typed_units(operator: Connection) -> TypedUnits:
    """Read the first fields of all units that are published."""
    rows = await operator.fetch(_UNITS)
    return TypedUnits(
        np.array([_groups(row[1]) for row in rows], np.int16),
        np.array([row[0] or "" for row in rows], np.str_),
    )


def _groups(normal: Mapping[str, Sequence[str | None]]) -> list[int]:
    return [group for locus in MATCH_LOCI for group in _pair(normal.get(locus) or (None, None))]


def _pair(values: Iterable[str | None]) -> tuple[int, ...]:
    firsts = [value.partition(":")[0] if value else "" for value in values]
    return tuple(map(int, firsts)) if all(firsts) else (0, 0)
