"""Style, script and icons: files of our own origin, whose addresses hold their digests."""

import hashlib
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from api.pages.reply import FOREVER, send
from api.problems import problem

_MEDIA_TYPES = {
    "css": "text/css",
    "ico": "image/vnd.microsoft.icon",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_DIGITS = 12


@cache
def content(name: str) -> bytes:
    """Return the bytes of a file, such as ``pages.css``."""
    return (files("api.pages") / "static" / name).read_bytes()


@cache
def static_path(name: str) -> str:
    """Return the address of a file; it changes with the content."""
    stem, _, kind = name.rpartition(".")
    digest = hashlib.sha256(content(name)).hexdigest()[:_DIGITS]
    return f"/static/{stem}.{digest}.{kind}"


@cache
def _names() -> dict[str, str]:
    """Return the name of each file by its address."""
    folder = files("api.pages") / "static"
    names = (each.name for each in folder.iterdir())
    return {static_path(name): name for name in names if name.rpartition(".")[2] in _MEDIA_TYPES}


async def answer_static(request: Request) -> Response:
    """Answer ``/static/<name>``."""
    name = _names().get(request.url.path)
    if name is None:
        return problem(404, "There is no such file; its name changes with its content.")
    return send(request, content(name), media_type_of(name), cache=FOREVER)


async def answer_icon(request: Request) -> Response:
    """Answer ``/favicon.ico``, which browsers ask for on their own."""
    return send(
        request, content("favicon.ico"), media_type_of("favicon.ico"), cache="public, max-age=86400"
    )


def media_type_of(name: str) -> str:
    """Return the media type of a file by its name."""
    return _MEDIA_TYPES[name.rpartition(".")[2]]
