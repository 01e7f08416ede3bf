"""Errors outside GraphQL, as problem details (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import MediaType


def problem(
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Response:
    """Return an answer of ``application/problem+json``; ``members`` extend the problem."""
    return Response(
        problem_body(status, detail, **members),
        status,
        headers,
        media_type=MediaType.PROBLEM.value,
    )


def problem_body(status: int, detail: str, **members: object) -> bytes:
    """Return the JSON of a problem whose type is its status."""
    return orjson.dumps(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            **members,
        }
    )


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: unknown paths and methods; OPTIONS with what there is."""
    if not isinstance(error, HTTPException):
        raise error
    if request.method == "OPTIONS" and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return Response(status_code=204, headers=error.headers)
    details = {
        404: 'There is nothing here. "/" lists what there is.',
        405: f"{request.method[:20]} is not possible here.",
    }
    detail = details.get(error.status_code, error.detail)
    return problem(error.status_code, detail, headers=error.headers)
