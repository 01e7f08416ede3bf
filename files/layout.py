"""Where each file of a release lies, below the root of the store and of every mirror.

```text
minisign.pub                          the key that signs new releases; the only file that may change
releases/<n>/units.parquet .csv.gz .jsonl.gz         and the same three of every other table
releases/<n>/batches/<n>/units.parquet .csv.gz .jsonl.gz    the units that release n added
releases/<n>/release.json             what else the open zone says; see `files.release_document`
releases/<n>/datapackage.json         the tables described; see `files.data_package`
releases/<n>/README.md  CHANGES.md  LICENSE
releases/<n>/minisign.pub             the key that signed this release
releases/<n>/manifest.json            every file above; see `files.manifest`
releases/<n>/SHA256SUMS               every file above, for ``sha256sum -c``
releases/<n>/SHA256SUMS.minisig       its signature
```

Paths that are stored or listed are relative to the folder of the release.
"""

import re
from enum import StrEnum

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.minisig"
PUBLIC_KEY = "minisign.pub"
RELEASE = "release.json"
DATA_PACKAGE = "datapackage.json"
README = "README.md"
CHANGES = "CHANGES.md"
LICENCE = "LICENSE"

LONGEST_PATH = 200
_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,5}}", re.ASCII)


class Format(StrEnum):
    """What a table is written as; the value is the end of the file's name."""

    PARQUET = "parquet"
    CSV = "csv.gz"
    JSONL = "jsonl.gz"


MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "gz": "application/gzip",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "ttl": "text/turtle; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}
"""By the last part of a file's name; all others are plain text."""

PLAIN_TEXT = "text/plain; charset=utf-8"


def media_type(path: str) -> str:
    """Return the media type of the file at ``path``; compressed files are what they are."""
    return MEDIA_TYPES.get(path.rpartition("/")[2].rpartition(".")[2], PLAIN_TEXT)


def folder(release: int) -> str:
    """Return the folder of ``release`` below the root, without a slash at its end."""
    return f"releases/{release}"


def stored(release: int, path: str) -> str:
    """Return where the file at ``path`` of ``release`` lies below the root."""
    return f"{folder(release)}/{path}"


def table_file(table: str, written_as: Format) -> str:
    """Return the path of a table inside the folder of its release."""
    return f"{table}.{written_as.value}"


def batch_file(release: int, table: str, written_as: Format) -> str:
    """Return the path of what ``release`` alone added to ``table``, inside its folder."""
    return f"batches/{release}/{table}.{written_as.value}"


def is_safe(path: str) -> bool:
    """Tell whether ``path`` is plain: ASCII, relative, no hidden name, no way out of its folder."""
    return len(path) <= LONGEST_PATH and _PATH.fullmatch(path) is not None
