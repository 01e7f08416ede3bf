"""The changes between versions as pages: Markdown, JSON and Atom."""

import datetime as dt
import json
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from schema.changes import MEANINGS, Comparison, Severity
from schema.versions import Version, Versions

_ATOM = "http://www.w3.org/2005/Atom"
_TAG = "tag:cordgraph,2026:schema"


def as_markdown(comparison: Comparison, guide: str | None = None) -> str:
    """Return a page of the changes; ``guide`` is the address of the guide to them."""
    before, after = comparison.before, comparison.after
    lines = [f"# Schema {before} to {after}", ""]
    if guide:
        lines += [f"What to do about it: [the guide to {after}]({guide}).", ""]
    for severity in Severity:
        changes = comparison.of(severity)
        if changes:
            lines += [f"## {severity.value.capitalize()}: {MEANINGS[severity]}", ""]
            lines += [f"- `{each.coordinate}`: {each.description}" for each in changes]
            lines.append("")
    if not comparison.changes:
        lines += ["Nothing changed.", ""]
    return "\n".join(lines)


def as_json(comparison: Comparison, guide: str | None = None) -> str:
    """Return the changes as a JSON object with ``from``, ``to``, ``guide`` and ``changes``."""
    page = {
        "from": comparison.before,
        "to": comparison.after,
        "guide": guide,
        "counts": {severity.value: len(comparison.of(severity)) for severity in Severity},
        "changes": [change.as_json() for change in comparison.changes],
    }
    return json.dumps(page, indent=2, ensure_ascii=False) + "\n"


def as_atom(comparisons: Sequence[Comparison], versions: Versions, root: str = "") -> str:
    """Return a feed (RFC 4287) with an entry for each comparison, the newest first.

    Args:
        comparisons: Each with the version before it, oldest first.
        versions: Where the versions stand, and when they open.
        root: Address of the service, without the last slash; empty leaves links relative.
    """
    ET.register_namespace("", _ATOM)
    feed = ET.Element(_name("feed"))
    newest = max(_updated(version) for version in versions)
    _text(feed, "id", f"{_TAG}:changes")
    _text(feed, "title", "CordGraph: changes of the schema")
    _text(feed, "updated", newest)
    _link(feed, f"{root}/schema/changes.atom", "self", "application/atom+xml")
    _text(ET.SubElement(feed, _name("author")), "name", "CordGraph")
    for comparison in reversed(comparisons):
        version = versions.get(comparison.after)
        if version is not None:
            _entry(feed, comparison, version, root)
    ET.indent(feed)
    text = ET.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _entry(feed: ET.Element, comparison: Comparison, version: Version, root: str) -> None:
    entry = ET.SubElement(feed, _name("entry"))
    _text(entry, "id", f"{_TAG}:{comparison.name}")
    _text(entry, "title", f"Schema {comparison.after} ({version.status.name.lower()})")
    _text(entry, "updated", _updated(version))
    page = f"{root}/schema/changes/{comparison.name}"
    _link(entry, f"{page}.md", "alternate", "text/markdown")
    _link(entry, f"{page}.json", "alternate", "application/json")
    if version.guide:
        _link(entry, f"{root}/schema/migrating/{version.guide}", "related", "text/markdown")
    counted = [
        f"{len(comparison.of(severity))} {severity.value}"
        for severity in Severity
        if comparison.of(severity)
    ]
    _text(entry, "summary", f"Since {comparison.before}: {', '.join(counted) or 'no changes'}.")
    content = _text(entry, "content", as_markdown(comparison))
    content.set("type", "text")


def _updated(version: Version) -> str:
    """Return the last date in a version's life, as midnight UTC."""
    dates: list[dt.date] = [version.opens]
    dates += [each for each in (version.deprecated_since,) if each]
    return f"{max(dates).isoformat()}T00:00:00Z"


def _name(tag: str) -> str:
    return f"{{{_ATOM}}}{tag}"


def _text(parent: ET.Element, tag: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, _name(tag))
    child.text = text
    return child


def _link(parent: ET.Element, address: str, relation: str, media_type: str) -> None:
    attributes = {"rel": relation, "type": media_type, "href": address}
    ET.SubElement(parent, _name("link"), attributes)
