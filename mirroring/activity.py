"""Counts of transplants, in the order in which the origin has their cells."""

import asyncio
from collections.abc import Sequence

from database.pool import Connection
from domain.activity_tables import TRANSPLANT_ACTIVITY, TRANSPLANT_ACTIVITY_PARTS
from domain.tables import Table
from files.formats import Row
from files.layout import Format, table_file
from mirroring.folder import MirrorFolder
from mirroring.units import read_table

_IDS = "select id from open.activity_cell order by since, id"


async def add_activity(
    connection: Connection, folder: MirrorFolder, release: int, before: int
) -> None:
    """Add the cells, their parts and values that came after release ``before``.

    Cells are numbered in the order in which the origin made them, which is that of the ids here.

    Raises:
        InvalidTableError: A file holds another table.
    """
    cells = await _rows(folder, release, TRANSPLANT_ACTIVITY)
    parts = await _rows(folder, release, TRANSPLANT_ACTIVITY_PARTS)
    known = len(await connection.fetch(_IDS))
    # cell, since, year_from, year_to, region, units, as_of
    new = [row[1:5] for row in cells[known:]]
    await _copy(connection, "activity_cell", "since, year_from, year_to, region", new)
    ids = [row[0] for row in await connection.fetch(_IDS)]
    await _copy(
        connection,
        "activity_part",
        "indication, year, region, cell",
        [(*row[:3], ids[int(row[3] or 0) - 1]) for row in parts if int(row[3] or 0) > known],
    )
    await _copy(
        connection,
        "activity_value",
        "cell, as_of, units",
        [
            (ids[int(row[0] or 0) - 1], row[6], row[5])
            for row in cells
            if isinstance(row[6], int) and row[6] > before
        ],
    )


async def _rows(folder: MirrorFolder, release: int, table: Table) -> list[Row]:
    """Return the rows of a table; none in a release whose files are older than it."""
    path = table_file(table.name, Format.PARQUET)
    if folder.manifest(release).file(path) is None:
        return []
    return await asyncio.to_thread(read_table, folder.place(release, path), table)


async def _copy(connection: Connection, table: str, columns: str, rows: Sequence[Row]) -> None:
    await connection.copy_records_to_table(
        table,
        schema_name="open",
        columns=columns.split(", "),
        records=[tuple(row) for row in rows],
    )
