"""The HTTP/1.1 side of a socket: bounded requests, and an end to clients that dawdle.

Uvicorn's protocol has no limit and no timeout before a request is complete, nor for a client that
does not take its answer.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.departure import KEY, Departures
from api.door import Door
from api.edge import log_visit
from api.endpoint.body import ARRIVED
from api.inbox import SLICE_BYTES, Inbox, InboxFlow
from api.message_size import MessageSize
from api.request_parser import RequestParser, without_upgrade
from api.send_watch import SendWatch
from api.visit import begin_visit
from api.wire_refusal import MALFORMED, NO_ROOM, WireRefusal

_LINGER_SECONDS = 2.0
_TURN_SECONDS = 0.003


class Connection(HttpToolsProtocol):
    """A connection whose client must be done with each step in time.

    Attributes:
        head_timeout_s: Seconds for the head of a request, from the connection or its first byte.
        send_timeout_s: Seconds in which a client must take what waits for it, see `SendWatch`.
        door: Counts the open connections.
        at_once: Answers a request that is complete, if it can be done without a task; the second
            argument is all its bytes, if they came alone and in one piece.
        again: Answers a request that is not parsed, if its bytes are known.
    """

    head_timeout_s = 10.0
    send_timeout_s = 60.0
    door = Door(1_000)
    at_once: Callable[[RequestResponseCycle, bytes | None], bool] | None = None
    again: Callable[[bytes, "Connection"], bool] | None = None

    _sending: SendWatch

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self.parser: RequestParser = RequestParser(self)
        self._inbox = Inbox()
        self._turn: asyncio.Handle | None = None
        self._size = MessageSize()
        self._unanswered = 0
        self._refused = False
        self._last_words: tuple[WireRefusal, Scope] | None = None
        self._lingering = False
        self._reading_timer: asyncio.TimerHandle | None = None
        self._departures = Departures()
        self._parsing = False
        self._complete = False
        self._between = True  # nothing of the next request has come
        self._task: tuple[RequestResponseCycle, Any] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request."""
        super().connection_made(transport)
        self.flow = InboxFlow(transport, self._inbox)
        # An answer is only sent when the one before it has been taken; see `pause_writing`.
        transport.set_write_buffer_limits(0)
        self._sending = SendWatch(transport, self.loop, self.send_timeout_s)
        self._read_within(self.head_timeout_s)
        self.door.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._read_within(None)
        self._sending.end()
        self._inbox.clear()
        if self._turn is not None:
            self._turn.cancel()
        self.door.exit(self)
        super().connection_lost(exc)
        self._departures.announce()

    def pause_writing(self) -> None:
        """See that what the socket does not hold is taken."""
        super().pause_writing()
        self._sending.begin()

    def resume_writing(self) -> None:
        """Go on when all has been taken."""
        super().resume_writing()
        self._sending.end()
        if self._lingering:
            self._read_within(_LINGER_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Take what came; what follows a refused request is dropped."""
        if self._refused or self._is_repeated(data):
            return
        if self._turn is not None:
            self._inbox.put(data)
            self.flow.pause_reading()
        elif self._inbox or self.pipeline or len(data) > SLICE_BYTES:
            self._inbox.put(data)
            self._parse()
        else:
            self._parse(data)

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[KEY] = self._departures
        self._size.begin_head()
        self._complete = False

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        super().on_url(url)
        if self._size.add_url(len(url)):
            raise ValueError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field; a trailer field is none (RFC 9110, 6.5.1) and is dropped."""
        if self._size.add_field(name, value):
            raise ValueError
        if not self._size.in_head:
            return
        name = name.lower()
        if name == b"expect":
            super().on_header(name, value)
        else:  # all that it does to others
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """End a head."""
        before = self.cycle
        super().on_headers_complete()
        self._size.begin_body()
        self._read_within(None)
        if self.cycle is not before:
            self._unanswered += 1
            self.door.busy(self)

    def on_chunk_header(self) -> None:
        """Take the size of a chunk."""
        if self._size.add_chunk():
            raise ValueError

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._size.data += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        super().on_message_complete()
        cast("dict[str, Any]", self.scope)[ARRIVED] = True
        self._size.begin_head()
        self._complete = True

    def on_response_complete(self) -> None:
        """Go on to the next request, or to the refusal of what followed."""
        self._unanswered -= 1
        super().on_response_complete()
        if not self._unanswered:
            self.door.idle(self)
            if self._refused:
                self._conclude()
        if self._inbox and self._turn is None:
            self._turn = self.loop.call_soon(self._parse)

    def shutdown(self) -> None:
        """Answer what is being answered, and nothing more."""
        self._departures.ending = True
        super().shutdown()

    def leave(self) -> None:
        """Close the connection, once what is being sent has been taken."""
        self.transport.close()

    def refuse(self) -> None:
        """Tell the client that there is no room."""
        self._refuse(NO_ROOM)

    def drop(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def handle_websocket_upgrade(self) -> None:
        """Read the request once more without its wish for another protocol (RFC 9110, 7.8).

        The parser takes all that follows such a head for the other protocol, so that a body would
        be lost; Java's client sends ``Upgrade: h2c`` with every first request.
        """
        left = self.parser.left
        head = without_upgrade(self.parser, self.url, self.headers)
        self.parser = RequestParser(self)
        self._inbox.put_back(head + left)

    def _should_upgrade(self) -> bool:
        """Have a request that asks for another protocol handed to `handle_websocket_upgrade`."""
        return self.parser.get_method() != b"CONNECT"

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """Have a request answered once what came has been parsed, and perhaps all of it is here."""
        if self._parsing:
            self._task = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _begin_answer(self, raw: bytes | None, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own
        self._task = None
        if self.at_once is None or cycle.more_body or not self.at_once(cycle, raw):
            super()._start_asgi_task(cycle, app)

    def _is_repeated(self, data: bytes) -> bool:
        """Answer what came without parsing it, if it is all of a request that is known."""
        if not self._between or self._unanswered or self.again is None:
            return False
        if self.transport.is_closing() or self.flow.write_paused or not self.again(data, self):
            return False
        self._read_within(None)
        self.door.idle(self)
        super().on_response_complete()
        return True

    def _is_whole(self, data: bytes) -> bool:
        """Tell whether the request that has ended, ended with ``data``, its head being in there.

        Nothing of the next one has come then.
        """
        if not self._complete or self.pipeline:
            return False
        body = self.cycle.body
        end = data.find(b"\r\n\r\n")
        return end >= 0 and len(data) - end - 4 == len(body) and data.endswith(bytes(body))

    def _parse(self, data: bytes = b"") -> None:
        """Parse what came until requests queue up, or others have waited long enough.

        Args:
            data: What came, if that is little and nothing came before it.
        """
        self._turn = None
        if self.transport.is_closing() or not (data or self._inbox):
            return
        self._unset_keepalive_if_required()
        was_between, self._between = self._between and not self._inbox, False
        self._parse_slices(data)
        self._between = bool(data) and self._is_whole(data)
        # A request that came in one piece needs no timer.
        if not (self._complete or self._unanswered or self._refused or self._reading_timer):
            self._read_within(self.head_timeout_s)
        if self._task is not None:
            raw = data if was_between and self._between else None
            self._begin_answer(raw, *self._task)
        if self._inbox:
            self.flow.pause_reading()
        elif self.flow.read_paused and self._wants_more:
            self.flow.resume_reading()

    def _parse_slices(self, data: bytes) -> None:
        """Parse until nothing is left, a request waits for another, or the turn is over."""
        self._parsing, self._complete = True, False
        if data:
            self._parse_slice(data)
        end = time.perf_counter() + _TURN_SECONDS
        while self._inbox and not self.pipeline and not self.transport.is_closing():
            if time.perf_counter() > end:
                self._turn = self.loop.call_soon(self._parse)
                break
            self._parse_slice(self._inbox.take())
        self._parsing = False

    def _parse_slice(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except httptools.HttpParserError:
            self._refuse(self._size.excess or MALFORMED)
            return
        if self._size.add_packet(len(data)):
            self._refuse(self._size.excess or MALFORMED)

    @property
    def _wants_more(self) -> bool:
        """Whether neither requests nor the body of one wait to be handled."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if self.pipeline:
            return False
        return cycle is None or cycle.response_complete or len(cycle.body) <= HIGH_WATER_LIMIT

    def _refuse(self, refusal: WireRefusal) -> None:
        """Read nothing more, and say why when all that was asked before has been answered."""
        self._refused = True
        self._inbox.clear()
        self._read_within(None)
        if self._size.in_head:
            self._last_words = refusal, self._unfinished_scope()
        elif not self.cycle.response_started:
            scope = cast("Scope", self.cycle.scope)
            self._last_words = refusal, scope
            self._unanswered -= 1
            if self.pipeline and self.pipeline[0][0] is self.cycle:
                self.pipeline.popleft()
            else:
                begin_visit(scope).refused = refusal.status.value
                self.cycle.disconnected = True
                self.cycle.message_event.set()
                self._departures.announce()
        if not self._unanswered:
            self._conclude()

    def _conclude(self) -> None:
        """Say the last words, and read on for a moment so that the client gets to see them."""
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        if self._last_words is not None:
            self._say(*self._last_words)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._lingering = True
        if not self.flow.write_paused:
            self._read_within(_LINGER_SECONDS)

    def _say(self, refusal: WireRefusal, scope: Scope) -> None:
        """Answer with a refusal; the log line is the application's if it has the request."""
        visit = begin_visit(scope)
        visit.codes.append(refusal.code.value)
        self.transport.write(refusal.message(visit.request_id))
        if visit.refused is None:
            log_visit(scope, visit, refusal.status.value)

    def _unfinished_scope(self) -> Scope:
        """Return as much of a request as is known while its head is not complete."""
        if not self._size.url:
            return {"method": None, "path": None}
        path = self.url.partition(b"?")[0]
        return {
            "method": self.parser.get_method().decode(),
            "path": path.decode("ascii", "replace"),
        }

    def _read_within(self, seconds: float | None) -> None:
        """Close the connection after ``seconds``, in place of what was set before."""
        if self._reading_timer is not None:
            self._reading_timer.cancel()
        self._reading_timer = None
        if seconds is not None:
            self._reading_timer = self.loop.call_later(seconds, self.transport.abort)
