"""``/releases/<number>/changes?since=<number>``: how a release differs from an earlier one."""

import hashlib
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from api.endpoint.freshness import Freshness
from api.endpoint.parameters import url_parameters
from api.faults import Fault
from api.files.content import Memory
from api.files.delivery import deliver
from api.files.delta import delta_json
from api.files.representation import Representation
from api.negotiation import MediaType
from api.newest import StaleError
from api.portals.endpoint import CURRENT, data_away
from api.problems import problem
from api.refusal import RefusalError
from api.shelf import Shelf
from loaders.catalogue import Catalogue
from loaders.ended_classes import ENDED_CLASSES
from schema.errors import Code, quoted
from schema.tombstone import tombstone

_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_NOT_KEPT = {"Cache-Control": "no-store"}
_KEPT_BYTES = 16_000_000
_LATEST = "latest"
_HOW = "Give the number of an earlier release, as in ?since=1."


class ReleaseChangesEndpoint:
    """Answers what a mirror or a partner needs that has one release and wants a later one."""

    def __init__(self) -> None:
        self._kept: Shelf[tuple[str, int, int], bytes] = Shelf(_KEPT_BYTES)

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        try:
            catalogue: Catalogue = request.state.newest.catalogue
        except StaleError:
            return data_away()
        name = request.path_params["release"]
        if name == _LATEST:
            return _moved(request, catalogue)
        try:
            since = _since(url_parameters(request.scope["query_string"]))
        except RefusalError as refusal:
            return problem(400, refusal.errors[0].message, headers=_NOT_KEPT)
        if since is None:
            return problem(400, f"What is asked for is a difference. {_HOW}", headers=_NOT_KEPT)
        refused = _refused(catalogue, name) or _refused(catalogue, since)
        if refused is not None:
            return refused
        return await self._changes(request, catalogue, int(since), int(name))

    async def _changes(
        self, request: Request, catalogue: Catalogue, since: int, release: int
    ) -> Response:
        if since >= release:
            detail = f"Release {since} is not earlier than release {release}. {_HOW}"
            return problem(400, detail, headers=_NOT_KEPT)
        for number in (since, release):
            if not catalogue.files(number):
                detail = f"Release {number} has no files here."
                return problem(404, detail, headers=_NOT_KEPT)
        key = catalogue.fingerprint, since, release
        body = self._kept.get(key)
        if body is None:
            try:
                ended = await ENDED_CLASSES.fetch(request.state.pool, since, release)
            except Exception as error:
                if Fault(error).code is Code.UNAVAILABLE:
                    return data_away()
                raise
            body = delta_json(catalogue, since, release, ended)
            self._kept.put(key, body, len(body))
        found = Representation(MediaType.JSON.value, len(body), hashlib.sha256(body).hexdigest())
        return deliver(request, found, Memory(body), {"Cache-Control": Freshness.PINNED.value})


def _since(parameters: Mapping[str, str]) -> str | None:
    return parameters.get("since")


def _refused(catalogue: Catalogue, name: str) -> Response | None:
    """Return why the release ``name`` cannot be read; ``None`` if it can."""
    record = catalogue.releases.get(int(name)) if _NUMBER.fullmatch(name) else None
    if record is None:
        newest = max((each.number for each in catalogue.releases.records), default=0)
        known = f"from 1 to {newest}" if newest else "from 1, and there is none yet"
        detail = f"There is no release {quoted(name)}. Releases are numbered {known}."
        return problem(404, detail, headers=_NOT_KEPT)
    gone = tombstone(record)
    if gone is not None:
        return problem(410, gone.message, headers=_NOT_KEPT, **(gone.extensions or {}))
    return None


def _moved(request: Request, catalogue: Catalogue) -> Response:
    latest = catalogue.releases.latest
    if latest is None:
        return problem(404, "No release can be read.", headers=_NOT_KEPT)
    query = request.scope["query_string"].decode("latin-1")
    target = f"../{latest.number}/changes" + (f"?{query}" if query else "")
    headers = {"Location": target, "Cache-Control": CURRENT}
    return Response(status_code=307, headers=headers)
