"""The eligible units, compressed to the combinations of their finest values with counts."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from database.pool import Connection
from domain.progress import Report, silent
from domain.schemes import CELLS_PER_CD34, CELLS_PER_TNC
from domain.units import AboGroup, ProcessingMethod
from publishing.anonymise import PROCESSING_OF
from publishing.candidates import ELIGIBLE
from publishing.duplicates import find_duplicates
from publishing.hierarchy import SCHEME_KEYS, Finest, Hierarchy

Integers: TypeAlias = NDArray[np.int64]
Combination: TypeAlias = tuple[Finest, ...]
"""Finest values in the order of `SCHEME_KEYS`."""

_CHUNK = 500_000

# width_bucket counts as domain.bands.band_of does: a value at a cut point lies above it.
_COMBINATIONS = f"""
select r.bank,
       (extract(year from coalesce(r.collection_date, r.birth_date))::integer / $5) * $5 as period,
       r.abo,
       width_bucket(r.tnc_frozen / $9, $6::float8[]) as tnc,
       width_bucket(r.cd34_frozen / $10, $7::float8[]) as cd34,
       width_bucket(r.volume_ml, $8::float8[]) as volume,
       r.product_modification, count(*)
{ELIGIBLE} and r.id > $3 and r.id <= $4
group by 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608 - joined from our own texts


@dataclass(frozen=True)
class Combinations:
    """Units by the combination of their finest values.

    Attributes:
        values: The finest values of each attribute that occur, sorted, in the order of
            `SCHEME_KEYS`.
        codes: For each attribute, the position in ``values`` for each combination; shape (n,).
        counts: Units of each combination, shape (n,).
    """

    values: tuple[tuple[Finest, ...], ...]
    codes: tuple[Integers, ...]
    counts: Integers

    @property
    def units(self) -> int:
        """How many units there are."""
        return int(self.counts.sum())

    @classmethod
    def of(cls, counted: Counter[Combination]) -> "Combinations":
        """Return the combinations of ``counted`` units, in an order of their own."""
        combinations = sorted(counted, key=_sortable)
        columns = list(zip(*combinations, strict=True)) or [()] * len(SCHEME_KEYS)
        values = tuple(
            tuple(sorted(set(column), key=lambda value: _sortable((value,)))) for column in columns
        )
        places = [{value: code for code, value in enumerate(known)} for known in values]
        return cls(
            values=values,
            codes=tuple(
                np.array([place[value] for value in column], dtype=np.int64)
                for place, column in zip(places, columns, strict=True)
            ),
            counts=np.array([counted[found] for found in combinations], dtype=np.int64),
        )


async def read_combinations(
    connection: Connection,
    hierarchies: tuple[Hierarchy, ...],
    cutoff: dt.date,
    report: Report = silent,
) -> Combinations:
    """Return the combinations of all units that a release may publish.

    Args:
        connection: An operator's connection, inside a transaction that sees one state.
        hierarchies: The configured ones, whose finest levels are counted.
        cutoff: Last day of collection that is eligible.
        report: Is told the progress.
    """
    finest = {hierarchy.attribute: hierarchy.levels[0] for hierarchy in hierarchies}
    cuts = [list(finest[name].cuts) for name in ("tnc", "cd34", "volume")]
    last: int = await connection.fetchval("select coalesce(max(id), 0) from intake.raw_unit")
    suspects = await find_duplicates(connection)
    counted: Counter[Combination] = Counter()
    for start in range(0, last, _CHUNK):
        rows = await connection.fetch(
            _COMBINATIONS,
            cutoff,
            suspects,
            start,
            start + _CHUNK,
            finest["period"].years,
            *cuts,
            CELLS_PER_TNC,
            CELLS_PER_CD34,
            timeout=None,
        )
        for bank, period, abo, tnc, cd34, volume, modification, units in rows:
            group = abo or AboGroup.UNKNOWN.value
            method = PROCESSING_OF.get(modification, ProcessingMethod.OTHER).value
            counted[bank, period, group, tnc, cd34, volume, method] += units
        report("Comparing units", min(start + _CHUNK, last), last)
    return Combinations.of(counted)


def _sortable(combination: Combination) -> tuple[tuple[bool, str | int], ...]:
    """Order combinations; a value that was not recorded comes first."""
    return tuple((value is not None, 0 if value is None else value) for value in combination)
