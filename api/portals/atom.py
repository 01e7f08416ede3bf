"""The feed of releases (RFC 4287): an entry for each release, and one more for its withdrawal."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from api.portals.description import SERIES_TITLE, Description, Publisher

_ATOM = "http://www.w3.org/2005/Atom"
_TAG = "tag:cordgraph,2026"


@dataclass(frozen=True, slots=True)
class _News:
    """Something to be told: a release, or that it is gone."""

    id: str
    title: str
    when: dt.datetime
    summary: str
    release: Description


def releases_feed(releases: Sequence[Description], publisher: Publisher, root: str) -> bytes:
    """Return the feed, the newest entry first; ids never change and depend on no address.

    Args:
        releases: All releases, at least one.
        publisher: Who publishes.
        root: Address of the service, ending with a slash.
    """
    news = sorted(_news(releases), key=lambda each: (each.when, each.id), reverse=True)
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _text(feed, "id", f"{_TAG}:releases:{releases[0].identifier}")
    _text(feed, "title", f"CordGraph: {SERIES_TITLE.en}, releases")
    _text(feed, "updated", _moment(news[0].when))
    _link(feed, f"{root}releases.atom", "self", "application/atom+xml")
    _link(feed, f"{root}releases/", "alternate", "text/html")
    _link(feed, f"{root}catalog.ttl", "related", "text/turtle")
    _text(ET.SubElement(feed, "author"), "name", publisher.name)
    for each in news:
        _add_entry(feed, each, root)
    ET.indent(feed)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _news(releases: Sequence[Description]) -> Iterator[_News]:
    for release in releases:
        id_ = f"{_TAG}:{release.identifier}"
        what = f"{release.description.en} {release.notes.en}"
        yield _News(id_, f"Release {release.number}", release.published, what, release)
        if release.withdrawn_reason is not None:
            title = f"Release {release.number} was withdrawn"
            reason = release.withdrawn_reason or "No reason is given."
            yield _News(f"{id_}:withdrawn", title, release.modified, reason, release)


def _add_entry(feed: ET.Element, news: _News, root: str) -> None:
    release, entry = news.release, ET.SubElement(feed, "entry")
    page = root + release.path
    _text(entry, "id", news.id)
    _text(entry, "title", news.title)
    _text(entry, "published", _moment(news.when))
    _text(entry, "updated", _moment(news.when))
    _link(entry, page, "alternate", "text/html")
    _link(entry, release.licence.url, "license", "text/html")
    if not release.is_withdrawn:
        _link(entry, f"{page}dataset.jsonld", "describedby", "application/ld+json")
        _add_files(entry, release, page)
    _text(entry, "summary", news.summary)


def _add_files(entry: ET.Element, release: Description, page: str) -> None:
    """Link the units in each format, as enclosures with their sizes."""
    for name in ("units.parquet", "units.csv.gz", "units.jsonl.gz"):
        file = release.files.get(name)
        if file is not None:
            link = _link(entry, page + name, "enclosure", file.media_type)
            link.set("length", str(file.bytes))


def _moment(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _link(parent: ET.Element, address: str, relation: str, media_type: str) -> ET.Element:
    attributes = {"rel": relation, "type": media_type, "href": address}
    return ET.SubElement(parent, "link", attributes)
