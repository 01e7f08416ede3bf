"""Makes all files of a release from the open zone: the same bytes every time."""

from database.pool import Connection
from domain.progress import Report
from domain.published_tables import BATCH_CLASSES, UNITS, table_named
from domain.tables import SCHEMA_VERSION
from files.chunks import Rows
from files.data_package import data_package
from files.formats import Row
from files.layout import (
    DATA_PACKAGE,
    MANIFEST,
    PUBLIC_KEY,
    RELEASE,
    SIGNATURE,
    SUMS,
    Format,
    table_file,
)
from files.manifest import Manifest, Previous, Totals, sums_text
from files.release_document import ReleaseDocument
from files.table_file import open_table_file
from files.texts import release_texts
from files.unit_files import Part, UnitFiles, about_table, unit_paths
from publishing.export.document import read_document
from publishing.export.signing_key import SigningKey
from publishing.export.staging import Staging
from publishing.export.tables import read_tables
from publishing.export.units import walk_units


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
    await staged.add_bytes(DATA_PACKAGE, data_package(document, staged.entries.values()))
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
            staged.place(path), table, written_as, about_table(document, name, Part.WHOLE)
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
    stage, total = f"Writing release {release}", row.unit_count
    report(stage, 0, total)
    async with UnitFiles(document, classes, staged.place) as files:
        async for found in walk_units(connection, release):
            await files.write(found)
            report(stage, files.counts[Part.WHOLE], total)
    report(stage, total, total)
    for path, (part, _) in unit_paths(release).items():
        if path in files.copies:
            staged.add_copy(path, files.copies[path])
        else:
            await staged.add(path, files.counts[part], UNITS.name)
    said = {Part.WHOLE: row.unit_count, Part.BATCH: row.added_unit_count}
    if files.counts != said:
        raise AssertionError(
            f"release {release} says {said} units, its classes hold {files.counts}"
        )


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
