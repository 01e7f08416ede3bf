"""The addresses below ``/releases/``: folders as pages, files as they were published."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from api.endpoint.freshness import Freshness
from api.files.checked import CheckedFiles, NotPublishedError
from api.files.content import Memory
from api.files.delivery import deliver, without_body
from api.files.downloads import Downloads
from api.files.links import link_header
from api.files.listing import entries_of, folder_html, folder_json, releases_html, releases_json
from api.files.representation import Representation
from api.negotiation import MediaType, preferred
from api.newest import StaleError
from api.pages.lost import lost_page, wants_page
from api.pages.site import Site
from api.portals.documents import RELEASE_DOCUMENTS, Document, Documents
from api.portals.endpoint import CURRENT, data_away
from api.portals.schema_org import embedded
from api.problems import problem
from api.public_address import PublicAddress
from files.layout import PLAIN_TEXT
from loaders.catalogue import Catalogue
from loaders.releases import ReleaseFileRecord, ReleaseRecord
from schema.tombstone import tombstone

LATEST = "latest"
"""Stands for the number of the newest release that is not withdrawn."""
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_NOT_KEPT = {"Cache-Control": "no-store"}
_AWAY = {**_NOT_KEPT, "Retry-After": "60"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A release that can be read, and a path inside its folder."""

    request: Request
    catalogue: Catalogue
    release: ReleaseRecord
    path: str

    @property
    def files(self) -> Sequence[ReleaseFileRecord]:
        return self.catalogue.files(self.release.number)

    def has_folder(self, folder: str) -> bool:
        """Tell whether there are files below ``folder``, which ends with a slash."""
        return any(file.path.startswith(folder) for file in self.files)

    def headers(self) -> dict[str, str]:
        return {"Link": link_header(self.catalogue, self.release, self.path)}


class ReleasesEndpoint:
    """Answers ``/releases/...``.

    A path is looked up among what the database recorded, and never made part of a file's name: so
    there is nothing to climb out of.
    """

    def __init__(
        self,
        files: CheckedFiles,
        downloads: Downloads,
        documents: Documents,
        address: PublicAddress,
        site: Site,
    ) -> None:
        self._files = files
        self._downloads = downloads
        self._documents = documents
        self._address = address
        self._site = site

    async def bare(self, _request: Request) -> Response:
        """Answer ``/releases``."""
        return _moved("releases/")

    async def key(self, request: Request) -> Response:
        """Answer ``/minisign.pub``: the key that signs new releases, for who mirrors all of it."""
        try:
            body = await self._files.public_key()
        except NotPublishedError as error:
            return problem(503, str(error), headers=_AWAY)
        if body is None:
            return problem(404, "No release has been signed yet.", headers=_NOT_KEPT)
        found = Representation(PLAIN_TEXT, len(body), hashlib.sha256(body).hexdigest())
        return deliver(request, found, Memory(body), {"Cache-Control": CURRENT})

    async def all(self, request: Request) -> Response:
        """Answer ``/releases/``."""
        if wants_page(request):
            return await self._site.releases(request)
        try:
            catalogue: Catalogue = request.state.newest.catalogue
        except StaleError:
            return data_away()
        json_wanted = _wants_json(request)
        make = releases_json if json_wanted else releases_html
        return _page(request, make(catalogue.releases), {}, is_json=json_wanted)

    async def one(self, request: Request) -> Response:
        """Answer ``/releases/<number>/<path>`` and ``/releases/latest/<path>``."""
        try:
            catalogue: Catalogue = request.state.newest.catalogue
        except StaleError:
            return data_away()
        # Not the router's parameter: its pattern drops a line feed at the end.
        inside = request.scope["path"].removeprefix("/releases/")
        name, slash, path = inside.partition("/")
        if name == LATEST:
            return _latest(catalogue, slash, path)
        release = catalogue.releases.get(int(name)) if _NUMBER.fullmatch(name) else None
        if release is None:
            detail = 'There is no such release. "/releases/" lists those that there are.'
            return _refused(request, 404, detail)
        gone = tombstone(release)
        if gone is not None:
            return _refused(request, 410, gone.message, **(gone.extensions or {}))
        if not slash:
            return _moved(f"{name}/")
        return await self._answer(_Asked(request, catalogue, release, path))

    async def _answer(self, asked: _Asked) -> Response:
        for file in asked.files:
            if file.path == asked.path:
                return await self._file(asked, file)
        if asked.path in RELEASE_DOCUMENTS:
            document = await self._document(asked, asked.path)
            headers = {"Cache-Control": CURRENT, **asked.headers()}
            return deliver(asked.request, document.about, Memory(document.body), headers)
        if not asked.path or (asked.path.endswith("/") and asked.has_folder(asked.path)):
            return await self._folder(asked)
        if asked.has_folder(f"{asked.path}/"):
            return _moved(asked.path.rpartition("/")[2] + "/")
        detail = f"Release {asked.release.number} has no such file. Its folder lists what it has."
        return _refused(asked.request, 404, detail)

    async def _file(self, asked: _Asked, file: ReleaseFileRecord) -> Response:
        """Send a file; whoever has it already is told so without a look at the store."""
        request = asked.request
        changed = asked.release.published_at
        found = Representation(file.media_type, file.bytes, file.sha256, changed)
        headers = {"Cache-Control": Freshness.PINNED.value, **asked.headers()}
        answer = without_body(request, found, headers)
        if answer is not None:
            return answer
        client = request.state.meter.client_key(request.scope)
        refusal = self._downloads.refusal(client)
        if refusal is not None:
            return refusal
        with self._downloads.place(client):
            try:
                content = await self._files.open(file, unread=request.method == "HEAD")
            except NotPublishedError as error:
                return problem(503, str(error), headers=_AWAY)
        return deliver(request, found, content, headers, self._downloads.place(client))

    async def _folder(self, asked: _Asked) -> Response:
        record, files, folder = asked.release, asked.files, asked.path
        if not folder and wants_page(asked.request):
            answer = await self._site.release(asked.request, str(record.number))
            answer.headers["Link"] = asked.headers()["Link"]
            return answer
        made = {} if folder else RELEASE_DOCUMENTS
        headers = asked.headers()
        if _wants_json(asked.request):
            body = folder_json(record, files, folder, made)
            return _page(asked.request, body, headers, is_json=True)
        head = ""
        if not folder:
            head = embedded(json.loads((await self._document(asked, "dataset.jsonld")).body))
        body = folder_html(record, folder, entries_of(files, folder, made), head)
        return _page(asked.request, body, headers, is_json=False)

    async def _document(self, asked: _Asked, name: str) -> Document:
        root = self._address.root(asked.request.scope)
        number = asked.release.number
        return await self._documents.of_release(asked.catalogue, number, name, root)


def _latest(catalogue: Catalogue, slash: str, path: str) -> Response:
    """Lead to the newest release: its bytes are never here, or resuming would mix two releases."""
    latest = catalogue.releases.latest
    if latest is None:
        return problem(404, "No release can be read.", headers=_NOT_KEPT)
    up = "../" * (slash + path).count("/")
    known = any(file.path == path for file in catalogue.files(latest.number))
    if not (known or path in RELEASE_DOCUMENTS or path.endswith("/") or not path):
        detail = f"Release {latest.number}, the latest one, has no such file."
        return problem(404, detail, headers=_NOT_KEPT)
    target = f"{up}{latest.number}/{quote(path)}"
    headers = {"Location": target, "Cache-Control": CURRENT}
    return Response(status_code=307, headers=headers)


def _refused(request: Request, status: int, detail: str, **members: object) -> Response:
    """Return a page that says why to a browser, and a problem to programs."""
    if wants_page(request):
        return lost_page(request, status, str(members.get("reason") or ""))
    return problem(status, detail, headers={**_NOT_KEPT, "Vary": "Accept"}, **members)


def _moved(target: str) -> Response:
    """Lead to a folder's address, by a status that the oldest clients follow."""
    headers = {"Location": target, "Cache-Control": CURRENT}
    return Response(status_code=301, headers=headers)


def _wants_json(request: Request) -> bool:
    """Tell whether JSON is asked for by name: mirroring programs name nothing, and need links."""
    accept = ", ".join(request.headers.getlist("accept"))
    return preferred(accept, (MediaType.HTML, MediaType.JSON)) is MediaType.JSON


def _page(request: Request, body: bytes, headers: Mapping[str, str], *, is_json: bool) -> Response:
    media_type = MediaType.JSON.value if is_json else f"{MediaType.HTML.value}; charset=utf-8"
    found = Representation(media_type, len(body), hashlib.sha256(body).hexdigest())
    every = {"Cache-Control": CURRENT, "Vary": "Accept", **headers}
    return deliver(request, found, Memory(body), every)
