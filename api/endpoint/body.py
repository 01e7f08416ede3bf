"""Reading the body of a GraphQL request, in bounded size and time."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import Request

from api.negotiation import is_json
from api.refusal import RefusalError
from schema.errors import Code

ACCEPT_QUERY = '"application/json"'
"""What the method QUERY takes, as a structured field (RFC 10008, section 3)."""
_TOO_SLOW = 408


async def read_json_body(request: Request, max_bytes: int, timeout_s: float) -> bytes:
    """Return the body of a request that says it is JSON, at most ``max_bytes`` of it.

    Raises:
        RefusalError: UNSUPPORTED_MEDIA_TYPE, REQUEST_TOO_LARGE, or TIMEOUT if it had not arrived
            after ``timeout_s`` seconds.
        ClientDisconnect: The client left.
    """
    _check_type(request.headers)
    if _announced_bytes(request.headers) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise _too_large(max_bytes)
    except TimeoutError:
        raise RefusalError(
            Code.TIMEOUT,
            f"The body of the request had not arrived after {timeout_s:g} seconds.",
            status=_TOO_SLOW,
            headers={"Connection": "close"},
        ) from None
    return bytes(body)


def _check_type(headers: Headers) -> None:
    encoding = ", ".join(headers.getlist("content-encoding"))
    if encoding.strip().lower() not in ("", "identity"):
        raise RefusalError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "Send the body as it is, without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},
        )
    if not is_json(", ".join(headers.getlist("content-type"))):
        raise RefusalError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "Send the request as JSON in UTF-8, with the header Content-Type: application/json.",
            headers={"Accept-Post": "application/json", "Accept-Query": ACCEPT_QUERY},
        )


def _announced_bytes(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large(max_bytes: int) -> RefusalError:
    return RefusalError(
        Code.REQUEST_TOO_LARGE, f"The body of a request may have at most {max_bytes:,} bytes."
    )
