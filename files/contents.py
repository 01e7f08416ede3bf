"""Looks into the files of a release: do they hold what the manifest says, and the same?"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from domain.published_tables import BATCH_CLASSES, UNITS, table_named
from domain.tables import Table
from files.class_digests import ClassDigests
from files.layout import MEDIA_TYPES, RELEASE, Format, table_file
from files.manifest import FileEntry, InvalidManifestError, Manifest
from files.release_document import ReleaseDocument
from files.table_reader import InvalidTableError, Values, check_values, read_rows

_MOST_DOCUMENT: Final = 64 << 20


def check_contents(manifest: Manifest, files: Iterable[tuple[FileEntry, Path]]) -> Iterator[str]:
    """Yield what is wrong with the contents of ``files``, whose hashes are right.

    Args:
        manifest: What they must hold.
        files: Each may be gone when the next one is asked for. ``release.json`` comes first, then
            batch_classes as JSON Lines.
    """
    contents = _Contents(manifest)
    for entry, place in files:
        try:
            contents.look_into(entry, place)
        except (InvalidTableError, InvalidManifestError) as error:
            yield f"{entry.path} is wrong: {error}"


class _Contents:
    """What was seen of a release so far."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._document: ReleaseDocument | None = None
        self._classes: list[Values] | None = None
        self._rows: dict[str, tuple[str, str]] = {}

    def look_into(self, entry: FileEntry, place: Path) -> None:
        if entry.path == RELEASE:
            self._document = self._read_document(place)
        if entry.table is None:
            return
        try:
            table = table_named(entry.table)
        except LookupError:  # of a later version
            return
        written_as = _format(entry.path)
        rows = self._counted(entry, read_rows(place, table, written_as))
        if table is UNITS:
            self._take_units(entry, rows)
        else:
            self._take_rows(entry, table, rows)

    def _read_document(self, place: Path) -> ReleaseDocument:
        if place.stat().st_size > _MOST_DOCUMENT:
            raise InvalidManifestError(f"it has more than {_MOST_DOCUMENT:,} bytes")
        document = ReleaseDocument.from_bytes(place.read_bytes())
        row, said, totals = document.row, self._manifest, self._manifest.totals
        ours = (row.number, row.digest, row.scheme, row.licence, row.synthetic, row.published_at)
        theirs = (
            said.release,
            said.digest,
            said.scheme,
            said.licence,
            said.synthetic,
            said.published_at,
        )
        counts = (row.unit_count, row.added_unit_count, row.withdrawn_unit_count, row.bank_count)
        if ours != theirs or (*counts, row.class_count) != (
            totals.units,
            totals.added,
            totals.withdrawn,
            totals.banks,
            totals.classes,
        ):
            raise InvalidManifestError("it does not say of the release what the manifest says")
        return document

    def _counted(self, entry: FileEntry, rows: Iterator[Values]) -> Iterator[Values]:
        """Pass ``rows`` on, which must be as many as the manifest says."""
        count = 0
        for row in rows:
            count += 1
            if entry.rows is not None and count > entry.rows:
                raise InvalidTableError(f"it has more than the {entry.rows:,} rows it should")
            yield row
        if entry.rows is not None and count != entry.rows:
            raise InvalidTableError(f"it has {count:,} rows, not {entry.rows:,}")

    def _take_rows(self, entry: FileEntry, table: Table, rows: Iterator[Values]) -> None:
        """Check the rows of a small table, which must be equal in all formats."""
        digest = hashlib.sha256()
        kept = []
        for row in rows:
            check_values(table, row)
            digest.update(repr(row).encode())
            if table is BATCH_CLASSES and self._classes is None:
                kept.append(row)
        if table is BATCH_CLASSES and self._classes is None:
            self._classes = kept
        self._same(entry, table.name, digest.hexdigest())

    def _take_units(self, entry: FileEntry, rows: Iterator[Values]) -> None:
        """Compute the digest of the release from its units; the batch must be those it added."""
        batch = hashlib.sha256()
        digests = None
        if entry.path in {table_file(UNITS.name, form) for form in Format}:
            if self._document is None or self._classes is None:
                raise InvalidTableError("it cannot be checked without its classes")
            digests = ClassDigests(self._document, self._classes)
        for row in rows:
            if digests is not None:
                digests.take(row)
            if digests is None or row[1] == self._manifest.release:
                batch.update(repr(row).encode())
        if digests is not None and digests.release_digest() != self._manifest.digest:
            raise InvalidTableError("its units do not make the digest of the release")
        self._same(entry, "the batch", batch.hexdigest())

    def _same(self, entry: FileEntry, name: str, digest: str) -> None:
        path, first = self._rows.setdefault(name, (entry.path, digest))
        if first != digest:
            raise InvalidTableError(f"its rows are not those in {path}")


def _format(path: str) -> Format:
    for form in Format:
        if path.endswith(f".{form.value}"):
            return form
    raise InvalidTableError(f"it is in none of the formats {', '.join(MEDIA_TYPES)}")
