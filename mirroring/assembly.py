"""Brings one release together: small files and the batch are fetched, the units are made.

What is made is compared with the manifest, and fetched where it differs, as it may if the origin
wrote its files with another version of the program: so nothing depends on being able to make it.
"""

import asyncio
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from domain.progress import Report
from domain.published_tables import BATCH_CLASSES, UNITS
from files.layout import RELEASE, Format, batch_file, table_file
from files.manifest import FileEntry, InvalidManifestError, Manifest
from files.release_document import ReleaseDocument
from files.table_reader import InvalidTableError
from files.unit_files import Part, UnitFiles, unit_paths
from mirroring.folder import MirrorFolder
from mirroring.origin import Origin
from mirroring.part_file import PartFile
from mirroring.together import together
from mirroring.trust import Sealed
from mirroring.units import classes_of, read_table, unit_rows

_WHOLE: Final = table_file(UNITS.name, Format.PARQUET)
_CLASSES: Final = table_file(BATCH_CLASSES.name, Format.PARQUET)
_LARGEST_DOCUMENT: Final = 256_000_000


class Assembly:
    """One release on its way into the folder of a mirror."""

    def __init__(
        self,
        origin: Origin,
        folder: MirrorFolder,
        sealed: Sealed,
        base: Manifest | None,
        report: Report,
    ) -> None:
        """Do nothing yet.

        Args:
            origin: Where files come from.
            folder: Where they go to.
            sealed: What they must be.
            base: Manifest of the release before, which is in the folder; ``None`` if there is none.
            report: Is told how far it is.
        """
        self._origin = origin
        self._folder = folder
        self._sealed = sealed
        self._manifest = sealed.manifest
        self._release = sealed.manifest.release
        self._base = base
        self._report = report

    async def bring_together(self) -> None:
        """Put all files of the release into its working folder, each as its manifest says.

        Raises:
            GoneError: The release is withdrawn meanwhile.
            Refused: A file of the origin is not what the manifest says.
            Unavailable: The origin cannot be reached.
        """
        work = self._folder.work(self._release)
        _remove_strangers(work, self._manifest)
        made = self._makeable()
        await self._fetch(work, [each for each in self._manifest.files if each.path not in made])
        wanted = [each for each in self._manifest.files if each.path in made]
        if wanted:
            await self._make(work, wanted)
        for path, content in self._sealed.seal.files.items():
            (work / path).write_bytes(content)

    async def repair(self) -> bool:
        """Bring back the files that are missing or damaged in the folder; tell if there were any.

        Raises:
            GoneError: The release is withdrawn meanwhile.
            Refused: A file of the origin is not what the manifest says.
            Unavailable: The origin cannot be reached.
        """
        damaged: list[FileEntry] = []
        stage = f"Checking release {self._release}"
        total = sum(entry.bytes for entry in self._manifest.files)
        done = 0
        for entry in self._manifest.files:
            self._report(stage, done, total)
            place = self._folder.place(self._release, entry.path)
            if not await PartFile(place, entry).is_whole():
                damaged.append(entry)
            done += entry.bytes
        self._report(stage, total, total)
        seal = [
            path
            for path, content in self._sealed.seal.files.items()
            if not _holds(self._folder.place(self._release, path), content)
        ]
        if not damaged and not seal:
            return False
        work = self._folder.work(self._release)
        await self._fetch(work, damaged)
        for entry in damaged:
            place = self._folder.place(self._release, entry.path)
            place.parent.mkdir(parents=True, exist_ok=True)
            (work / entry.path).replace(place)
        for path in seal:
            (work / path).write_bytes(self._sealed.seal.files[path])
            (work / path).replace(self._folder.place(self._release, path))
        shutil.rmtree(work)
        return True

    def _makeable(self) -> Collection[str]:
        """Return the files of units that can be made from what is here and the others."""
        paths = set(unit_paths(self._release))
        if not paths <= {entry.path for entry in self._manifest.files}:
            return ()
        fetched = self._batch if self._base_is_enough else _WHOLE
        return paths - {fetched}

    @property
    def _batch(self) -> str:
        return batch_file(self._release, UNITS.name, Format.PARQUET)

    @property
    def _base_is_enough(self) -> bool:
        """Whether the batch alone is missing; not so where a release between was withdrawn."""
        return self._base is not None and self._base.release == self._release - 1

    async def _fetch(self, work: Path, entries: Sequence[FileEntry]) -> None:
        """Fetch files, several at a time; a failure ends the others."""
        stage = f"Fetching release {self._release}"
        total = sum(entry.bytes for entry in entries)
        done = 0

        def came(count: int) -> None:
            nonlocal done
            done = min(done + count, total)
            self._report(stage, done, total)

        self._report(stage, 0, total)
        for entry in entries:
            (work / entry.path).parent.mkdir(parents=True, exist_ok=True)
        await together(
            self._origin.download(self._release, PartFile(work / entry.path, entry), came)
            for entry in sorted(entries, key=lambda each: -each.bytes)
        )
        self._report(stage, total, total)

    async def _make(self, work: Path, wanted: Sequence[FileEntry]) -> None:
        """Make files of units; those that come out otherwise than they should are fetched."""
        # What was fetched is what the origin says; it may be of a later version.
        with suppress(InvalidTableError, InvalidManifestError):
            await self._write(work, wanted)
        made = [PartFile(work / entry.path, entry) for entry in wanted]
        wrong = [each.entry for each in made if not await each.is_whole()]
        for each in made:
            if each.entry in wrong:
                each.drop()
        if wrong:
            await self._fetch(work, wrong)

    async def _write(self, work: Path, wanted: Sequence[FileEntry]) -> None:
        if (work / RELEASE).stat().st_size > _LARGEST_DOCUMENT:
            raise InvalidManifestError(f"{RELEASE} is too large to be read")
        document = ReleaseDocument.from_bytes((work / RELEASE).read_bytes())
        rows = await asyncio.to_thread(read_table, work / _CLASSES, BATCH_CLASSES)
        classes = classes_of(rows)
        sources = [work / _WHOLE]
        if self._base_is_enough and self._base is not None:
            sources = [self._folder.place(self._base.release, _WHOLE), work / self._batch]
        stage, total = f"Making the files of release {self._release}", document.row.unit_count

        def place(path: str) -> Path:
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            return work / path

        self._report(stage, 0, total)
        paths = {entry.path for entry in wanted}
        async with UnitFiles(document, rows, place, paths) as files:
            found = unit_rows(sources, classes)
            while (units := await asyncio.to_thread(next, found, None)) is not None:
                await files.write(units)
                self._report(stage, files.counts[Part.WHOLE], total)
        for path, of in files.copies.items():
            shutil.copyfile(work / of, place(path))
        self._report(stage, total, total)


def _remove_strangers(work: Path, manifest: Manifest) -> None:
    """Remove what an earlier run left of another manifest."""
    paths = {entry.path for entry in manifest.files}
    for place in sorted(work.rglob("*"), reverse=True):
        if place.is_symlink() or place.is_file():
            if place.is_symlink() or place.relative_to(work).as_posix() not in paths:
                place.unlink()
        elif not any(place.iterdir()):
            place.rmdir()


def _holds(place: Path, content: bytes) -> bool:
    return (
        place.is_file() and place.stat().st_size == len(content) and (place.read_bytes() == content)
    )
