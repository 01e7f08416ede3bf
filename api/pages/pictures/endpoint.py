"""The files of pictures: SVG in each language and theme, and the data as CSV."""

import re
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from api.pages.language import Language
from api.pages.pictures.gallery import DrawingError, Gallery, exhibits
from api.pages.reply import send
from api.pages.view import NoSuchPageError, Sources, View
from api.problems import problem

_FILE = re.compile(
    r"(?P<name>[a-z0-9_]+)\.(?:(?P<language>en|zh)\.(?P<theme>light|dark)\.svg|(?P<csv>csv))"
)
_RETRY = {"Retry-After": "10"}


class PictureEndpoint:
    """Answers ``/pictures/<release>/<name>.<language>.<theme>.svg`` and ``<name>.csv``."""

    def __init__(self, sources: Sources, gallery: Gallery) -> None:
        self._sources = sources
        self._gallery = gallery

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        file = _FILE.fullmatch(request.path_params["file"])
        language = Language(file["language"] or "en") if file else Language.EN
        try:
            view = self._sources.view(request, language, request.url.path)
            found = await self._found(request, view, file) if file else None
        except NoSuchPageError as error:
            return problem(error.status, "There is no such release, or it was withdrawn.")
        except DrawingError:
            return problem(503, "Pictures cannot be drawn at the moment.", headers=_RETRY)
        except ConnectionError:
            return problem(503, "The data cannot be reached at the moment.", headers=_RETRY)
        return found or problem(HTTPStatus.NOT_FOUND, "There is no such picture.")

    async def _found(self, request: Request, view: View, file: re.Match[str]) -> Response | None:
        number, name = view.number(), file["name"]
        if file["csv"]:
            for exhibit in await exhibits(view, number, name):
                heading = f'attachment; filename="cordgraph-{number}-{name}.csv"'
                return send(
                    request,
                    exhibit.table.as_csv(),
                    "text/csv",
                    headers={"Content-Disposition": heading},
                )
            return None
        svg = await self._gallery.svg(view, number, name, file["theme"])
        return None if svg is None else send(request, svg, "image/svg+xml")
