"""An answer with data and without errors, ready to be sent in every form."""

import asyncio
import hashlib
from collections.abc import Mapping

from api.coding import INLINE_BYTES, Coding, compressed
from api.endpoint.freshness import Freshness
from api.etag import etag_of, is_known
from api.head import Field, Head, fields_of
from api.logs import Notes
from api.negotiation import MediaType
from api.reply import Reply

_OVERHEAD = 5_000
"""Bytes that an answer takes besides its body and codings: its heads in all forms."""

Form = tuple[MediaType, Coding, Freshness | None]
"""Media type, coding and lifetime of one representation; no lifetime where nobody may keep it."""


class Ready:
    """One answer; its codings and heads are made when they are first wanted.

    Attributes:
        body: The JSON.
        notes: What the log says of it.
        pinned: Whether the answer can never change.
        codings: The body compressed.
    """

    __slots__ = (
        "_coming",
        "_digest",
        "_headers",
        "_replies",
        "body",
        "codings",
        "notes",
        "pinned",
    )

    def __init__(
        self, body: bytes, headers: Mapping[str, str], notes: Notes, *, pinned: bool
    ) -> None:
        self.body = body
        self.notes = notes
        self.pinned = pinned
        self.codings: dict[Coding, bytes] = {}
        self._headers = fields_of(headers)
        self._replies: dict[Form, Reply] = {}
        self._coming: dict[Coding, asyncio.Task[bytes]] = {}
        self._digest: bytes | None = None

    def drop_codings(self) -> None:
        """Forget the codings, which have to be made again."""
        self.codings.clear()
        self._replies.clear()

    @property
    def size(self) -> int:
        """Bytes that the answer takes in memory, about."""
        return _OVERHEAD + len(self.body) + sum(map(len, self.codings.values()))

    async def coded(self, coding: Coding) -> bytes:
        """Return the body in ``coding``; several who ask at once wait for one computation."""
        if coding is Coding.IDENTITY:
            return self.body
        found = self.codings.get(coding)
        if found is None:
            if len(self.body) <= INLINE_BYTES:
                found = compressed(self.body, coding)
            else:
                found = await self._in_thread(coding)
            self.codings[coding] = found
        return found

    async def reply(self, form: Form, if_none_match: bytes | None) -> Reply:
        """Return the answer in ``form``; 304 if the client has it already."""
        reply = self.at_once(form, if_none_match)
        if reply is None:
            await self.coded(form[1])
            reply = self.at_once(form, None)
        assert reply is not None  # noqa: S101 - the coding is there now
        return reply

    def at_once(self, form: Form, if_none_match: bytes | None) -> Reply | None:
        """Return the same if the coding need not be made first."""
        if if_none_match is not None and form[2] is not None:
            tag = self._tag(form)
            if is_known([if_none_match.decode("latin-1")], tag):
                return Reply(304, Head(self._general(form)))
        reply = self._replies.get(form)
        if reply is None:
            plain = form[1] is Coding.IDENTITY
            body = self.body if plain else self.codings.get(form[1])
            if body is not None:
                reply = self._replies[form] = Reply(200, self._head(form, body), body)
        return reply

    async def _in_thread(self, coding: Coding) -> bytes:
        task = self._coming.get(coding)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(compressed, self.body, coding))
            self._coming[coding] = task
            task.add_done_callback(lambda _: self._coming.pop(coding, None))
        return await asyncio.shield(task)

    def _head(self, form: Form, body: bytes) -> Head:
        media_type, coding, _ = form
        head = [
            (b"content-type", _content_type(media_type)),
            (b"content-length", str(len(body)).encode()),
        ]
        if coding is not Coding.IDENTITY:
            head.append((b"content-encoding", coding.value.encode()))
        return Head([*head, *self._general(form)])

    def _general(self, form: Form) -> list[Field]:
        """Return the fields that a 304 has too."""
        freshness = form[2]
        if freshness is None:
            return self._headers
        lifetime = [
            (b"cache-control", freshness.value.encode()),
            (b"etag", self._tag(form).encode()),
        ]
        return [*self._headers, *lifetime]

    def _tag(self, form: Form) -> str:
        """Return a strong tag: of the bytes before coding, of the media type and the coding."""
        if self._digest is None:
            self._digest = hashlib.sha256(self.body).digest()
        return etag_of(_content_type(form[0]), form[1].value.encode(), self._digest)


def _content_type(media_type: MediaType) -> bytes:
    return f"{media_type.value}; charset=utf-8".encode()
