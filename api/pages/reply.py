"""Sends what was rendered: with a tag, in the coding that the client takes, under our policy."""

from collections.abc import Mapping
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from api.coding import Coding, accepted_codings, chosen_coding, compressed
from api.etag import etag_of, is_known
from api.policy import policy_of

NOWHERE = "http://origin.invalid"
"""Stands in rendered pages for the origin of the service."""
POLICY = policy_of("script-src 'self'", "style-src 'self'", "img-src 'self' data:")
"""The content security policy of all pages: no exceptions."""
PAGE = "public, max-age=60"
"""How long a page may be kept without asking again: a withdrawal must reach it soon."""
FOREVER = "public, max-age=31536000, immutable"
"""For addresses that hold a digest of what they name."""


def send(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    cache: str = PAGE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer to ``request``; 304 if the client has it already."""
    accepted = accepted_codings(_encoding(request))
    coding = chosen_coding(accepted, len(body)) or Coding.IDENTITY
    tag, coded = _coded(body, coding)
    every = {
        "Cache-Control": cache,
        "ETag": tag,
        "Vary": "Accept-Encoding",
        **(headers or {}),
    }
    if status == 200 and is_known(request.headers.getlist("if-none-match"), tag):  # noqa: PLR2004
        return Response(status_code=304, headers=every)
    if coding is not Coding.IDENTITY:
        every["Content-Encoding"] = coding.value
    return Response(coded, status, every, media_type=media_type)


def _encoding(request: Request) -> bytes | None:
    lines = request.headers.getlist("accept-encoding")
    return ", ".join(lines).encode("latin-1") if lines else None


@lru_cache(maxsize=128)
def _coded(body: bytes, coding: Coding) -> tuple[str, bytes]:
    coded = compressed(body, coding)
    return etag_of(coded), coded
