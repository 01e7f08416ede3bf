"""The sitemap (https://www.sitemaps.org/protocol.html): pages that search engines should know."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from api.portals.description import Description

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(releases: Sequence[Description], pages: Sequence[str], root: str) -> bytes:
    """Return the sitemap; a page of a release says when it was published.

    Args:
        releases: All releases; perhaps none.
        pages: Paths of all pages, beginning with a slash.
        root: Address of the service, ending with a slash.
    """
    dates = {f"/{each.path}": each.published.strftime("%Y-%m-%d") for each in releases}
    top = ET.Element("urlset", {"xmlns": _NAMESPACE})
    for page in pages:
        _add(top, root + page.removeprefix("/"), dates.get(page.removeprefix("/zh")))
    ET.indent(top)
    written: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _add(top: ET.Element, address: str, changed: str | None) -> None:
    entry = ET.SubElement(top, "url")
    ET.SubElement(entry, "loc").text = address
    if changed is not None:
        ET.SubElement(entry, "lastmod").text = changed
