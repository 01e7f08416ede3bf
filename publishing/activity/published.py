"""The cells of activity that releases have shown, and what each of their values was made of."""

from collections import defaultdict
from dataclasses import dataclass

from database.pool import Connection
from domain.periods import YearRange
from domain.regions import Region
from publishing.activity.count import Count
from publishing.activity.holding import Version
from publishing.activity.partition import Codes

_CELLS = """
select c.id, c.since, c.year_from, c.year_to, c.region,
       array(select distinct p.indication from open.activity_part p where p.cell = c.id order by 1)
from open.activity_cell c order by c.id
"""

_VALUES = "select cell, as_of, units from open.activity_value order by cell, as_of"

_ORIGINS = """
select distinct o.cell, o.as_of, r.bank, r.year, k.indication, k.units
from intake.activity_origin o
join intake.activity_report r on r.id = o.report_id
join open.activity_part p on p.cell = o.cell and p.year = r.year
join intake.activity_count k on k.report_id = r.id and k.indication = p.indication
"""

_PARTS = "select indication, year, region, cell from open.activity_part"

NEITHER = "NEITHER"
"""Stands in ``open.activity_part`` for banks of no part of the nation."""


@dataclass(frozen=True, slots=True)
class PublishedValue:
    """Units of a cell from release ``as_of`` on; ``version`` is what they are made of."""

    as_of: int
    units: int
    version: Version


@dataclass(frozen=True, slots=True)
class PublishedCell:
    """A cell that releases show from ``since`` on, with all its values, oldest first."""

    id: int
    since: int
    indications: Codes
    years: YearRange
    region: Region
    values: tuple[PublishedValue, ...]


@dataclass(frozen=True, slots=True)
class PublishedActivity:
    """All cells of all releases, withdrawn ones too, and the cell of each part."""

    cells: tuple[PublishedCell, ...]
    parts: dict[tuple[str, int, str], int]

    def cell_of(self, count: Count) -> int | None:
        """Return the id of the cell that ``count`` lies in, or ``None``."""
        return self.parts.get((count.indication, count.year, part_of(count.region)))


def part_of(region: Region | None) -> str:
    """Return how ``open.activity_part`` names the part of the nation."""
    return NEITHER if region is None else region.value


async def read_published(connection: Connection) -> PublishedActivity:
    """Return what was published so far."""
    versions: defaultdict[tuple[int, int], dict[tuple[str, int, str], int]] = defaultdict(dict)
    for cell, as_of, bank, year, code, units in await connection.fetch(_ORIGINS):
        versions[cell, as_of][bank, year, code] = units
    values: defaultdict[int, list[PublishedValue]] = defaultdict(list)
    for cell, as_of, units in await connection.fetch(_VALUES):
        values[cell].append(PublishedValue(as_of, units, versions[cell, as_of]))
    cells = tuple(
        PublishedCell(
            number,
            since,
            tuple(codes),
            YearRange(first, last),
            Region(region),
            tuple(values[number]),
        )
        for number, since, first, last, region, codes in await connection.fetch(_CELLS)
    )
    parts = {(row[0], row[1], row[2]): row[3] for row in await connection.fetch(_PARTS)}
    return PublishedActivity(cells, parts)
