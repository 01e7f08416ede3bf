"""The HTTP/1.1 side of a socket: bounded heads, and an end to clients that dawdle.

Uvicorn's protocol has no limit and no timeout before a request is complete, nor for a client that
does not take its answer.
"""

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.problems import problem_body

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
    """

    head_timeout_s = 10.0
    send_timeout_s = 60.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        self._refusal = (400, "This is not a request in HTTP/1.1.")
        self._refused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request."""
        super().connection_made(transport)
        self._cut_in(self.head_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._cut_in(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; what follows a refused head is dropped."""
        if self._refused:
            return
        if self._timer is None and not self._answering:
            self._cut_in(self.head_timeout_s)
        began_in_head = self._in_head
        super().data_received(data)
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
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """See that the answer is taken."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._cut_in(self.send_timeout_s)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says more
        """Refuse the request, and read on for a moment so that the client gets to see it."""
        status, detail = self._refusal
        body = problem_body(status, detail)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            "content-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\n"
            "access-control-allow-origin: *\r\n"
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

    @property
    def _answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _refuse_head(self) -> None:
        self._refusal = (431, f"All header fields may have at most {MAX_HEAD_BYTES:,} bytes.")

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a client may ask for an upgrade, and is answered without one."""

    def _cut_in(self, seconds: float | None) -> None:
        """Close the connection after ``seconds``, in place of what was set before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self.transport.abort)
