"""HLA frequency tables as releases show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loaders.statements import Pool, Statement


@dataclass(frozen=True, slots=True)
class HlaTableRecord:
    """A locus in a region; `as_of` is the release that was counted."""

    release: int
    locus: str
    region: str
    published_units: int
    typed_units: int
    as_of: int


@dataclass(frozen=True, slots=True)
class HlaFrequencyRecord:
    """A group of a table by its first field, or ``OTHER``, which has no copies."""

    release: int
    locus: str
    region: str
    hla_group: str
    units: int
    copies: int | None
    frequency: float
    as_of: int


@dataclass(frozen=True, slots=True)
class HlaTable:
    """A table with its rows, the groups by name and ``OTHER`` last."""

    record: HlaTableRecord
    rows: tuple[HlaFrequencyRecord, ...]


HLA_TABLES = Statement("hla_tables", HlaTableRecord)
HLA_FREQUENCIES = Statement("hla_frequencies", HlaFrequencyRecord)

HlaTables = Mapping[int, Sequence[HlaTable]]
"""Tables by release, by locus and region in the order of the contract."""


async def read_hla_tables(source: Pool, releases: Iterable[int], known: HlaTables) -> HlaTables:
    """Return the tables of ``releases``; those of ``known`` are not read again."""
    newest = max(known, default=0)
    rows: dict[tuple[int, str, str], list[HlaFrequencyRecord]] = {}
    for row in await HLA_FREQUENCIES.fetch(source, newest):
        rows.setdefault((row.release, row.locus, row.region), []).append(row)
    tables: dict[int, list[HlaTable]] = {number: [] for number in releases if number not in known}
    for record in await HLA_TABLES.fetch(source, newest):
        key = record.release, record.locus, record.region
        tables[record.release].append(HlaTable(record, tuple(rows.get(key, ()))))
    return {**known, **tables}
