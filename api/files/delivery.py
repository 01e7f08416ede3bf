"""Sending a thing as it is: whole, in parts, or only the news that it has not changed."""

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.departure import Departure
from api.files.content import Content
from api.files.preconditions import (
    NOT_MODIFIED,
    PRECONDITION_FAILED,
    Fields,
    evaluate,
    range_applies,
)
from api.files.ranges import Part, UnsatisfiableError, parts
from api.files.representation import Representation
from api.problems import problem

_CONDITIONS = (
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
)
_KEPT_ON_304 = ("cache-control", "vary", "content-location")


_NOT_KEPT = {"Cache-Control": "no-store"}


def without_body(
    request: Request, found: Representation, headers: Mapping[str, str]
) -> Response | None:
    """Return the answer that needs no byte of ``found``: 304, 412 or 416; else ``None``.

    Args:
        request: A GET or HEAD.
        found: What is at the address.
        headers: Further header fields, ``Cache-Control`` among them.
    """
    fields = _conditions(request)
    status = evaluate(fields, found)
    if status == NOT_MODIFIED:
        kept = {name: value for name, value in headers.items() if name.lower() in _KEPT_ON_304}
        return Response(status_code=304, headers={"ETag": found.etag, **kept})
    if status == PRECONDITION_FAILED:
        return problem(412, f"The tag of what is here is {found.etag}.", headers=_NOT_KEPT)
    try:
        _wanted(request, found)
    except UnsatisfiableError as error:
        unsatisfied = {"Content-Range": f"bytes */{found.size}", "Accept-Ranges": "bytes"}
        return problem(416, str(error), headers={**_NOT_KEPT, **unsatisfied})
    return None


def deliver(
    request: Request,
    found: Representation,
    content: Content,
    headers: Mapping[str, str],
    place: AbstractContextManager[None] | None = None,
) -> Response:
    """Return the answer to a GET or HEAD of ``found``: 200, 206, 304, 412 or 416.

    Args:
        request: The request.
        found: What is at the address.
        content: Its bytes.
        headers: Further header fields, ``Cache-Control`` among them.
        place: Entered while the body is sent.
    """
    answer = without_body(request, found, headers)
    if answer is not None:
        return answer
    return Delivery(found, content, headers, _wanted(request, found), place or nullcontext())


class Delivery(Response):
    """An answer whose body is read while it is sent, a piece at a time."""

    def __init__(
        self,
        found: Representation,
        content: Content,
        headers: Mapping[str, str],
        wanted: Sequence[Part] | None,
        place: AbstractContextManager[None],
    ) -> None:
        """Send the parts ``wanted`` of ``found``, or all of it for ``None``, within ``place``."""
        several = wanted is not None and len(wanted) > 1
        boundary = secrets.token_hex(16)
        self._content = content
        self._place = place
        self._pieces = _pieces(found, wanted, boundary if several else "")
        self.status_code = 200 if wanted is None else 206
        self.body = b""
        self.background = None
        every = {
            "Content-Type": found.media_type,
            "Content-Length": str(sum(map(_size_of, self._pieces))),
            "Accept-Ranges": "bytes",
            "ETag": found.etag,
            "Repr-Digest": found.digest,
            **headers,
        }
        if found.last_modified is not None:
            every["Last-Modified"] = found.last_modified
        if several:
            every["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
        elif wanted is not None:
            every["Content-Range"] = wanted[0].of(found.size)
        self.init_headers(every)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; a client that leaves ends the reading."""
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            with self._place:
                async with Departure(scope, receive), aclosing(self._read()) as pieces:
                    async for piece in pieces:
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _read(self) -> AsyncGenerator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            async with aclosing(self._content.read(piece)) as pieces:
                async for data in pieces:
                    yield data


def _pieces(
    found: Representation, wanted: Sequence[Part] | None, boundary: str
) -> list[bytes | Part]:
    """Return what makes up a body in its order: parts of the file, and what is between them."""
    if wanted is None:
        return [Part(0, found.size)]
    if not boundary:
        return list(wanted)
    pieces: list[bytes | Part] = []
    for part in wanted:
        head = f"--{boundary}\r\nContent-Type: {found.media_type}\r\n"
        head += f"Content-Range: {part.of(found.size)}\r\n\r\n"
        pieces += [head.encode("latin-1"), part, b"\r\n"]
    return [*pieces, f"--{boundary}--\r\n".encode("latin-1")]


def _size_of(piece: bytes | Part) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.size


def _wanted(request: Request, found: Representation) -> list[Part] | None:
    if request.method != "GET" or not range_applies(_conditions(request), found):
        return None
    return parts(_only(request, "range"), found.size)


def _conditions(request: Request) -> Fields:
    found = {name: request.headers.getlist(name) for name in _CONDITIONS}
    return {name: values for name, values in found.items() if values}


def _only(request: Request, name: str) -> str | None:
    """Return a header that may come only once; twice is none."""
    values = request.headers.getlist(name)
    return values[0] if len(values) == 1 else None
