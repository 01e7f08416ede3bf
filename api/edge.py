"""The outermost layer: names each request, opens it to all origins, logs it, hides faults."""

import asyncio
import re
import time
from collections.abc import Collection
from typing import Protocol, cast

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from api.endpoint.graphql import KeptReply
from api.logs import Notes, log_request
from api.pages.lost import answer_fault
from api.problems import problem
from api.reply import Line, Sender, is_writable, write_again, write_reply
from api.visit import Visit, begin_visit, new_request_id

LEFT = 499
"""Logged in place of a status when the client left before it was answered."""
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, QUERY"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Access-Control-Request-Headers"),
]
_ANY_HEADER = b"*, Authorization"
_HEADER_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}")

_log = structlog.get_logger("cordgraph")


class Direct(Protocol):
    """What answers at some addresses without the layers between."""

    @property
    def addresses(self) -> Collection[str]:
        """The paths of these addresses."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

    def at_once(self, scope: Scope, body: bytes) -> KeptReply | None:
        """Return the answer to a whole request, if it can be had without waiting."""

    def again(self, raw: bytes, line: Line) -> KeptReply | None:
        """Return the answer to a request of these bytes, if it is kept and so are they."""

    def keep_request(self, raw: bytes, kept: KeptReply) -> None:
        """Have `again` answer a request that `at_once` has answered."""


class Edge:
    """ASGI middleware around everything.

    All is open data and no answer depends on a browser's credentials, so every origin may read
    every answer.
    """

    def __init__(self, app: ASGIApp, direct: Direct | None = None) -> None:
        """Go around ``app``, or past it where ``direct`` answers."""
        self._app = app
        self._again = direct
        self._direct: dict[str, Direct] = {}
        if direct is not None:
            self._direct = dict.fromkeys(direct.addresses, direct)

    def again(self, raw: bytes, line: Line) -> bool:
        """Answer a request whose bytes came before, if that takes no time; tell whether it did.

        It is what `at_once` does for the same request, without parsing it.

        Args:
            raw: All that came on a connection that waits for a request.
            line: The connection, which takes what it gets.
        """
        started = time.perf_counter()
        if self._again is None:
            return False
        try:
            kept = self._again.again(raw, line)
        except Exception:  # noqa: BLE001 - when it is parsed it will be logged and answered
            return False
        if kept is None:
            return False
        request_id, is_head = new_request_id(), kept.call.scope["method"] == "HEAD"
        write_again(line, kept.reply, kept.told, request_id, without_body=is_head)
        _log_kept(kept, request_id, started)
        return True

    def at_once(self, cycle: RequestResponseCycle, raw: bytes | None) -> bool:
        """Answer a request that has arrived whole, if that takes no time; tell whether it did.

        It is what `__call__` does for the same request, without a task.

        Args:
            cycle: Uvicorn's side of the request.
            raw: All its bytes, if they came alone and in one piece.
        """
        started = time.perf_counter()
        scope = cast("Scope", cycle.scope)
        direct = self._direct.get(scope["path"])
        if direct is None or not is_writable(cycle):
            return False
        try:
            kept = direct.at_once(scope, bytes(cycle.body))
        except Exception:  # noqa: BLE001 - with a task it will be logged and answered
            return False
        if kept is None:
            return False
        if raw is not None and _is_usual(cycle):
            direct.keep_request(raw, kept)
        request_id = new_request_id()
        write_reply(cycle, kept.reply, kept.told, request_id)
        _log_kept(kept, request_id, started)
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = begin_visit(scope)
        sender = Sender(visit.request_id, scope["method"], receive, send)
        try:
            if scope["method"] == "OPTIONS" and _is_preflight(scope):
                await _answer_preflight(scope, sender)
            else:
                app = self._direct.get(scope["path"], self._app)
                await app(scope, receive, sender)
        except ClientDisconnect:
            visit.gone = True
        except Exception as error:  # noqa: BLE001 - the last resort
            await self._answer_fault(scope, receive, sender, visit, error)
        except asyncio.CancelledError as error:
            # Somebody cancelled a value that this request awaited, not the request.
            if _is_cancelled():
                raise
            await self._answer_fault(scope, receive, sender, visit, error)
        log_visit(scope, visit, LEFT if visit.gone else sender.status)

    async def _answer_fault(
        self, scope: Scope, receive: Receive, sender: Sender, visit: Visit, error: BaseException
    ) -> None:
        _log.error("fault", request_id=visit.request_id, exc_info=error)
        visit.codes.append("INTERNAL")
        if sender.status is None:
            answer = answer_fault(Request(scope), visit.request_id) or problem(
                500,
                "An internal error, which is not your fault. Report it with the request id.",
                requestId=visit.request_id,
            )
            await answer(scope, receive, sender)


def _is_usual(cycle: RequestResponseCycle) -> bool:
    """Tell whether nothing but the answer is to be sent, and the connection stays open."""
    usual = cycle.keep_alive and not cycle.waiting_for_100_continue
    return usual and cycle.scope["http_version"] == "1.1"


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _is_preflight(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


async def _answer_preflight(scope: Scope, send: Send) -> None:
    """Allow the headers that are asked for by name: old browsers do not know the wildcard."""
    asked = dict(scope["headers"]).get(b"access-control-request-headers", b"")
    allowed = asked if _HEADER_NAMES.fullmatch(asked) else _ANY_HEADER
    headers = [*_PREFLIGHT, (b"access-control-allow-headers", allowed)]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _log_kept(kept: KeptReply, request_id: str, started: float) -> None:
    scope, seconds = kept.call.scope, time.perf_counter() - started
    method, path = scope["method"], scope["path"]
    log_request(request_id, method, path, kept.reply.status, seconds, kept.notes)


def log_visit(scope: Scope, visit: Visit, status: int | None) -> None:
    """Write the log line of a request, which is told by ``status`` unless it was refused."""
    notes = Notes(visit.version, visit.operation, visit.releases, visit.codes)
    shown = visit.refused or status or LEFT
    method, path = scope["method"], scope["path"]
    log_request(visit.request_id, method, path and path[:200], shown, visit.seconds, notes)
