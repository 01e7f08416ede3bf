"""Folders as pages: HTML with plain relative links for people, wget and rclone; and JSON."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import orjson

from loaders.releases import ReleaseFileRecord, ReleaseList, ReleaseRecord

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
{head}</head>
<body>
<h1>{title}</h1>
{body}</body>
</html>
"""


def releases_html(releases: ReleaseList) -> bytes:
    """Return the page of all releases, the newest first; withdrawn ones have no link."""
    items = []
    for record in reversed(releases.records):
        shown = f"{record.published_at:%Y-%m-%d}, {record.unit_count:,} units"
        if record.withdrawn_at is None:
            items.append(f'<li><a href="{record.number}/">{record.number}/</a> {shown}</li>')
        else:
            gone = f"{record.withdrawn_at:%Y-%m-%d}: {record.withdrawn_reason}"
            items.append(f"<li>{record.number}/ withdrawn on {escape(gone)}</li>")
    return _page("Releases", _list(items) if items else "<p>Nothing has been published yet.</p>\n")


def folder_html(
    record: ReleaseRecord, folder: str, entries: Sequence["Entry"], head: str = ""
) -> bytes:
    """Return the page of a folder of a release.

    Args:
        record: The release.
        folder: Inside the folder of the release, with a slash at its end; empty for that itself.
        entries: What is in it.
        head: HTML for the head of the page.
    """
    items = ['<li><a href="../">../</a></li>']
    for entry in entries:
        name = escape(entry.name)
        items.append(f'<li><a href="{name}">{name}</a> {escape(entry.about)}</li>')
    return _page(f"Release {record.number} {folder}".rstrip(), _list(items), head)


class Entry:
    """A file or folder in a folder.

    Attributes:
        name: Its name; a folder's ends with a slash.
        about: A few words on it.
    """

    def __init__(self, name: str, about: str = "") -> None:
        self.name = name
        self.about = about


def entries_of(
    files: Iterable[ReleaseFileRecord], folder: str, made: Mapping[str, str]
) -> list[Entry]:
    """Return what is in ``folder``, folders as one entry each, in the order of their names.

    Args:
        files: The files of a release.
        folder: Inside the folder of the release, with a slash at its end; empty for that itself.
        made: Descriptions that the service makes, with their media types.
    """
    found = {name: Entry(name, f"{kind}, made by this service") for name, kind in made.items()}
    for file in files:
        if file.path.startswith(folder):
            name, slash, _ = file.path[len(folder) :].partition("/")
            about = "" if slash else f"{file.bytes:,} bytes, {file.media_type.partition(';')[0]}"
            found.setdefault(name + slash, Entry(name + slash, about))
    return [found[name] for name in sorted(found)]


def releases_json(releases: ReleaseList) -> bytes:
    """Return the list of all releases, the oldest first."""
    latest = releases.latest
    shown = {
        "latest": None if latest is None else latest.number,
        "releases": [_release(record) for record in releases.records],
    }
    return orjson.dumps(shown)


def folder_json(
    record: ReleaseRecord, files: Iterable[ReleaseFileRecord], folder: str, made: Mapping[str, str]
) -> bytes:
    """Return a release with its files below ``folder``.

    Args:
        record: The release.
        files: Its files.
        folder: Inside the folder of the release, with a slash at its end; empty for that itself.
        made: Descriptions that the service makes, with their media types.
    """
    shown = {
        **_release(record),
        "folder": folder,
        "files": [_file(file) for file in files if file.path.startswith(folder)],
        "descriptions": [{"path": path, "mediaType": kind} for path, kind in made.items()],
    }
    return orjson.dumps(shown)


def _release(record: ReleaseRecord) -> dict[str, object]:
    gone = record.withdrawn_at
    return {
        "number": record.number,
        "path": f"releases/{record.number}/",
        "publishedAt": record.published_at,
        "synthetic": record.synthetic,
        "licence": record.licence,
        "unitCount": record.unit_count,
        "digest": record.digest,
        "withdrawnAt": gone,
        "withdrawnReason": record.withdrawn_reason,
    }


def _file(file: ReleaseFileRecord) -> dict[str, object]:
    return {
        "path": file.path,
        "mediaType": file.media_type,
        "bytes": file.bytes,
        "rows": file.rows,
        "sha256": file.sha256,
    }


def _list(items: Iterable[str]) -> str:
    return "<ul>\n" + "\n".join(items) + "\n</ul>\n"


def _page(title: str, body: str, head: str = "") -> bytes:
    return _PAGE.format(title=escape(title), head=head, body=body).encode()
