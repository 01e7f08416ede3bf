"""The addresses for portals: the catalogue, the feed of releases, the sitemap."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from api.files.content import Memory
from api.files.delivery import deliver
from api.negotiation import MediaType, preferred
from api.newest import StaleError
from api.portals.documents import Document, Documents, NothingPublishedError
from api.problems import problem
from api.public_address import PublicAddress
from loaders.catalogue import Catalogue

CATALOG_FORMS: Mapping[str, MediaType] = MappingProxyType(
    {
        "ttl": MediaType.TURTLE,
        "jsonld": MediaType.JSON_LD,
        "rdf": MediaType.RDF_XML,
    }
)
"""The media types of the catalogue by the end of its address; the first is preferred."""

CURRENT = "public, no-cache"
"""May change with the next release: kept, but asked for each time."""
_AWAY = {"Cache-Control": "no-store", "Retry-After": "5"}
_EMPTY = {"Cache-Control": "no-store", "Retry-After": "3600"}

Made = Callable[[Catalogue, str], Awaitable[Document]]


class PortalsEndpoint:
    """Answers ``/catalog...``, ``/releases.atom``, ``/sitemap.xml`` and ``/robots.txt``."""

    def __init__(
        self,
        documents: Documents,
        address: PublicAddress,
        pages: Callable[[Request], Sequence[str]],
    ) -> None:
        """Answer with ``documents`` under ``address``; ``pages`` returns the paths of all pages."""
        self._documents = documents
        self._address = address
        self._pages = pages

    async def catalog(self, request: Request) -> Response:
        """Answer ``/catalog`` in the form that ``Accept`` asks for."""
        accept = ", ".join(request.headers.getlist("accept"))
        chosen = preferred(accept, tuple(CATALOG_FORMS.values()))
        forms = {f"/catalog.{end}": str(each) for end, each in CATALOG_FORMS.items()}
        if chosen is None:
            detail = "The catalogue is there as Turtle, JSON-LD and RDF/XML."
            return problem(406, detail, headers={"Vary": "Accept"}, forms=forms)
        end = next(end for end, each in CATALOG_FORMS.items() if each is chosen)
        headers = {"Vary": "Accept", "Content-Location": f"catalog.{end}"}
        return await self._catalog(request, chosen, headers)

    async def catalog_form(self, request: Request) -> Response:
        """Answer ``/catalog.<end>``."""
        form = CATALOG_FORMS.get(request.path_params["end"])
        if form is None:
            ends = ", ".join(f"/catalog.{end}" for end in CATALOG_FORMS)
            return problem(404, f"There is no such form of the catalogue, but {ends}.")
        return await self._catalog(request, form, {})

    async def feed(self, request: Request) -> Response:
        """Answer ``/releases.atom``."""
        return await self._answer(request, self._documents.feed, {})

    async def sitemap(self, request: Request) -> Response:
        """Answer ``/sitemap.xml``."""

        async def make(catalogue: Catalogue, root: str) -> Document:
            return await self._documents.sitemap(catalogue, root, partial(self._pages, request))

        return await self._answer(request, make, {})

    async def robots(self, request: Request) -> Response:
        """Answer ``/robots.txt``: everything may be read, and the sitemap says what there is."""
        root = self._address.root(request.scope)
        text = f"User-agent: *\nDisallow:\nSitemap: {root}sitemap.xml\n"
        return Response(text, headers={"Cache-Control": CURRENT}, media_type="text/plain")

    async def _catalog(
        self, request: Request, form: MediaType, headers: Mapping[str, str]
    ) -> Response:
        async def make(catalogue: Catalogue, root: str) -> Document:
            return await self._documents.catalog(catalogue, form.value, root)

        links = ", ".join(
            f'<catalog.{end}>; rel="alternate"; type="{each}"'
            for end, each in CATALOG_FORMS.items()
            if each is not form
        )
        return await self._answer(request, make, {**headers, "Link": links})

    async def _answer(self, request: Request, make: Made, headers: Mapping[str, str]) -> Response:
        try:
            catalogue: Catalogue = request.state.newest.catalogue
        except StaleError:
            return data_away()
        try:
            document = await make(catalogue, self._address.root(request.scope))
        except NothingPublishedError:
            detail = "Nothing has been published yet. What you copied from elsewhere is still true."
            return problem(503, detail, headers=_EMPTY)
        every = {"Cache-Control": CURRENT, **headers}
        return deliver(request, document.about, Memory(document.body), every)


def data_away() -> Response:
    """Return the answer while the database has not been seen for too long."""
    detail = "The data cannot be reached at the moment. Try again in a few seconds."
    return problem(503, detail, headers=_AWAY)
