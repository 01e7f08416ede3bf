"""The schema definition of each version, as it is checked in."""

import hashlib
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from api.problems import problem
from schema.versions import VERSIONS

_CACHE_CONTROL = "public, max-age=300"


class SdlEndpoint:
    """Answers ``/schema/<version>.graphql``."""

    def __init__(self) -> None:
        folder = files("schema") / "sdl"
        self._texts = {
            version.name: (folder / f"{version.name}.graphql").read_bytes() for version in VERSIONS
        }

    async def answer(self, request: Request) -> Response:
        """Answer one request; 304 if the client has the text already."""
        text = self._texts.get(request.path_params["version"])
        if text is None:
            return problem(
                404, "There is no such version of the schema.", versions=list(self._texts)
            )
        tag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": _CACHE_CONTROL}
        if _matches(", ".join(request.headers.getlist("if-none-match")), tag):
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="text/plain")


def _matches(if_none_match: str, tag: str) -> bool:
    """Tell whether the header names ``tag``; weak tags compare as strong ones (RFC 9110)."""
    named = (each.strip().removeprefix("W/") for each in if_none_match.split(","))
    return any(each in (tag, "*") for each in named)
