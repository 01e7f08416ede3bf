"""A stretch of wire between a command and PostgreSQL: it counts what is said, and can be cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

_IDLE = b"Z\0\0\0\x05I"
# What the server says before it waits for the client: ready, send your rows, prove yourself, the
# columns of what was prepared, and that there are none.
_TURNS = frozenset(b"ZGRTn")
_ENDED = (asyncio.IncompleteReadError, ConnectionError)


class Moment(Enum):
    """When the wire is cut: around one message of the command."""

    UNSENT = "the server never sees it"
    SENT = "the server sees it, and nobody waits for the answer"
    ANSWERED = "the server has answered, and nobody hears it"


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the wire is cut.

    Attributes:
        message: Number of the command's message, from 1; the greeting is none.
        moment: When.
    """

    message: int
    moment: Moment

    def __str__(self) -> str:
        return f"message {self.message} {self.moment.name.lower()}"


class _CutError(Exception):
    """The wire was cut."""


class Wire:
    """Passes on what a command and the server at ``dsn`` say, on a loopback port.

    Args:
        dsn: Address of a server that listens on a socket in a folder.
        cut: Where to cut, if at all.
        strike: What else happens at the cut, for instance the death of the command.
        on_idle: Awaited whenever the server says that no transaction is open, before the
            command hears it.

    Attributes:
        said: The messages of the command so far.
        backends: Process ids of the server's end.
        was_cut: Whether it came to the cut.
    """

    def __init__(
        self,
        dsn: str,
        *,
        cut: Cut | None = None,
        strike: Callable[[], object] = lambda: None,
        on_idle: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self.said: list[bytes] = []
        self.backends: list[int] = []
        self.was_cut = False
        self._address = urlsplit(dsn)
        self._cut, self._strike, self._on_idle = cut, strike, on_idle
        self._faults: list[BaseException] = []
        self._lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        await asyncio.gather(*self._lines)
        await self._server.wait_closed()
        for fault in self._faults:
            raise fault

    @property
    def dsn(self) -> str:
        """The address of this end."""
        user, _, _ = self._address.netloc.rpartition("@")
        port = self._server.sockets[0].getsockname()[1]
        return f"postgresql://{user}@127.0.0.1:{port}{self._address.path}?sslmode=disable"

    @property
    def commits(self) -> list[int]:
        """Numbers of the messages that asked for a commit."""
        return [number for number, text in enumerate(self.said, 1) if text.startswith(b"COMMIT")]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(self._pass_on(reader, writer))
        self._lines.add(line)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = parse_qs(self._address.query)
        path = f"{place['host'][0]}/.s.PGSQL.{place['port'][0]}"
        server_reader, server_writer = await asyncio.open_unix_connection(path)
        ways = [
            asyncio.create_task(self._to_server(reader, server_writer)),
            asyncio.create_task(self._to_command(server_reader, writer)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in await asyncio.gather(*ways, return_exceptions=True):
            if isinstance(end, Exception) and not isinstance(end, (*_ENDED, _CutError)):
                self._faults.append(end)
        for end_writer in (writer, server_writer):
            if self.was_cut:
                end_writer.transport.abort()
            end_writer.close()
            with contextlib.suppress(ConnectionError):
                await end_writer.wait_closed()

    async def _to_server(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = await reader.readexactly(4)
        writer.write(size + await reader.readexactly(int.from_bytes(size, "big") - 4))
        async for message in _messages(reader):
            self.said.append(message[5:])
            here = self._cut if self._cut and len(self.said) == self._cut.message else None
            if here and here.moment is Moment.UNSENT:
                self._come_to_the_cut()
            writer.write(message)
            await writer.drain()
            if here and here.moment is Moment.SENT:
                self._come_to_the_cut()

    async def _to_command(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for message in _messages(reader):
            if message[:1] == b"K":
                self.backends.append(int.from_bytes(message[5:9], "big"))
            if message == _IDLE and self._on_idle:
                await self._on_idle()
            if self._is_deaf:
                if message[0] in _TURNS:
                    self._come_to_the_cut()
                continue
            writer.write(message)
            await writer.drain()

    @property
    def _is_deaf(self) -> bool:
        cut = self._cut
        return bool(cut and cut.moment is Moment.ANSWERED and len(self.said) >= cut.message)

    def _come_to_the_cut(self) -> None:
        self.was_cut = True
        self._strike()
        raise _CutError


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        head = await reader.readexactly(5)
        yield head + await reader.readexactly(int.from_bytes(head[1:], "big") - 4)
