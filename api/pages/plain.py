"""Plain texts beside the pages: guides as Markdown, a map for language models, whom to tell."""

import datetime as dt
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages.guides import GROUPS
from api.pages.language import Language
from api.pages.library import document, documents
from api.pages.reply import NOWHERE, send
from api.pages.templates import environment
from api.problems import problem
from schema.example import examples
from schema.versions import Versions

_MARKDOWN, _TEXT = "text/markdown", "text/plain"
_VALID = dt.timedelta(days=180)
"""How long a copy of security.txt may be believed; RFC 9116 wants less than a year."""

Origin = Callable[[Request], str]
"""Returns what absolute addresses begin with, without a slash at the end."""


class PlainTexts:
    """Answers ``/guides/<name>.md``, ``/examples/<name>.md``, ``/llms.txt``, ``security.txt``."""

    def __init__(self, versions: Versions, origin: Origin, contact: str) -> None:
        self._versions = versions
        self._origin = origin
        self._contact = contact

    def routes(self) -> list[BaseRoute]:
        """Return the routes; they come before those of pages with names of their own."""
        return [
            Route("/guides/{name}.md", self._guide),
            Route("/examples/{name}.md", self._example),
            Route("/llms.txt", self._llms),
            Route("/.well-known/security.txt", self._security),
        ]

    async def _guide(self, request: Request) -> Response:
        return _document(request, "docs")

    async def _example(self, request: Request) -> Response:
        return _document(request, "docs/examples")

    async def _llms(self, request: Request) -> Response:
        """Answer with a map of what programs that read should know (https://llmstxt.org)."""
        text = (
            environment(Language.EN)
            .get_template("llms.txt")
            .render(
                current=self._versions.current.name,
                versions=self._versions.served,
                examples=examples(),
                groups=GROUPS,
            )
        )
        shown = text.strip().replace(NOWHERE, self._origin(request)) + "\n"
        return send(request, shown.encode(), _MARKDOWN)

    async def _security(self, request: Request) -> Response:
        """Answer with whom to tell of a weakness (RFC 9116), if the operator has said it."""
        if not self._contact:
            return problem(404, "The operator of this service has named no contact.")
        now = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        origin = self._origin(request)
        lines = (
            f"Contact: {self._contact}",
            f"Expires: {now + _VALID:%Y-%m-%dT%H:%M:%SZ}",
            "Preferred-Languages: en, zh",
            f"Canonical: {origin}/.well-known/security.txt",
            f"Policy: {origin}/guides/attacks",
        )
        return send(request, ("\n".join(lines) + "\n").encode(), _TEXT)


def _document(request: Request, folder: str) -> Response:
    name = request.path_params["name"]
    text = document(f"{folder}/{name}.md") if name in documents(folder) else None
    if text is None:
        return problem(404, "There is no such document.")
    return send(request, text.encode(), _MARKDOWN)
