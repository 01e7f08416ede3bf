"""A folder in which the files of a release are made before they go to the store."""

import asyncio
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from files.layout import media_type
from files.manifest import FileEntry

_PREFIX: Final = ".exporting-"


@dataclass(frozen=True, slots=True)
class Staging:
    """Files of a release that were made, and what the manifest says of them.

    Attributes:
        folder: Where they are, under the names that they get in the folder of the release.
        entries: What was made, by path.
        copies: Paths whose bytes are those of another path: they are stored once here.
    """

    folder: Path
    entries: dict[str, FileEntry] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)

    def place(self, path: str) -> Path:
        """Return where the file at ``path`` is made; its folder is there."""
        place = self.folder / self.copies.get(path, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    async def add(self, path: str, rows: int | None = None, table: str | None = None) -> None:
        """Take in the file that was made at ``path``."""
        place = self.place(path)
        sha256 = await asyncio.to_thread(_sha256, place)
        self.entries[path] = FileEntry(
            path, media_type(path), place.stat().st_size, rows, sha256, table
        )

    async def add_bytes(self, path: str, content: bytes) -> None:
        """Make a small file of ``content``."""
        self.place(path).write_bytes(content)
        await self.add(path)

    def add_copy(self, path: str, of: str) -> None:
        """Say that the file at ``path`` has the bytes of the one at ``of``, which was made."""
        self.copies[path] = of
        made = self.entries[of]
        self.entries[path] = FileEntry(
            path, made.media_type, made.bytes, made.rows, made.sha256, made.table
        )


@contextmanager
def staging(home: Path) -> Iterator[Staging]:
    """Make a folder in ``home`` for the length of the context."""
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
    with _held(folder):
        try:
            yield Staging(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep_staging(home: Path) -> None:
    """Take away the folders in ``home`` that runs left which died."""
    for left in home.glob(f"{_PREFIX}*"):
        _remove_if_dead(left)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold ``folder``, so that others know that we live."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_if_dead(folder: Path) -> None:
    try:
        with _held(folder):
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # somebody works in it, or it is gone
        return


def _sha256(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
