"""Makes all files of a release from the open zone: the same bytes every time."""

import asyncio
from collections.abc import Mapping
from itertools import product
from typing import Final

import numpy as np

from database.pool import Connection
from domain.licences import licence_terms
from domain.progress import Report
from domain.published_tables import BATCH_CLASSES, UNITS, table_named
from domain.tables import SCHEMA_VERSION
from files.chunks import Chunk, Rows, UnitClasses, Units
from files.formats import Row
from files.layout import (
    MANIFEST,
    PUBLIC_KEY,
    RELEASE,
    SIGNATURE,
    SUMS,
    Format,
    batch_file,
    table_file,
)
from files.manifest import Manifest, Previous, Totals, instant_text, sums_text
from files.release_document import ReleaseDocument
from files.table_file import TableFile, open_table_file
from files.texts import release_texts
from publishing.export.document import read_document
from publishing.export.signing_key import SigningKey
from publishing.export.staging import Staging
from publishing.export.tables import read_tables
from publishing.export.units import UnitRows, walk_units

_WHOLE: Final = "release"
_BATCH: Final = "batch"


async def make_files(
    connection: Connection,
    release: int,
    staged: Staging,
    key: SigningKey,
    previous: Previous | None,
    report: Report,
) -> Manifest:
    """Make all files of ``release`` in ``staged``, its signature included; return its manifest.

    Args:
        connection: An operator's connection outside a transaction.
        release: Number of the release, which exists.
        staged: Where to; it is empty.
        key: Signs.
        previous: The newest earlier release that has files.
        report: Is told how many units are written.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local statement_timeout = 0")
        document = await read_document(connection, release)
        tables = await read_tables(connection, release)
        classes = tables[BATCH_CLASSES.name]
        for name, rows in tables.items():
            await _make_table(staged, document, name, rows)
        await _make_units(connection, staged, document, classes, report)
    batches = [row[0] for row in classes]
    for path, content in release_texts(document, batches.count(release)).items():
        await staged.add_bytes(path, content)
    await staged.add_bytes(RELEASE, document.to_bytes())
    await staged.add_bytes(PUBLIC_KEY, key.public.to_file())
    manifest = _manifest(staged, document, previous)
    await _seal(staged, manifest, key)
    return manifest


async def _make_table(
    staged: Staging, document: ReleaseDocument, name: str, rows: list[Row]
) -> None:
    table = table_named(name)
    for written_as in Format:
        path = table_file(name, written_as)
        file = open_table_file(
            staged.place(path), table, written_as, _about(document, name, _WHOLE)
        )
        try:
            file.write(Rows(table, rows))
        finally:
            file.close()
        await staged.add(path, len(rows), name)


async def _make_units(
    connection: Connection,
    staged: Staging,
    document: ReleaseDocument,
    classes: list[Row],
    report: Report,
) -> None:
    """Write the units in one walk: the whole release and the batch alone, in all formats."""
    release, row = document.release, document.row
    paths = {(_WHOLE, form): table_file(UNITS.name, form) for form in Format}
    paths |= {(_BATCH, form): batch_file(release, UNITS.name, form) for form in Format}
    # Only Parquet says in itself which of the two it is.
    same = row.added_unit_count == row.unit_count
    copied = {(_BATCH, form) for form in (Format.CSV, Format.JSONL) if same}
    files = {
        (part, form): open_table_file(
            staged.place(paths[part, form]), UNITS, form, _about(document, UNITS.name, part)
        )
        for part, form in paths
        if (part, form) not in copied
    }
    try:
        counts = await _write_units(connection, files, document, classes, report)
    finally:
        await asyncio.gather(*(asyncio.to_thread(file.close) for file in files.values()))
    for part, form in product((_WHOLE, _BATCH), Format):
        if (part, form) in copied:
            staged.add_copy(paths[part, form], paths[_WHOLE, form])
        else:
            await staged.add(paths[part, form], counts[part], UNITS.name)
    said = {_WHOLE: row.unit_count, _BATCH: row.added_unit_count}
    if counts != said:
        raise AssertionError(f"release {release} says {said} units, its classes hold {counts}")


async def _write_units(
    connection: Connection,
    files: Mapping[tuple[str, Format], TableFile],
    document: ReleaseDocument,
    rows: list[Row],
    report: Report,
) -> dict[str, int]:
    """Write all units; files are written in threads while the next units are read."""
    classes = UnitClasses(rows)
    is_new = np.array([row[0] == document.release for row in rows], np.bool_)
    stage, total = f"Writing release {document.release}", document.row.unit_count
    counts = {_WHOLE: 0, _BATCH: 0}
    writing: asyncio.Future[list[None]] | None = None
    report(stage, 0, total)
    try:
        async for found in walk_units(connection, document.release):
            parts = {_WHOLE: found, _BATCH: found.of(is_new[found.places])}
            chunks = {part: _chunk(classes, units) for part, units in parts.items()}
            if writing is not None:
                await writing
                report(stage, counts[_WHOLE], total)
            writing = asyncio.gather(
                *(
                    asyncio.to_thread(file.write, chunks[part])
                    for (part, _), file in files.items()
                    if len(chunks[part])
                )
            )
            counts = {part: counts[part] + len(units.ids) for part, units in parts.items()}
    finally:
        if writing is not None:
            await writing
    report(stage, total, total)
    return counts


def _chunk(classes: UnitClasses, units: UnitRows) -> Chunk:
    return Units(classes, units.ids, units.places)


def _about(document: ReleaseDocument, table: str, part: str) -> dict[str, str]:
    """Return what the metadata of a file say of it."""
    row = document.row
    return {
        "title": f"CordGraph release {row.number}: {table_named(table).title.en}",
        "release": str(row.number),
        "table": table,
        "part": part,
        "scheme": str(row.scheme),
        "schema_version": SCHEMA_VERSION,
        "digest": row.digest,
        "licence": row.licence,
        "licence_url": licence_terms(row.licence).url,
        "synthetic": "true" if row.synthetic else "false",
        "published_at": instant_text(row.published_at),
    }


def _manifest(staged: Staging, document: ReleaseDocument, previous: Previous | None) -> Manifest:
    row = document.row
    return Manifest(
        release=row.number,
        scheme=row.scheme,
        schema_version=SCHEMA_VERSION,
        digest=row.digest,
        licence=row.licence,
        synthetic=row.synthetic,
        published_at=row.published_at,
        totals=Totals(
            units=row.unit_count,
            added=row.added_unit_count,
            withdrawn=row.withdrawn_unit_count,
            banks=row.bank_count,
            classes=row.class_count,
        ),
        previous=previous,
        files=tuple(staged.entries[path] for path in sorted(staged.entries)),
    )


async def _seal(staged: Staging, manifest: Manifest, key: SigningKey) -> None:
    """Add the manifest, the hashes of everything, and their signature."""
    await staged.add_bytes(MANIFEST, manifest.to_bytes())
    sums = sums_text([(entry.path, entry.sha256) for entry in staged.entries.values()])
    await staged.add_bytes(SUMS, sums)
    await staged.add_bytes(SIGNATURE, key.sign(sums, manifest))
