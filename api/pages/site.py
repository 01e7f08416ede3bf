"""Renders pages, keeps them for as long as the data stay, and answers with them."""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from functools import partial
from http import HTTPStatus

import strawberry
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from api.coding import INLINE_BYTES
from api.endpoint.freshness import Freshness
from api.negotiation import MediaType
from api.pages.asking import Asking
from api.pages.directory import PAGES
from api.pages.language import Language
from api.pages.lost import lost_page
from api.pages.page import Page
from api.pages.pictures.endpoint import PictureEndpoint
from api.pages.pictures.gallery import Gallery
from api.pages.plain import PlainTexts
from api.pages.reply import NOWHERE, PAGE, POLICY, send
from api.pages.static_files import answer_icon, answer_static
from api.pages.templates import environment
from api.pages.view import NoSuchPageError, Sources, View
from api.portals.description import Publisher
from api.public_address import PublicAddress
from schema.build import build_schema
from schema.versions import Versions

_KEPT_PAGES = 500
_RELEASES, _RELEASE = (
    next(page for page in PAGES if page.name == name) for name in ("releases", "release")
)
_HEADERS = {"Content-Security-Policy": POLICY, "Vary": "Accept, Accept-Encoding"}


class Site:
    """The pages, in all languages."""

    def __init__(
        self,
        schemas: Mapping[str, strawberry.Schema],
        versions: Versions,
        retired: Mapping[str, str],
        quota: int,
        publisher: Publisher,
        address: PublicAddress,
    ) -> None:
        newest = versions.newest.name
        # Pages ask for what is newest, also where only other versions are served.
        asking = Asking(schemas.get(newest) or build_schema(newest))
        self._sources = Sources(asking, schemas, retired, versions, quota, publisher)
        self._address = address
        self._plain = PlainTexts(versions, self._origin, publisher.contact)
        self._gallery = Gallery()
        self._pictures = PictureEndpoint(self._sources, self._gallery)
        self._kept: OrderedDict[tuple[str, Language, str], bytes] = OrderedDict()

    def routes(self) -> list[BaseRoute]:
        """Return the routes of all pages but the English home, which shares its address."""
        found: list[BaseRoute] = [
            Route("/static/{name}", answer_static),
            Route("/favicon.ico", answer_icon),
            Route("/pictures/{number}/{file}", self._pictures.answer),
            Route("/zh", _to("/zh/")),
            *self._plain.routes(),
        ]
        for page in PAGES:
            for language in Language:
                if (page.path, language) != ("/", Language.EN):
                    found.append(Route(language.path(page.path), self.endpoint(page, language)))
                    found.extend(_twin(language.path(page.path)))
        return found

    def endpoint(
        self, page: Page, language: Language
    ) -> partial[Coroutine[object, object, Response]]:
        """Return what answers at the address of a page in one language."""
        return partial(self._answer, page, language)

    async def home(self, request: Request) -> Response:
        """Answer with the English home page."""
        return await self._answer(PAGES[0], Language.EN, request)

    async def releases(self, request: Request) -> Response:
        """Answer with the English page of all releases."""
        return await self._answer(_RELEASES, Language.EN, request)

    async def release(self, request: Request, number: str) -> Response:
        """Answer with the English page of a release, or with one that says why there is none."""
        request.scope["path_params"] = {"number": number}
        return await self._answer(_RELEASE, Language.EN, request)

    def addresses(self, request: Request) -> list[str]:
        """Return the paths of all pages that there are now, in all languages."""
        view = self._sources.view(request, Language.EN, "/")
        every = [path for page in PAGES for path in page.addresses(view)]
        return [language.path(path) for path in every for language in Language]

    async def _answer(self, page: Page, language: Language, request: Request) -> Response:
        path = page.path.format_map(request.path_params)
        try:
            view = self._sources.view(request, language, path)
            body = await self._page(page, view)
        except NoSuchPageError as error:
            return lost_page(request, error.status, error.reason)
        except ConnectionError:
            return lost_page(request, HTTPStatus.SERVICE_UNAVAILABLE)
        return await self._sent(request, body)

    async def _page(self, page: Page, view: View) -> bytes:
        """Return a page, rendered once for each state of the data."""
        key = view.catalogue.fingerprint, view.language, view.path
        kept = self._kept.get(key)
        if kept is None:
            context = await page.make(view)
            pictures = context.get("pictures")
            if isinstance(pictures, list) and pictures:
                self._gallery.begin(view, pictures[0].release)
            kept = await asyncio.to_thread(_rendered, page, view, context)
            self._kept[key] = kept
            while len(self._kept) > _KEPT_PAGES:
                self._kept.popitem(last=False)
        return kept

    async def _sent(self, request: Request, body: bytes) -> Response:
        shown = body.replace(NOWHERE.encode(), self._origin(request).encode())
        # What names the client's own Host must not be kept for others.
        cache = PAGE if self._address.is_set else Freshness.CURRENT
        sending = partial(send, request, shown, MediaType.HTML, cache=cache, headers=_HEADERS)
        return await asyncio.to_thread(sending) if len(shown) > INLINE_BYTES else sending()

    def _origin(self, request: Request) -> str:
        return self._address.root(request.scope).rstrip("/")


def _rendered(page: Page, view: View, context: Mapping[str, object]) -> bytes:
    template = environment(view.language).get_template(f"{page.name}.html")
    latest = view.latest
    return template.render(page=page.name, path=view.path, latest=latest, **context).encode()


def _twin(path: str) -> list[BaseRoute]:
    """Return a redirection from the same address with a slash more or less at its end."""
    twin = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    return [Route(twin, _to_twin)] if twin not in ("", "/zh") else []


async def _to_twin(request: Request) -> Response:
    path = request.url.path
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    return RedirectResponse(other, 308)


def _to(path: str) -> partial[Coroutine[object, object, Response]]:
    async def answer(_request: Request) -> Response:
        return RedirectResponse(path, 308)

    return partial(answer)
