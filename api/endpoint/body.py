"""Reading the body of a GraphQL request, in bounded size and time."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from api.endpoint.call import Call
from api.negotiation import is_json
from api.refusal import RefusalError
from schema.errors import Code

ARRIVED = "cordgraph.arrived"
"""The key under which the scope of a request says that all of it has arrived."""
ACCEPT_QUERY = '"application/json"'
"""What the method QUERY takes, as a structured field (RFC 10008, section 3)."""
_TOO_SLOW = 408


async def read_json_body(call: Call, max_bytes: int, timeout_s: float) -> bytes:
    """Return the body of a request that says it is JSON, at most ``max_bytes`` of it.

    Raises:
        RefusalError: UNSUPPORTED_MEDIA_TYPE, REQUEST_TOO_LARGE, or TIMEOUT if it had not arrived
            after ``timeout_s`` seconds.
        ClientDisconnect: The client left.
    """
    _check_type(call)
    if _announced_bytes(call) > max_bytes:
        raise _too_large(max_bytes)
    if ARRIVED in call.scope:  # there is nothing to wait for
        return await _whole(call.receive, max_bytes)
    try:
        async with asyncio.timeout(timeout_s):
            return await _whole(call.receive, max_bytes)
    except TimeoutError:
        raise RefusalError(
            Code.TIMEOUT,
            f"The body of the request had not arrived after {timeout_s:g} seconds.",
            status=_TOO_SLOW,
            headers={"Connection": "close"},
        ) from None


async def _whole(receive: Receive, max_bytes: int) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
        return body
    return await _joined(message, receive, max_bytes)


async def _joined(message: Message, receive: Receive, max_bytes: int) -> bytes:
    body = bytearray()
    while True:
        if message["type"] != "http.request":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
        if not message.get("more_body", False):
            return bytes(body)
        message = await receive()


def _check_type(call: Call) -> None:
    if call.field(b"content-encoding").strip().lower() not in ("", "identity"):
        raise RefusalError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "Send the body as it is, without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},
        )
    if not is_json(call.field(b"content-type")):
        raise RefusalError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "Send the request as JSON in UTF-8, with the header Content-Type: application/json.",
            headers={"Accept-Post": "application/json", "Accept-Query": ACCEPT_QUERY},
        )


def _announced_bytes(call: Call) -> int:
    length = call.field(b"content-length")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large(max_bytes: int) -> RefusalError:
    return RefusalError(
        Code.REQUEST_TOO_LARGE, f"The body of a request may have at most {max_bytes:,} bytes."
    )
