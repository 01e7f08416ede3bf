"""The HTTP/1.1 side of a socket: bounded heads, and an end to clients that dawdle.

Uvicorn's protocol has no limit and no timeout before a request is complete, nor for a client that
does not take its answer.
"""

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.door import Door
from api.problems import problem_body
from api.request_parser import RequestParser, without_upgrade

MAX_URL_BYTES = 16_384
"""Bytes of a URL; longer ones get 414."""
MAX_HEAD_BYTES = 32_768
"""Bytes of all header fields of a request; more get 431."""
_LINGER_SECONDS = 2.0


class Connection(HttpToolsProtocol):
    """A connection whose client must be done with each step in time.

    Attributes:
        head_timeout_s: Seconds for the head of a request, from the connection or its first byte.
        send_timeout_s: Seconds for an answer to be taken, from when it is complete.
        door: Counts the open connections.
    """

    head_timeout_s = 10.0
    send_timeout_s = 60.0
    door = Door(1_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self.parser: RequestParser = RequestParser(self)
        self._again = b""
        self._in_head = True
        self._head_bytes = 0
        self._refusal = (400, "This is not a request in HTTP/1.1.")
        self._refused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request."""
        super().connection_made(transport)
        self._cut_in(self.head_timeout_s)
        self.door.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._cut_in(None)
        self.door.exit(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; what follows a refused head is dropped."""
        if self._refused:
            return
        if self._timer is None and not self._answering:
            self._cut_in(self.head_timeout_s)
        began_in_head = self._in_head
        super().data_received(data)
        while self._again and not self._refused:
            again, self._again = self._again, b""
            super().data_received(again)
        # A single field is only handed over when it is complete, so that it is counted here.
        if began_in_head and self._in_head and not self._refused:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse_head()
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            self._refusal = (414, f"A URL may have at most {MAX_URL_BYTES:,} bytes.")
            raise ValueError(self._refusal)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
            raise ValueError(self._refusal)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End a head."""
        self._in_head = False
        self._cut_in(None)
        self.door.busy(self)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """See that the answer is taken."""
        super().on_response_complete()
        if not self._answering:
            self.door.idle(self)
        if self.transport.get_write_buffer_size():
            self._cut_in(self.send_timeout_s)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says more
        """Refuse the request, and read on for a moment so that the client gets to see it."""
        status, detail = self._refusal
        body = problem_body(status, detail)
        retry = "retry-after: 1\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            "content-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\n"
            "access-control-allow-origin: *\r\n"
            f"{retry}"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._refused = True
        if self._answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._cut_in(_LINGER_SECONDS)

    def leave(self) -> None:
        """Close the connection, once what is being sent has been taken."""
        self.transport.close()

    def refuse(self) -> None:
        """Tell the client that there is no room."""
        self._refusal = (503, "Too many connections are open. Try again in a moment.")
        self.send_400_response("")

    def drop(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    @property
    def _answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _refuse_head(self) -> None:
        self._refusal = (431, f"All header fields may have at most {MAX_HEAD_BYTES:,} bytes.")

    def _should_upgrade(self) -> bool:
        """Have a request that asks for another protocol handed to `handle_websocket_upgrade`."""
        return self.parser.get_method() != b"CONNECT"

    def handle_websocket_upgrade(self) -> None:
        """Read the request once more without its wish for another protocol (RFC 9110, 7.8).

        The parser takes all that follows such a head for the other protocol, so that a body would
        be lost; Java's client sends ``Upgrade: h2c`` with every first request.
        """
        left = self.parser.left
        head = without_upgrade(self.parser, self.url, self.headers)
        self.parser = RequestParser(self)
        self._again = head + left

    def _cut_in(self, seconds: float | None) -> None:
        """Close the connection after ``seconds``, in place of what was set before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self.transport.abort)
