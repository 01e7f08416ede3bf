"""The outermost layer: names each request, opens it to all origins, logs it, hides faults."""

import asyncio
import re

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from api.visit import Visit, begin_visit

LEFT = 499
"""Logged in place of a status when the client left before it was answered."""
_PREFLIGHT = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, POST, QUERY"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Access-Control-Request-Headers"),
]
_ANY_HEADER = b"*, Authorization"
_HEADER_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}")

_log = structlog.get_logger("cordgraph")


class Edge:
    """ASGI middleware around everything.

    All is open data and no answer depends on a browser's credentials, so every origin may read
    every answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = begin_visit(scope)
        sender = _Sender(send, visit)
        try:
            if _is_preflight(scope):
                await _answer_preflight(scope, sender)
            else:
                await self._app(scope, receive, sender)
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
        self, scope: Scope, receive: Receive, sender: "_Sender", visit: Visit, error: BaseException
    ) -> None:
        _log.error("fault", request_id=visit.request_id, exc_info=error)
        visit.codes.append("INTERNAL")
        if sender.status is None:
            answer = problem(
                500,
                "An internal error, which is not your fault. Report it with the request id.",
                requestId=visit.request_id,
            )
            await answer(scope, receive, sender)


class _Sender:
    """Adds to each answer the headers that all have, and remembers its status."""

    def __init__(self, send: Send, visit: Visit) -> None:
        self._send = send
        self._visit = visit
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers.update(shared_headers(self._visit.request_id))
        await self._send(message)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


async def _answer_preflight(scope: Scope, send: Send) -> None:
    """Allow the headers that are asked for by name: old browsers do not know the wildcard."""
    asked = dict(scope["headers"]).get(b"access-control-request-headers", b"")
    allowed = asked if _HEADER_NAMES.fullmatch(asked) else _ANY_HEADER
    headers = [*_PREFLIGHT, (b"access-control-allow-headers", allowed)]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def shared_headers(request_id: str) -> dict[str, str]:
    """Return the headers that all answers have."""
    return {
        "Request-Id": request_id,
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "*",
        "X-Content-Type-Options": "nosniff",
    }


def log_visit(scope: Scope, visit: Visit, status: int | None) -> None:
    """Write the log line of a request, which is told by ``status`` unless it was refused."""
    path = scope["path"]
    _log.info(
        "request",
        request_id=visit.request_id,
        method=scope["method"],
        path=path and path[:200],
        status=visit.refused or status or LEFT,
        ms=round(visit.milliseconds, 2),
        version=visit.version,
        operation=visit.operation,
        releases=visit.releases,
        codes=visit.codes,
    )
