"""The schema definition of each version."""

from collections.abc import Mapping
from functools import lru_cache

import strawberry
from starlette.requests import Request
from starlette.responses import Response

from api.advice import advice_headers
from api.endpoint.parameters import deprecated_removed, url_parameters
from api.etag import etag_of, is_known
from api.guidance import notices_of_all, without_deprecated
from api.problems import problem
from api.refusal import RefusalError
from api.version_choice import problem_of_version
from schema.versions import Versions

CACHE_CONTROL = "public, max-age=300"
_tag_of = lru_cache(maxsize=64)(etag_of)


class SdlEndpoint:
    """Answers ``/schema/<version>.graphql``, on demand without what is deprecated."""

    def __init__(self, schemas: Mapping[str, strawberry.Schema], versions: Versions) -> None:
        self._versions = versions
        self._texts: dict[tuple[str, bool], bytes] = {}
        for name, going in notices_of_all(schemas).items():
            self._texts[name, False] = definition(schemas[name]).encode()
            self._texts[name, True] = definition(without_deprecated(schemas[name], going)).encode()

    async def answer(self, request: Request) -> Response:
        """Answer one request; 304 if the client has the text already."""
        name = request.path_params["version"]
        try:
            pruned = deprecated_removed(url_parameters(request.scope["query_string"]))
        except RefusalError as refusal:
            return problem(400, refusal.errors[0].message)
        text = self._texts.get((name, pruned))
        if text is None:
            served = [each for each, without in self._texts if not without]
            return problem_of_version(name, served, self._versions)
        advice = advice_headers(self._versions.get(name), (), self._versions)
        return cached_text(request, text, "text/plain", advice)


def definition(schema: strawberry.Schema) -> str:
    """Return a schema in the form that is checked in."""
    return schema.as_str().strip() + "\n"


def cached_text(
    request: Request, text: bytes, media_type: str, headers: Mapping[str, str]
) -> Response:
    """Return a text that seldom changes; 304 if the client has it already."""
    tag = _tag_of(text)
    every = {"ETag": tag, "Cache-Control": CACHE_CONTROL, **headers}
    if is_known(request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers=every)
    return Response(text, headers=every, media_type=media_type)
