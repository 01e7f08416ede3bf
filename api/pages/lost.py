"""Pages in place of what is not there, or cannot be shown; programs get problem details."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import MediaType, preferred
from api.pages.language import Language
from api.pages.reply import POLICY, send
from api.pages.templates import environment
from api.problems import answer_http_exception

_SAFE = ("GET", "HEAD")
_RETRY_S = "5"


def wants_page(request: Request) -> bool:
    """Tell whether a request asks for HTML by name, as browsers do and programs do not."""
    accept = ", ".join(request.headers.getlist("accept"))
    return preferred(accept, (MediaType.JSON, MediaType.HTML)) is MediaType.HTML


def language_of(path: str) -> Language:
    """Return the language of an address."""
    return Language.ZH if path == "/zh" or path.startswith("/zh/") else Language.EN


def lost_page(request: Request, status: int, reason: str = "", request_id: str = "") -> Response:
    """Return a page that helps, in the language of the address.

    Args:
        request: What was asked for.
        status: 404, 410, 500 or 503.
        reason: Why, in words that everybody may read.
        request_id: Name of the request, to report.
    """
    language = language_of(request.url.path)
    template = environment(language).get_template("lost.html")
    body = template.render(
        page="lost", path="/", latest=None, status=status, reason=reason, request_id=request_id
    )
    headers = {"Content-Security-Policy": POLICY, "Vary": "Accept, Accept-Encoding"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = _RETRY_S
    return send(
        request, body.encode(), MediaType.HTML, cache="no-store", status=status, headers=headers
    )


async def answer_refused(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: a browser that looks for a page gets one that helps."""
    missing = isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND
    if missing and request.method in _SAFE and wants_page(request):
        return lost_page(request, HTTPStatus.NOT_FOUND)
    return await answer_http_exception(request, error)


def answer_fault(request: Request, request_id: str) -> Response | None:
    """Return a page for a fault of the service; ``None`` for who asked for no page."""
    if request.method in _SAFE and wants_page(request):
        return lost_page(request, HTTPStatus.INTERNAL_SERVER_ERROR, request_id=request_id)
    return None
