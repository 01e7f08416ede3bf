"""Rows of releases, schemes and files, from what the files of a release say."""

from collections.abc import Sequence
from dataclasses import fields

from database.pool import Connection
from domain.failures import Refused
from files.layout import MANIFEST, SIGNATURE, SUMS, media_type
from files.manifest import FileEntry
from files.release_document import ReleaseDocument, ReleaseRow, SchemeRow
from mirroring.folder import MirrorFolder
from mirroring.origin import Tombstone
from mirroring.part_file import sha256_of

_RELEASE_COLUMNS = [each.name for each in fields(ReleaseRow)]
_SCHEME_COLUMNS = [each.name for each in fields(SchemeRow)]
_FILE_COLUMNS = ["release", "path", "media_type", "bytes", "rows", "sha256"]


async def add_schemes(connection: Connection, document: ReleaseDocument) -> None:
    """Add the schemes that are not there yet.

    Raises:
        Refused: One of that number is there and is another one.
    """
    rows = await connection.fetch("select number, k, levels from open.scheme")
    known = {row[0]: (row[1], row[2]) for row in rows}
    for scheme in document.schemes:
        if known.get(scheme.number, (scheme.k, scheme.levels)) != (scheme.k, scheme.levels):
            raise Refused(f"scheme {scheme.number} in this database is another one")
    await _copy(
        connection,
        "scheme",
        _SCHEME_COLUMNS,
        [
            tuple(getattr(scheme, name) for name in _SCHEME_COLUMNS)
            for scheme in document.schemes
            if scheme.number not in known
        ],
    )


async def add_releases(
    connection: Connection, document: ReleaseDocument, before: int, withdrawn: Sequence[Tombstone]
) -> None:
    """Add the release of ``document`` and those between ``before`` and it, which are withdrawn."""
    gone = {each.release: each for each in withdrawn}
    rows = []
    for row in document.releases:
        if row.number <= before:
            continue
        tombstone = gone.get(row.number)
        if tombstone is None and row.number < document.release:
            raise Refused(f"release {row.number} is missing before release {document.release}")
        ending = (None, None) if tombstone is None else (tombstone.withdrawn_at, tombstone.reason)
        rows.append((*(getattr(row, name) for name in _RELEASE_COLUMNS), *ending))
    columns = [*_RELEASE_COLUMNS, "withdrawn_at", "withdrawn_reason"]
    await _copy(connection, "release", columns, rows)


async def add_files(connection: Connection, folder: MirrorFolder, release: int) -> None:
    """Register the files of ``release``, which are in the folder, in one statement."""
    manifest = folder.manifest(release)
    seal = []
    for path in (MANIFEST, SUMS, SIGNATURE):
        place = folder.place(release, path)
        size = place.stat().st_size
        seal.append(FileEntry(path, media_type(path), size, None, sha256_of(place)))
    rows = [
        (release, each.path, each.media_type, each.bytes, each.rows, each.sha256)
        for each in (*manifest.files, *seal)
    ]
    await _copy(connection, "release_file", _FILE_COLUMNS, rows)


async def _copy(
    connection: Connection, table: str, columns: list[str], rows: Sequence[tuple[object, ...]]
) -> None:
    if rows:
        await connection.copy_records_to_table(
            table, schema_name="open", columns=columns, records=rows
        )
