"""What changed between versions of the schema: pages, a feed, and the guides."""

import asyncio
from collections.abc import Callable, Mapping

import strawberry
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import guide_path
from api.problems import problem
from api.public_address import PLACEHOLDER, PublicAddress
from api.sdl import cached_text, definition
from schema.changelog import as_atom, as_json, as_markdown
from schema.changes import Comparison, compare_versions, successive
from schema.guides import guide
from schema.versions import Versions

_PAGES_IN_DOCS, _PAGES = "](../schema/", "](../changes/"
"""Where a guide finds the generated pages: among the documentation, and here."""
_ATOM = "application/atom+xml"
_ROOT = PLACEHOLDER.rstrip("/")
_FORMS: Mapping[str, tuple[str, Callable[[Comparison, str | None], str]]] = {
    "md": ("text/markdown", as_markdown),
    "json": ("application/json", as_json),
}


class ChangesEndpoint:
    """Answers ``/schema/changes...`` and ``/schema/migrating/...``, of all versions there were.

    Clients of a retired version need them most: the refusal they get links here.
    """

    def __init__(
        self,
        schemas: Mapping[str, strawberry.Schema],
        versions: Versions,
        retired: Mapping[str, str],
        address: PublicAddress,
    ) -> None:
        self._versions = versions
        self._address = address
        served = {name: definition(schema) for name, schema in schemas.items()}
        self._definitions = dict(sorted({**retired, **served}.items()))
        self._guides = {
            version.guide: text.replace(_PAGES_IN_DOCS, _PAGES).encode()
            for version in versions
            if version.guide and (text := guide(version.guide))
        }
        self._pages: dict[tuple[str, str, str], bytes] = {}
        self._feed = b""

    async def page(self, request: Request) -> Response:
        """Answer ``/schema/changes/<before>..<after>.<form>``."""
        name, _, form = request.path_params["page"].rpartition(".")
        before, _, after = name.partition("..")
        known = before in self._definitions and after in self._definitions
        if not known or form not in (*_FORMS, "atom"):
            return problem(
                404,
                "There is no such page: /schema/changes/OLD..NEW.md, .json or .atom.",
                versions=list(self._definitions),
            )
        key = before, after, form
        if key not in self._pages:
            self._pages[key] = await asyncio.to_thread(self._made, *key)
        if form == "atom":
            return self._atom(request, self._pages[key])
        return cached_text(request, self._pages[key], _FORMS[form][0], {})

    async def feed(self, request: Request) -> Response:
        """Answer ``/schema/changes.atom``: each version against the one before it."""
        if not self._feed:
            self._feed = await asyncio.to_thread(self._made_feed)
        return self._atom(request, self._feed)

    async def migrating(self, request: Request) -> Response:
        """Answer ``/schema/migrating/<guide>``."""
        text = self._guides.get(request.path_params["guide"])
        if text is None:
            return problem(404, "There is no such guide.", guides=list(self._guides))
        return cached_text(request, text, "text/markdown", {})

    def _made(self, before: str, after: str, form: str) -> bytes:
        comparison = compare_versions(before, after, self._definitions)
        if form == "atom":
            return as_atom([comparison], self._versions, _ROOT).encode()
        version = self._versions.get(after)
        address = version and version.guide and guide_path(version.guide)
        return _FORMS[form][1](comparison, address or None).encode()

    def _made_feed(self) -> bytes:
        return as_atom(successive(self._definitions), self._versions, _ROOT).encode()

    def _atom(self, request: Request, feed: bytes) -> Response:
        """Send a feed with the address of the service in it: readers take no relative ones."""
        root = self._address.root(request.scope).rstrip("/")
        return cached_text(request, feed.replace(_ROOT.encode(), root.encode()), _ATOM, {})
