"""Rows of banks and indications, so that each release reads those that it was published with."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from database.pool import Connection
from domain.reference_tables import BANKS, INDICATIONS, SOURCES
from domain.tables import Table
from files.formats import Row, Value
from files.layout import Format, table_file
from files.release_document import ReferenceRow, ReleaseDocument
from mirroring.folder import MirrorFolder
from mirroring.units import read_table

_OPEN = "select code, since from open.{table} where until is null"
_CLOSE = "update open.{table} set until = $3 where code = $1 and since = $2"

Sources = Mapping[Value, Sequence[Mapping[str, Value]]]


async def load_reference(
    connection: Connection, folder: MirrorFolder, document: ReleaseDocument
) -> None:
    """Let the release of ``document``, which is not there yet, read the rows of its files.

    Raises:
        InvalidTableError: A file holds another table.
    """
    sources = await _rows(folder, document, SOURCES)
    for table, name, entries in (
        (BANKS, "bank", document.banks),
        (INDICATIONS, "indication", document.indications),
    ):
        rows = await _rows(folder, document, table)
        await _settle(connection, name, table, rows, _sources_of(table, sources), entries, document)


async def _settle(
    connection: Connection,
    name: str,
    table: Table,
    rows: Sequence[Row],
    sources: Sources,
    entries: Sequence[ReferenceRow],
    document: ReleaseDocument,
) -> None:
    """End the rows that the release does not read, and add those that it reads first."""
    wanted = {entry.code: entry.since for entry in entries}
    present = {row[0]: row[1] for row in await connection.fetch(_OPEN.format(table=name))}
    for code, since in present.items():
        if wanted.get(code) != since:
            # A row that comes in its place comes when it ends; else nobody reads it from here on.
            until = wanted.get(code, document.release)
            await connection.execute(_CLOSE.format(table=name), code, since, until)
    columns = [column.name for column in table.columns]
    new = [
        (*row, sources.get(row[0], []), wanted[str(row[0])])
        for row in rows
        if present.get(str(row[0])) != wanted[str(row[0])]
    ]
    if new:
        await connection.copy_records_to_table(
            name, schema_name="open", columns=[*columns, "sources", "since"], records=new
        )


async def _rows(folder: MirrorFolder, document: ReleaseDocument, table: Table) -> list[Row]:
    path = folder.place(document.release, table_file(table.name, Format.PARQUET))
    return await asyncio.to_thread(read_table, path, table)


def _sources_of(table: Table, rows: Sequence[Row]) -> Sources:
    found: defaultdict[Value, list[Mapping[str, Value]]] = defaultdict(list)
    for subject, code, _, field, status, citation in rows:
        if subject == table.name:
            found[code].append({"field": field, "status": status, "citation": citation})
    return found
