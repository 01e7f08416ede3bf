"""A file that is being fetched, perhaps by several runs one after the other."""

import asyncio
import hashlib
from pathlib import Path
from typing import IO

from files.manifest import FileEntry


class PartFile:
    """What has come of a file so far.

    Attributes:
        entry: What the manifest says of the file.
    """

    def __init__(self, path: Path, entry: FileEntry) -> None:
        self._path = path
        self.entry = entry

    def have(self) -> int:
        """Return how many bytes have come; what can be no part of the file is dropped."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return 0
        if size > self.entry.bytes:
            self.drop()
            return 0
        return size

    def open(self, *, go_on: bool) -> IO[bytes]:
        """Open it to write behind what has come, or anew."""
        return self._path.open("ab" if go_on else "wb")

    def touch(self) -> None:
        """Make it, if nothing of it has come and nothing will."""
        self._path.touch()

    def drop(self) -> None:
        """Remove it."""
        self._path.unlink(missing_ok=True)

    async def is_whole(self) -> bool:
        """Tell whether it is the file that the manifest names."""
        if not self._path.is_file() or self._path.stat().st_size != self.entry.bytes:
            return False
        return await asyncio.to_thread(sha256_of, self._path) == self.entry.sha256


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
