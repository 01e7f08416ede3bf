"""Whether the process lives, and whether it can answer."""

import asyncio

import structlog
from starlette.requests import Request
from starlette.responses import Response

from api.problems import problem
from loaders.catalogue import read_fingerprint

_WAIT_SECONDS = 2.0
_HEADERS = {"Cache-Control": "no-store"}

_log = structlog.get_logger("cordgraph")


async def live(_request: Request) -> Response:
    """Answer that the process lives."""
    return Response(b'{"status":"live"}', headers=_HEADERS, media_type="application/json")


async def ready(request: Request) -> Response:
    """Answer whether the database answers, and what is in memory is fresh."""
    try:
        async with asyncio.timeout(_WAIT_SECONDS):
            await read_fingerprint(request.state.pool)
        _ = request.state.newest.catalogue
    except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
        _log.warning("not ready", fault=type(error).__name__)
        return problem(503, "The database does not answer.", headers=_HEADERS)
    return Response(b'{"status":"ready"}', headers=_HEADERS, media_type="application/json")
