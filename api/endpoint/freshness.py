"""How long an answer may be kept, and sparing a client the bytes that it has already."""

from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from api.etag import etag_of, is_known
from api.visit import Visit

SAFE = ("GET", "HEAD", "QUERY")
"""Methods whose answers may be kept."""
_KEPT_HEADERS = ("content-length", "content-type")


class Freshness(StrEnum):
    """What ``Cache-Control`` says of an answer to a safe method."""

    PINNED = "public, max-age=86400, immutable"
    """Version and releases are fixed, so that it never changes; a day, to let withdrawals reach
    caches."""
    CURRENT = "public, no-cache"
    """May change with the next release: kept, but asked for each time."""
    NONE = "no-store"
    """Has errors, which may be gone the next time."""


def freshness_of(visit: Visit) -> Freshness:
    """Return how long the answer that ``visit`` noted may be kept."""
    if visit.codes:
        return Freshness.NONE
    return Freshness.PINNED if visit.pinned else Freshness.CURRENT


def fresh_answer(request: Request, response: Response, freshness: Freshness) -> Response:
    """Give the answer to a safe method a tag and a lifetime; 304 if the client has it already."""
    if request.method not in SAFE:
        return response
    response.headers["Cache-Control"] = freshness
    if freshness is Freshness.NONE:
        return response
    tag = etag_of(response.headers["content-type"].encode(), bytes(response.body))
    response.headers["ETag"] = tag
    if not is_known(request.headers.getlist("if-none-match"), tag):
        return response
    kept = {name: value for name, value in response.headers.items() if name not in _KEPT_HEADERS}
    return Response(status_code=304, headers=kept)
