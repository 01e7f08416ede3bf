"""Writes the table of a release: its new cells and values, and what these are made of."""

from collections import Counter
from collections.abc import Iterable, Iterator

from database.pool import Connection
from domain.regions import PARTS, Region
from publishing.activity.count import Count
from publishing.activity.partition import Cell
from publishing.activity.published import NEITHER
from publishing.activity.table import ActivityTable

_ADD_CELLS = """
insert into open.activity_cell (since, year_from, year_to, region)
select $1, year_from, year_to, region
from unnest($2::integer[], $3::integer[], $4::text[])
     with ordinality as c (year_from, year_to, region, position)
order by position returning id
"""


async def write_activity_table(connection: Connection, table: ActivityTable) -> None:
    """Store what ``table`` adds, inside the transaction of its release."""
    rows = await connection.fetch(
        _ADD_CELLS,
        table.release,
        [cell.years.first for cell in table.added],
        [cell.years.last for cell in table.added],
        [cell.region.value for cell in table.added],
    )
    # Identities are given out in the order of the arrays, since the rows are sorted by it first.
    made = dict(zip(sorted(row[0] for row in rows), table.added, strict=True))
    await _copy(
        connection,
        "open.activity_part",
        ["indication", "year", "region", "cell"],
        [(*part, number) for number, cell in made.items() for part in parts_of(cell)],
    )
    counts = {number: cell.counts for number, cell in made.items()}
    counts |= {each.cell.id: each.counts for each in table.renewed}
    await _copy(
        connection,
        "open.activity_value",
        ["cell", "as_of", "units"],
        [(cell, table.release, sum(c.units for c in held)) for cell, held in counts.items()],
    )
    await _copy(
        connection,
        "intake.activity_origin",
        ["cell", "as_of", "report_id", "units"],
        [
            (cell, table.release, report, units)
            for cell, held in counts.items()
            for report, units in _by_report(held).items()
        ],
    )


def parts_of(cell: Cell) -> Iterator[tuple[str, int, str]]:
    """Yield indication, year and region of each part of a cell, those without units too."""
    is_nation = cell.region is Region.NATION
    regions = [*(part.value for part in PARTS), NEITHER] if is_nation else [cell.region.value]
    for code in cell.indications:
        for year in range(cell.years.first, cell.years.last + 1):
            yield from ((code, year, region) for region in regions)


def _by_report(counts: Iterable[Count]) -> Counter[int]:
    units: Counter[int] = Counter()
    for count in counts:
        units[count.report] += count.units
    return units


async def _copy(
    connection: Connection, table: str, columns: list[str], rows: list[tuple[object, ...]]
) -> None:
    schema, _, name = table.partition(".")
    await connection.copy_records_to_table(name, schema_name=schema, columns=columns, records=rows)
