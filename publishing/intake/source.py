"""A submitted file: whether it can be XML at all, its hash, and its bytes."""

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from publishing.intake.faults import Code, FileFaultError, Finding

CHUNK_BYTES = 262_144

_HEAD_BYTES = 512
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_KINDS = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a ZIP archive or spreadsheet",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet or document",
    b"{": "JSON",
    b"[": "JSON",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


@dataclass(frozen=True)
class Source:
    """A file that can be XML.

    Attributes:
        path: Where it lies.
        size: Its bytes.
        sha256: Hash of its content, in hex.
    """

    path: Path
    size: int
    sha256: str

    @classmethod
    def examine(cls, path: Path) -> "Source":
        """Look at the file and hash it.

        Raises:
            FileFaultError: It is missing, no regular file, empty, unreadable or no XML.
        """
        size = _size(path)
        digest = hashlib.sha256()
        read = 0
        for number, chunk in enumerate(_chunks(path)):
            if number == 0:
                _check_head(chunk[:_HEAD_BYTES])
            digest.update(chunk)
            read += len(chunk)
        if not size or not read:
            raise FileFaultError(Finding(Code.FILE_EMPTY, "The file is empty."))
        return cls(path, read, digest.hexdigest())

    def chunks(self) -> Iterator[bytes]:
        """Yield the content from the start.

        Raises:
            FileFaultError: It cannot be read, or is not what was hashed.
        """
        digest = hashlib.sha256()
        for chunk in _chunks(self.path):
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != self.sha256:
            raise FileFaultError(
                Finding(
                    Code.FILE_CHANGED,
                    "The file changed while it was read; try again when it rests.",
                )
            )


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise FileFaultError(Finding(Code.FILE_MISSING, "There is no such file.")) from None
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise FileFaultError(Finding(Code.NOT_A_FILE, f"This is {kind}; name an XML file."))
    return status.st_size


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: Exception) -> FileFaultError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return FileFaultError(Finding(Code.FILE_UNREADABLE, f"The file cannot be read: {reason}."))


def _check_head(head: bytes) -> None:
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if head.startswith(_UTF_16) or text.startswith(b"<") or not text:
        return
    kinds = (kind for start, kind in _OTHER_KINDS.items() if text.startswith(start))
    kind = next(kinds, "text without tags, perhaps CSV")
    raise FileFaultError(
        Finding(Code.NOT_XML, f"The file is {kind}; send the inventory as plain XML.", 1)
    )
