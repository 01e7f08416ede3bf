"""The documents for portals: each is made once for a state of the data, and kept."""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.files.representation import Representation
from api.portals.atom import releases_feed
from api.portals.croissant import croissant
from api.portals.dcat import Catalog
from api.portals.description import Description, Publisher, describe
from api.portals.rdf_forms import FORMS
from api.portals.schema_org import dataset
from api.portals.sitemap import sitemap
from api.public_address import PLACEHOLDER
from loaders.catalogue import Catalogue

_MOST_RENDERED = 32
"""Documents that are kept with an address in them; clients may ask under many names."""
_UTF8 = "; charset=utf-8"

RELEASE_DOCUMENTS = {
    "croissant.json": "application/ld+json",
    "dataset.jsonld": "application/ld+json",
}
"""What is made for each release, with the media types."""


class NothingPublishedError(Exception):
    """There is no release; an empty catalogue would have its copies elsewhere emptied."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is sent."""

    about: Representation
    body: bytes


class Documents:
    """Makes documents and keeps them while the data stay the same.

    They are made with a placeholder for the root, which is put in when they are sent: so a client
    that asks under many names costs no more than a replacement.
    """

    def __init__(self, publisher: Publisher, version: str) -> None:
        """Make documents of what ``publisher`` publishes.

        Args:
            publisher: Who publishes.
            version: Version of the schema by which the endpoint is described.
        """
        self._publisher = publisher
        self._version = version
        self._fingerprint: str | None = None
        self._releases: list[Description] = []
        self._made: dict[str, bytes] = {}
        self._rendered: OrderedDict[tuple[str, str], Document] = OrderedDict()
        self._lock = asyncio.Lock()

    async def catalog(self, catalogue: Catalogue, media_type: str, root: str) -> Document:
        """Return the DCAT-AP catalogue.

        Args:
            catalogue: What is published.
            media_type: One of `rdf_forms.FORMS`.
            root: Address of the service, ending with a slash.

        Raises:
            NothingPublishedError: There is no release.
        """

        def make() -> bytes:
            graph = Catalog(PLACEHOLDER, self._publisher, self._version).graph(self._releases)
            return FORMS[media_type](graph)

        charset = "" if media_type == "application/ld+json" else _UTF8
        return await self._get(catalogue, media_type, make, media_type + charset, root)

    async def feed(self, catalogue: Catalogue, root: str) -> Document:
        """Return the feed of releases; arguments and errors as `catalog`."""

        def make() -> bytes:
            return releases_feed(self._releases, self._publisher, PLACEHOLDER)

        return await self._get(catalogue, "feed", make, "application/atom+xml" + _UTF8, root)

    async def sitemap(
        self, catalogue: Catalogue, root: str, pages: Callable[[], Sequence[str]]
    ) -> Document:
        """Return the sitemap of ``pages``, which returns their paths; else as `catalog`."""

        def make() -> bytes:
            return sitemap(self._releases, pages(), PLACEHOLDER)

        return await self._get(catalogue, "sitemap", make, "application/xml" + _UTF8, root, least=0)

    async def of_release(self, catalogue: Catalogue, number: int, name: str, root: str) -> Document:
        """Return the document ``name`` of `RELEASE_DOCUMENTS` of a release that can be read."""
        make_one = croissant if name == "croissant.json" else dataset

        def make() -> bytes:
            release = next(each for each in self._releases if each.number == number)
            made = make_one(release, self._publisher, PLACEHOLDER)
            return json.dumps(made, ensure_ascii=False, indent=1).encode() + b"\n"

        return await self._get(catalogue, f"{number}/{name}", make, RELEASE_DOCUMENTS[name], root)

    async def _get(
        self,
        catalogue: Catalogue,
        name: str,
        make: Callable[[], bytes],
        media_type: str,
        root: str,
        least: int = 1,
    ) -> Document:
        """Return the document ``name`` with ``root`` put in, made if it is not kept."""
        async with self._lock:
            if self._fingerprint != catalogue.fingerprint:
                self._releases = await asyncio.to_thread(describe, catalogue)
                self._made.clear()
                self._rendered.clear()
                self._fingerprint = catalogue.fingerprint
            if len(self._releases) < least:
                raise NothingPublishedError
            if name not in self._made:
                self._made[name] = await asyncio.to_thread(make)
            return self._render(name, media_type, root)

    def _render(self, name: str, media_type: str, root: str) -> Document:
        key = name, root
        found = self._rendered.get(key)
        if found is None:
            body = self._made[name].replace(PLACEHOLDER.encode(), root.encode())
            sha256 = hashlib.sha256(body).hexdigest()
            found = Document(Representation(media_type, len(body), sha256), body)
            self._rendered[key] = found
            if len(self._rendered) > _MOST_RENDERED:
                self._rendered.popitem(last=False)
        else:
            self._rendered.move_to_end(key)
        return found
