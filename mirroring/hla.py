"""HLA frequencies of a release, from its files."""

import asyncio

from database.pool import Connection
from domain.hla_tables import HLA_FREQUENCIES, HLA_TABLES
from domain.tables import Table
from files.layout import Format, table_file
from mirroring.folder import MirrorFolder
from mirroring.units import read_table

_OPEN = ((HLA_TABLES, "hla_table"), (HLA_FREQUENCIES, "hla_frequency"))


async def add_hla(connection: Connection, folder: MirrorFolder, release: int) -> None:
    """Add the tables of ``release``; one whose files are older than such tables has none.

    Raises:
        InvalidTableError: A file holds another table.
    """
    paths = {entry.path for entry in folder.manifest(release).files}
    for table, name in _OPEN:
        path = table_file(table.name, Format.PARQUET)
        if path in paths:
            await _add(connection, folder, release, table, name)


async def _add(
    connection: Connection, folder: MirrorFolder, release: int, table: Table, name: str
) -> None:
    place = folder.place(release, table_file(table.name, Format.PARQUET))
    rows = await asyncio.to_thread(read_table, place, table)
    if rows:
        await connection.copy_records_to_table(
            name,
            schema_name="open",
            columns=["release", *(column.name for column in table.columns)],
            records=[(release, *row) for row in rows],
        )
