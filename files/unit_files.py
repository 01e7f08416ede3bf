"""The files of units of a release, written in one walk: the whole and its batch, in all formats.

Publishing makes them from the database, and a mirror from files that it has: the same bytes.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from domain.licences import licence_terms
from domain.published_tables import UNITS, table_named
from domain.tables import SCHEMA_VERSION
from files.chunks import Chunk, UnitClasses, Units
from files.formats import Row
from files.layout import Format, batch_file, table_file
from files.manifest import instant_text
from files.release_document import ReleaseDocument
from files.table_file import TableFile, open_table_file


class Part(StrEnum):
    """What of a table a file holds; the value is what Parquet says of itself."""

    WHOLE = "release"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class UnitRows:
    """Some units by id, and the place of the class of each among the rows of batch_classes."""

    ids: list[str]
    places: NDArray[np.int64]

    def of(self, wanted: NDArray[np.bool_]) -> "UnitRows":
        """Return the units whose flag is set."""
        if wanted.all():
            return self
        kept = np.flatnonzero(wanted)
        return UnitRows([self.ids[place] for place in kept.tolist()], self.places[kept])


def unit_paths(release: int) -> Mapping[str, tuple[Part, Format]]:
    """Return what each file of units of ``release`` holds, by path."""
    whole = {table_file(UNITS.name, form): (Part.WHOLE, form) for form in Format}
    batch = {batch_file(release, UNITS.name, form): (Part.BATCH, form) for form in Format}
    return {**whole, **batch}


def about_table(document: ReleaseDocument, table: str, part: Part) -> dict[str, str]:
    """Return what the metadata of a file of ``table`` say of it."""
    row = document.row
    return {
        "title": f"CordGraph release {row.number}: {table_named(table).title.en}",
        "release": str(row.number),
        "table": table,
        "part": part.value,
        "scheme": str(row.scheme),
        "schema_version": SCHEMA_VERSION,
        "digest": row.digest,
        "licence": row.licence,
        "licence_url": licence_terms(row.licence).url,
        "synthetic": "true" if row.synthetic else "false",
        "published_at": instant_text(row.published_at),
    }


class UnitFiles:
    """Writes the files of units; files are written in threads while the next units are read.

    Attributes:
        copies: Path -> path that has the same bytes, which is written once.
        counts: Units so far, of the whole and of the batch.
    """

    def __init__(
        self,
        document: ReleaseDocument,
        classes: Collection[Row],
        place: Callable[[str], Path],
        wanted: Collection[str] | None = None,
    ) -> None:
        """Begin the files.

        Args:
            document: What ``release.json`` says of the release.
            classes: The rows of its batch_classes.
            place: Tells where the file at a path of the release is made; its folder is there.
            wanted: Paths of the files to write; ``None``: all of `unit_paths`.
        """
        release, row = document.release, document.row
        self._classes = UnitClasses(list(classes))
        self._is_new = np.array([each[0] == release for each in classes], np.bool_)
        paths = {
            path: holds
            for path, holds in unit_paths(release).items()
            if wanted is None or path in wanted
        }
        # Only Parquet says in itself which of the two it is.
        same = row.added_unit_count == row.unit_count
        by_form = {form: path for path, (part, form) in paths.items() if part is Part.WHOLE}
        self.copies = {
            path: by_form[form]
            for path, (part, form) in paths.items()
            if same and part is Part.BATCH and form is not Format.PARQUET and form in by_form
        }
        self.counts = {Part.WHOLE: 0, Part.BATCH: 0}
        self._files: list[tuple[Part, TableFile]] = [
            (
                part,
                open_table_file(place(path), UNITS, form, about_table(document, UNITS.name, part)),
            )
            for path, (part, form) in paths.items()
            if path not in self.copies
        ]
        self._writing: asyncio.Future[list[None]] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the files, also after a failure; what they hold then is worth nothing."""
        try:
            await self._written()
        finally:
            await asyncio.gather(*(asyncio.to_thread(file.close) for _, file in self._files))

    async def write(self, found: UnitRows) -> None:
        """Add units behind those that came before."""
        parts = {Part.WHOLE: found, Part.BATCH: found.of(self._is_new[found.places])}
        chunks: dict[Part, Chunk] = {
            part: Units(self._classes, units.ids, units.places) for part, units in parts.items()
        }
        await self._written()
        self._writing = asyncio.gather(
            *(
                asyncio.to_thread(file.write, chunks[part])
                for part, file in self._files
                if len(chunks[part])
            )
        )
        for part, units in parts.items():
            self.counts[part] += len(units.ids)

    async def _written(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing
