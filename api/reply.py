"""What is sent: a status, header fields and a body; written at once where the server lets us."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from starlette.types import Message, Receive, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from uvicorn.server import ServerState

from api.head import NOTHING, Field, Head
from api.policy import NO_PAGE, POLICY

EVERY = Head(
    (
        # All is open data and nothing depends on a browser's credentials: every origin may read it.
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),  # addresses hold queries
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    )
)
"""What all answers have, besides the id of their request and their policy."""
_CLOSE = b"connection: close\r\n"


class Line(Protocol):
    """A connection, as far as an answer needs it.

    Attributes:
        client: Address and port of the client.
        app_state: What the application holds while it runs.
        server_state: Has the header fields that the server adds.
        transport: Where to write.
    """

    client: tuple[str, int] | None
    app_state: dict[str, Any]
    server_state: ServerState
    transport: asyncio.Transport


class Reply:
    """One answer of HTTP.

    Attributes:
        status: The status.
        head: The fields that belong to the answer.
        body: The body, which HEAD does not get.
        policy: What a browser that shows it may load and run; see `api.policy`.
    """

    __slots__ = ("body", "head", "policy", "status")

    def __init__(self, status: int, head: Head, body: bytes = b"", policy: Head = NO_PAGE) -> None:
        self.status = status
        self.head = head
        self.body = body
        self.policy = policy


class Sender:
    """Sends the answer to one request, and adds what all answers have.

    Attributes:
        status: Status of the answer; ``None`` before it is begun.
    """

    __slots__ = ("_cycle", "_method", "_request_id", "_send", "status")

    def __init__(self, request_id: str, method: str, receive: Receive, send: Send) -> None:
        """Send to ``send``, or to uvicorn itself if ``receive`` is its own."""
        self._request_id = request_id
        self._method = method
        self._send = send
        self._cycle = getattr(receive, "__self__", None)
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        """Send one message of ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], (b"request-id", self._request_id.encode())]
            if all(name != POLICY for name, _ in headers):
                headers += NO_PAGE.fields
            message["headers"] = [*headers, *EVERY.fields]
        await self._send(message)

    async def reply(self, reply: Reply, more: Head = NOTHING) -> None:
        """Send a whole answer, with ``more`` fields that belong to this request."""
        cycle = self._cycle
        if isinstance(cycle, RequestResponseCycle) and is_writable(cycle):
            self.status = reply.status
            write_reply(cycle, reply, more, self._request_id)
        else:
            await send_reply(reply, more, self._method, self)


async def send_reply(reply: Reply, more: Head, method: str, send: Send) -> None:
    """Send a whole answer as two messages of ASGI."""
    headers: list[Field] = [*reply.head.fields, *reply.policy.fields, *more.fields]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = b"" if method == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


def is_writable(cycle: RequestResponseCycle) -> bool:
    """Tell whether an answer can be written now: the client is there and takes what it gets."""
    return not (cycle.disconnected or cycle.response_started or cycle.flow.write_paused)


def write_reply(cycle: RequestResponseCycle, reply: Reply, more: Head, request_id: str) -> None:
    """Do what the two messages of ASGI do, in one piece and without looking at each field.

    Args:
        cycle: Uvicorn's side of the request, which `is_writable`.
        reply: The answer.
        more: Fields that belong to this request.
        request_id: Its id.
    """
    cycle.response_started = True
    cycle.waiting_for_100_continue = False
    head = reply.head.lines
    if b"\r\n" + _CLOSE in head:
        cycle.keep_alive = False
    last = b"" if cycle.keep_alive or _CLOSE in head else _CLOSE
    lines = _head_of(reply, more, request_id, cycle.default_headers, last)
    if reply.body and cycle.scope["method"] != "HEAD":
        cycle.transport.writelines((lines, reply.body))
    else:
        cycle.transport.write(lines)
    cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


def break_off(receive: Receive) -> None:
    """Close the connection in the middle of an answer, so that nobody takes it for the whole.

    What was sent before still arrives.

    Args:
        receive: As it came with the request. Of another server than uvicorn it tells nothing, and
            that one has to notice by itself that the answer does not end.
    """
    cycle = getattr(receive, "__self__", None)
    if isinstance(cycle, RequestResponseCycle) and not cycle.response_complete:
        cycle.response_complete = True
        cycle.keep_alive = False
        cycle.message_event.set()
        cycle.transport.close()
        cycle.on_response()


def write_again(
    line: Line, reply: Reply, more: Head, request_id: str, *, without_body: bool
) -> None:
    """Write the answer to a request that was not parsed, on a connection that stays open."""
    lines = _head_of(reply, more, request_id, line.server_state.default_headers, b"")
    if reply.body and not without_body:
        line.transport.writelines((lines, reply.body))
    else:
        line.transport.write(lines)


def _head_of(
    reply: Reply, more: Head, request_id: str, default: Sequence[Field], last: bytes
) -> bytes:
    return b"%b%b%b%b%brequest-id: %b\r\n%b%b\r\n" % (
        STATUS_LINE[reply.status],
        _lines(tuple(default)),
        reply.head.lines,
        reply.policy.lines,
        more.lines,
        request_id.encode(),
        EVERY.lines,
        last,
    )


@lru_cache(maxsize=4)
def _lines(fields: tuple[Field, ...]) -> bytes:
    return Head(fields).lines
