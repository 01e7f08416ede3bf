"""A submitted file: in which format it can be, its hash, and its bytes."""

import hashlib
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from publishing.intake.faults import Code, FileFaultError, Finding

CHUNK_BYTES = 262_144

_HEAD_BYTES = 512
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PACKED = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a ZIP archive or spreadsheet",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet or document",
}
_JSON = {b"{": "JSON", b"[": "JSON"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class Format(StrEnum):
    """How an inventory is written."""

    XML = "XML"
    CSV = "CSV"
    NDJSON = "NDJSON"


_ENDINGS = {
    ".xml": Format.XML,
    ".csv": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
}


@dataclass(frozen=True)
class Source:
    """A file that can be an inventory.

    Attributes:
        path: Where it lies.
        size: Its bytes.
        sha256: Hash of its content, in hex.
        format: How it is written.
    """

    path: Path
    size: int
    sha256: str
    format: Format = Format.XML

    @classmethod
    def examine(cls, path: Path) -> "Source":
        """Look at the file and hash it.

        Raises:
            FileFaultError: It is missing, no regular file, empty, unreadable or not of the
                format that its name says.
        """
        size = _size(path)
        digest = hashlib.sha256()
        read = 0
        format_ = Format.XML
        for number, chunk in enumerate(_chunks(path)):
            if number == 0:
                format_ = _format(path, chunk[:_HEAD_BYTES])
            digest.update(chunk)
            read += len(chunk)
        if not size or not read:
            raise FileFaultError(Finding(Code.FILE_EMPTY, "The file is empty."))
        return cls(path, read, digest.hexdigest(), format_)

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
        raise FileFaultError(Finding(Code.NOT_A_FILE, f"This is {kind}; name a file."))
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


def _format(path: Path, head: bytes) -> Format:
    """Return the format that the name says, or else the content, if the content can be that."""
    named = _ENDINGS.get(path.suffix.lower())
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    format_ = named or _format_of(head, text)
    _CHECKS[format_](head, text)
    return format_


def _format_of(head: bytes, text: bytes) -> Format:
    kind = _kind(text, _PACKED)
    if kind is None and (head.startswith(_UTF_16) or text.startswith(b"<")):
        return Format.XML
    if kind is None and text.startswith(b"{"):
        return Format.NDJSON
    first_line = text.partition(b"\n")[0]
    if kind is None and b"\0" not in head and (text.startswith(b"#") or b"," in first_line):
        return Format.CSV
    said = f"The file is {kind}" if kind else "The content is none of them"
    raise FileFaultError(
        Finding(
            Code.FORMAT_UNKNOWN,
            f"{said}; send XML, CSV or NDJSON and name it .xml, .csv or .ndjson.",
            1,
        )
    )


def _check_xml(head: bytes, text: bytes) -> None:
    if head.startswith(_UTF_16) or text.startswith(b"<") or not text:
        return
    kind = _kind(text, _PACKED | _JSON) or "text without tags, perhaps CSV"
    raise FileFaultError(
        Finding(Code.NOT_XML, f"The file is {kind}; send the inventory as plain XML.", 1)
    )


def _check_csv(head: bytes, text: bytes) -> None:
    kind = _kind(text, _PACKED | _JSON | {b"<": "XML"})
    if kind:
        message = f"The file is {kind}; send plain CSV, or name the file after its format."
        raise FileFaultError(Finding(Code.NOT_CSV, message, 1))
    _check_encoding(head)


def _check_ndjson(head: bytes, text: bytes) -> None:
    _check_encoding(head)
    if text.startswith(b"{") or not text:
        return
    kinds = _PACKED | {b"<": "XML", b"[": "a JSON array"}
    kind = _kind(text, kinds) or "no JSON"
    message = f"The file is {kind}; send NDJSON: one JSON object on each line."
    raise FileFaultError(Finding(Code.NOT_NDJSON, message, 1))


def _check_encoding(head: bytes) -> None:
    if head.startswith(_UTF_16) or b"\0" in head:
        message = "The file is not UTF-8 but perhaps UTF-16; write it as UTF-8."
        raise FileFaultError(Finding(Code.TEXT_ENCODING, message, 1))


def _kind(text: bytes, kinds: Mapping[bytes, str]) -> str | None:
    return next((kind for start, kind in kinds.items() if text.startswith(start)), None)


_CHECKS = {Format.XML: _check_xml, Format.CSV: _check_csv, Format.NDJSON: _check_ndjson}
