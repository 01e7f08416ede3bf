"""The manifest of a release: every file with its size and hash, and the manifest before it."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

from files.layout import is_safe

FORMAT = "cordgraph-manifest-1"

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST = 2**63 - 1
_MOST_FILES = 10_000
_LONGEST_TEXT = 1_000
ValueT = TypeVar("ValueT")


class InvalidManifestError(ValueError):
    """A text that is no manifest; the message names the field and the rule."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a release.

    Attributes:
        path: Inside the folder of the release.
        media_type: As it is served.
        bytes: Its size.
        rows: Rows of data in it, or ``None`` where it holds no table.
        sha256: Of its bytes, in lower-case hexadecimal.
        table: Name of the published table of which it holds rows, or ``None``.
    """

    path: str
    media_type: str
    bytes: int
    rows: int | None
    sha256: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before, and the hash of its manifest."""

    release: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How much a release holds."""

    units: int
    added: int
    withdrawn: int
    banks: int
    classes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says.

    Attributes:
        release: Number of the release.
        scheme: Number of the scheme of its batch.
        schema_version: Version of the description of the tables (`domain.tables`).
        digest: Digest of the release; see docs/digest.md.
        licence: Of the data, as an SPDX identifier.
        synthetic: Whether the release says that it holds made-up data.
        published_at: When it was published.
        totals: How much it holds.
        previous: The newest earlier release that has files, or ``None`` for the first: its
            manifest names the one before it, and so on, which makes a chain.
        files: All files of the folder but the manifest, SHA256SUMS and its signature, by path.
    """

    release: int
    scheme: int
    schema_version: str
    digest: str
    licence: str
    synthetic: bool
    published_at: dt.datetime
    totals: Totals
    previous: Previous | None
    files: tuple[FileEntry, ...]

    def file(self, path: str) -> FileEntry | None:
        """Return the entry of ``path``, or ``None``."""
        return next((entry for entry in self.files if entry.path == path), None)

    def to_bytes(self) -> bytes:
        """Return the content of ``manifest.json``; equal manifests are equal bytes."""
        return as_json(
            {
                "format": FORMAT,
                "release": self.release,
                "scheme": self.scheme,
                "schema_version": self.schema_version,
                "digest": self.digest,
                "licence": self.licence,
                "synthetic": self.synthetic,
                "published_at": instant_text(self.published_at),
                "totals": {name: getattr(self.totals, name) for name in Totals.__slots__},
                "previous": self.previous
                and {
                    "release": self.previous.release,
                    "manifest_sha256": self.previous.manifest_sha256,
                },
                "files": [_entry_json(entry) for entry in self.files],
            }
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "Manifest":
        """Read ``manifest.json``; whoever wrote it may be hostile.

        Fields that are not known are passed over, so that later versions can add some.

        Raises:
            InvalidManifestError: It is none.
        """
        given = parse_json(content, FORMAT)
        totals = field(given, "totals", dict)
        previous = given.get("previous")
        files = tuple(_entry(row) for row in field(given, "files", list))
        _check_files(files)
        return cls(
            release=number(given, "release", least=1),
            scheme=number(given, "scheme", least=1),
            schema_version=text(given, "schema_version"),
            digest=hash_of(given, "digest"),
            licence=text(given, "licence"),
            synthetic=field(given, "synthetic", bool),
            published_at=instant(given, "published_at"),
            totals=Totals(*(number(totals, name) for name in Totals.__slots__)),
            previous=None if previous is None else _previous(given),
            files=files,
        )


def sums_text(entries: Sequence[tuple[str, str]]) -> bytes:
    """Return the content of SHA256SUMS for pairs of path and hash, in the order of the paths."""
    return "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(entries)).encode("ascii")


def read_sums(content: bytes) -> dict[str, str]:
    """Return path -> hash of SHA256SUMS.

    Raises:
        InvalidManifestError: A line is not a hash, two spaces and a plain path, or a path comes
            twice.
    """
    found: dict[str, str] = {}
    try:
        lines = content.decode("ascii").splitlines()
    except UnicodeDecodeError:
        raise InvalidManifestError("SHA256SUMS is not ASCII") from None
    for place, line in enumerate(lines, 1):
        sha256, _, path = line.partition("  ")
        if not _HASH.fullmatch(sha256) or not is_safe(path):
            raise InvalidManifestError(
                f"SHA256SUMS, line {place} is not a SHA-256, two spaces and a plain path"
            )
        if path in found:
            raise InvalidManifestError(f"SHA256SUMS, line {place} names {path} again")
        found[path] = sha256
    return found


def as_json(value: object) -> bytes:
    """Return ``value`` as the JSON of all our files: UTF-8, indented, one line feed at the end."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def instant_text(at: dt.datetime) -> str:
    """Return ``at`` in UTC to the microsecond, as ``2026-10-01T12:00:00.000000Z``."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_json(content: bytes, form: str) -> Mapping[str, Any]:
    """Return the object of a JSON file whose ``format`` must be ``form``.

    Raises:
        InvalidManifestError: It is another one, or no JSON object in UTF-8.
    """
    try:
        given = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidManifestError(f"it is no JSON: {error}") from None
    if not _is_object(given) or given.get("format") != form:
        raise InvalidManifestError(f"format: it must be {form}")
    return given


def field(given: Mapping[str, Any], name: str, kind: type[ValueT]) -> ValueT:
    """Return the field ``name``, or raise ``InvalidManifestError`` unless it is of ``kind``."""
    value = given.get(name)
    if type(value) is not kind:
        raise InvalidManifestError(f"{name}: {shown(value)} is not of type {kind.__name__}")
    return value


def number(given: Mapping[str, Any], name: str, least: int = 0) -> int:
    """Return the whole number ``name``, or raise ``InvalidManifestError``."""
    value = field(given, name, int)
    if not least <= value <= _MOST:
        raise InvalidManifestError(f"{name}: {shown(value)} is not a whole number from {least} on")
    return value


def text(given: Mapping[str, Any], name: str) -> str:
    """Return the printable text ``name``, or raise ``InvalidManifestError``."""
    value = field(given, name, str)
    if not 1 <= len(value) <= _LONGEST_TEXT or not value.isprintable():
        raise InvalidManifestError(f"{name}: {shown(value)} is not a short printable text")
    return value


def hash_of(given: Mapping[str, Any], name: str) -> str:
    """Return the SHA-256 ``name``, or raise ``InvalidManifestError``."""
    value = field(given, name, str)
    if not _HASH.fullmatch(value):
        raise InvalidManifestError(f"{name}: {shown(value)} is not 64 lower-case hex digits")
    return value


def instant(given: Mapping[str, Any], name: str) -> dt.datetime:
    """Return the instant ``name``, or raise ``InvalidManifestError``."""
    value = field(given, name, str)
    try:
        at = dt.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)
    except ValueError:
        at = None
    if at is None or instant_text(at) != value:
        raise InvalidManifestError(f"{name}: {shown(value)} is not an instant in UTC")
    return at


def shown(value: object) -> str:
    """Return a value of somebody else's file as it may stand in a message: short, printable."""
    written = ascii(value)
    return written if len(written) <= 60 else f"{written[:57]}..."  # noqa: PLR2004


def _entry_json(entry: FileEntry) -> dict[str, object]:
    written: dict[str, object] = {
        "path": entry.path,
        "media_type": entry.media_type,
        "bytes": entry.bytes,
        "rows": entry.rows,
        "sha256": entry.sha256,
    }
    if entry.table is not None:
        written["table"] = entry.table
    return written


def _entry(row: object) -> FileEntry:
    if not _is_object(row):
        raise InvalidManifestError(f"files: {shown(row)} is not an object")
    path = text(row, "path")
    if not is_safe(path):
        raise InvalidManifestError(f"files: {shown(path)} is not a plain path inside the release")
    return FileEntry(
        path=path,
        media_type=text(row, "media_type"),
        bytes=number(row, "bytes"),
        rows=None if row.get("rows") is None else number(row, "rows"),
        sha256=hash_of(row, "sha256"),
        table=None if row.get("table") is None else text(row, "table"),
    )


def _check_files(files: Sequence[FileEntry]) -> None:
    paths = [entry.path for entry in files]
    if len(paths) > _MOST_FILES:
        raise InvalidManifestError(f"files: {len(paths)} files are more than {_MOST_FILES}")
    if paths != sorted(set(paths)):
        raise InvalidManifestError("files: they are not in the order of their paths, each once")


def _previous(given: Mapping[str, Any]) -> Previous:
    previous = field(given, "previous", dict)
    before = number(previous, "release", least=1)
    if before >= number(given, "release"):
        raise InvalidManifestError(f"previous: release {before} is not an earlier one")
    return Previous(before, hash_of(previous, "manifest_sha256"))


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
