"""The service that is mirrored, over HTTP. Whatever it answers may be hostile, slow or endless."""

import asyncio
import datetime as dt
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx

from domain.failures import Refused, Unavailable
from files.layout import folder
from files.manifest import shown
from mirroring.part_file import PartFile

LIST: Final = "releases/"
"""Where the list of all releases is, below the root."""

_LARGEST_LIST: Final = 16_000_000
_MOST_RELEASES: Final = 10_000
_TIMEOUT_S: Final = 30.0
_GRACE_S: Final = 60.0
_SLOWEST: Final = 20_000
"""Bytes a second, on average: an origin that sends more slowly is given up."""
_ATTEMPTS: Final = 5
_PAUSE_S: Final = 1.0
_HEAD_S: Final = 60
_LONGEST_PAUSE_S: Final = 60.0
_LONGEST_REASON: Final = 1_000
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_BUSY: Final = (429, 500, 502, 503, 504)
DoneT = TypeVar("DoneT")

_OK, _PARTIAL, _NOT_MODIFIED, _GONE = 200, 206, 304, 410


class GoneError(Exception):
    """The release has been withdrawn since it was listed."""

    def __init__(self, release: int) -> None:
        super().__init__(f"release {release}")
        self.release = release


class _BrokenOffError(Exception):
    """An answer did not come whole; the message says why. It is worth another attempt."""

    def __init__(self, why: str, pause_s: float | None = None) -> None:
        super().__init__(why)
        self.pause_s = pause_s


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What the origin says of a release that was withdrawn."""

    release: int
    withdrawn_at: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """All releases of an origin.

    Attributes:
        live: Numbers of those that can be read, ascending.
        withdrawn: The others, ascending.
    """

    live: tuple[int, ...]
    withdrawn: tuple[Tombstone, ...]


class Origin:
    """A service at an address. Only that address is ever asked; redirects are refused.

    Attributes:
        root: The address, with a slash at its end.
        bytes: Bytes of bodies that came so far.
    """

    def __init__(self, client: httpx.AsyncClient, root: str, jobs: int) -> None:
        self.root = root
        self.bytes = 0
        self._client = client
        self._jobs = asyncio.Semaphore(jobs)

    async def releases(self) -> Listed:
        """Return which releases there are.

        Raises:
            Refused: The answer is no such list.
            Unavailable: The origin cannot be reached, or answers with an error.
        """
        content = await self._small(LIST, _LARGEST_LIST, {"Accept": "application/json"})
        assert content is not None  # noqa: S101 - no condition was given
        return _listed(content, self.root)

    async def small(
        self, release: int, path: str, at_most: int, known: str | None = None
    ) -> bytes | None:
        """Return the content of a small file; ``None`` if it still has the SHA-256 ``known``.

        Raises:
            GoneError: The release is withdrawn.
            Refused: It has more than ``at_most`` bytes, or leads elsewhere.
            Unavailable: It cannot be fetched.
        """
        condition = {} if known is None else {"If-None-Match": f'"sha256-{known}"'}
        return await self._small(f"{folder(release)}/{path}", at_most, condition, release)

    async def download(self, release: int, to: PartFile, came: Callable[[int], None]) -> None:
        """Bring a file of a release; what an earlier run left of it is gone on with.

        Args:
            release: Number of the release.
            to: Where to, and what the manifest says of it; its folder is there.
            came: Is told of bytes that have come.

        Raises:
            GoneError: The release is withdrawn.
            Refused: It has other bytes than the manifest says.
            Unavailable: It cannot be fetched.
        """
        place = f"{folder(release)}/{to.entry.path}"
        for resumed in (to.have() > 0, False):
            await self._again(place, lambda: self._download(release, place, to, came))
            if await to.is_whole():
                return
            to.drop()
            if not resumed:  # else what was there may have been of another file
                break
        raise Refused(
            f"{self.root}{place} is not the file that the manifest names: its SHA-256 is another "
            "one",
            hint="Nothing of this release was taken over. Tell the origin.",
        )

    async def _download(
        self, release: int, place: str, to: PartFile, came: Callable[[int], None]
    ) -> None:
        have, size = to.have(), to.entry.bytes
        if have == size:
            to.touch()
            return
        headers = {"If-Range": f'"sha256-{to.entry.sha256}"', "Range": f"bytes={have}-"}
        async with self._asked(place, headers if have else {}, release) as answer:
            go_on = answer.status_code == _PARTIAL
            if go_on:
                _check_part(answer, have, size)
            with to.open(go_on=go_on) as file:
                async for piece in self._pieces(answer, place, size - have if go_on else size):
                    file.write(piece)
                    came(len(piece))
        if to.have() < size:
            raise _BrokenOffError("it ended early")

    async def _small(
        self, place: str, at_most: int, headers: Mapping[str, str], release: int = 0
    ) -> bytes | None:
        found = bytearray()

        async def ask() -> bytes | None:
            found.clear()
            async with self._asked(place, headers, release) as answer:
                if answer.status_code == _NOT_MODIFIED:
                    return None
                async for piece in self._pieces(answer, place, at_most):
                    found.extend(piece)
            return bytes(found)

        return await self._again(place, ask)

    async def _again(self, place: str, ask: Callable[[], Awaitable[DoneT]]) -> DoneT:
        """Ask until an answer comes whole, a few times."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._jobs:
                    return await ask()
            except (_BrokenOffError, httpx.TransportError) as error:
                said = str(error) or type(error).__name__
                if attempt == _ATTEMPTS or isinstance(error, httpx.UnsupportedProtocol):
                    raise Unavailable(
                        f"{self.root}{place} cannot be fetched: {said[:200]}",
                        hint="Run the command again: it goes on where it ended.",
                    ) from error
                pause = getattr(error, "pause_s", None)
                await asyncio.sleep(_PAUSE_S * 2 ** (attempt - 1) if pause is None else pause)
        raise AssertionError

    @asynccontextmanager
    async def _asked(
        self, place: str, headers: Mapping[str, str], release: int
    ) -> AsyncIterator[httpx.Response]:
        asking = self._client.stream("GET", self.root + place, headers=headers)
        async with _in_time(asking) as answer:
            status = answer.status_code
            if status == _GONE and release:
                raise GoneError(release)
            if status in _BUSY:
                raise _BrokenOffError(f"it is answered with {status}", _pause(answer))
            if status in _REDIRECTS:
                raise Refused(f"{self.root}{place} leads elsewhere, which is not followed")
            expected = {_OK}
            if "Range" in headers:
                expected.add(_PARTIAL)
            if "If-None-Match" in headers:
                expected.add(_NOT_MODIFIED)
            if status not in expected:
                raise Unavailable(
                    f"{self.root}{place} is answered with {status}",
                    hint="Give the address of a CordGraph service that has files.",
                )
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise Refused(f"{self.root}{place} comes in a content coding nobody asked for")
            yield answer

    async def _pieces(
        self, answer: httpx.Response, place: str, at_most: int
    ) -> AsyncIterator[bytes]:
        deadline = time.monotonic() + _GRACE_S + at_most / _SLOWEST
        left = at_most
        async for piece in answer.aiter_raw():  # as they come, so that none is lost with a cut
            left -= len(piece)
            if left < 0:
                raise Refused(
                    f"{self.root}{place} is not what it should be: it has more than "
                    f"{at_most:,} bytes to come"
                )
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{self.root}{place} comes too slowly",
                    hint="Run the command again: it goes on where it ended.",
                )
            self.bytes += len(piece)
            yield piece


@asynccontextmanager
async def _in_time(
    asking: AbstractAsyncContextManager[httpx.Response],
) -> AsyncIterator[httpx.Response]:
    """Give an answer whose head comes in time: the client's own time-outs are for each piece."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(_HEAD_S):
                answer = await stack.enter_async_context(asking)
        except TimeoutError:
            raise _BrokenOffError(f"no answer begins in {_HEAD_S} seconds") from None
        yield answer


@asynccontextmanager
async def open_origin(url: str, jobs: int) -> AsyncIterator[Origin]:
    """Give the service at ``url``: its root, or the address of its releases.

    Raises:
        Refused: It is no ``http`` or ``https`` address.
    """
    root = root_of(url)
    async with httpx.AsyncClient(
        timeout=_TIMEOUT_S,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "cordgraph-mirror"},
        limits=httpx.Limits(max_connections=jobs, max_keepalive_connections=jobs),
    ) as client:
        yield Origin(client, root, jobs)


def root_of(url: str) -> str:
    """Return the root of the service at ``url``, with a slash at its end.

    Raises:
        Refused: It is no ``http`` or ``https`` address.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise Refused(
            f"{url[:100]} is no address of a service",
            hint="Give one like https://data.example.org.",
        )
    if parts.username or parts.password:
        raise Refused(
            "an address with a password would be written down: give one without",
            hint="Releases are open: nothing has to be proved.",
        )
    path = f"{parts.path.rstrip('/')}/".removesuffix(LIST)
    return f"{parts.scheme}://{parts.netloc}{path or '/'}"


def _check_part(answer: httpx.Response, have: int, size: int) -> None:
    if answer.headers.get("content-range") != f"bytes {have}-{size - 1}/{size}":
        raise _BrokenOffError("it is answered with another part than was asked for")


def _pause(answer: httpx.Response) -> float | None:
    told = answer.headers.get("retry-after", "")
    if told.isascii() and told.isdigit():
        return min(float(told), _LONGEST_PAUSE_S)
    return None


_NO_LIST = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
_YEARS = range(2000, 9000)
"""Years of a withdrawal; a day before or after they still are years of four digits."""


def _listed(content: bytes, root: str) -> Listed:
    try:
        rows = json.loads(content)["releases"][: _MOST_RELEASES + 1]
        live = [_number(row) for row in rows if row.get("withdrawnAt") is None]
        gone = [_tombstone(row) for row in rows if row.get("withdrawnAt") is not None]
    except _NO_LIST as error:
        raise Refused(
            f"{root}{LIST} is no list of releases: {shown(str(error))}",
            hint="Give the address of a CordGraph service.",
        ) from None
    numbers = [*live, *(each.release for each in gone)]
    if len(set(numbers)) < len(numbers) or len(numbers) > _MOST_RELEASES:
        raise Refused(f"{root}{LIST} lists a release twice, or more than {_MOST_RELEASES}")
    return Listed(tuple(sorted(live)), tuple(sorted(gone, key=lambda each: each.release)))


def _number(row: Mapping[str, Any]) -> int:
    number = row["number"]
    if type(number) is not int or not 1 <= number < 10**9:
        raise ValueError(f"{shown(number)} is no number of a release")
    return number


def _tombstone(row: Mapping[str, Any]) -> Tombstone:
    at = dt.datetime.fromisoformat(row["withdrawnAt"])
    reason = row["withdrawnReason"]
    known = isinstance(reason, str) and reason.isprintable() and reason.strip()
    if at.tzinfo is None or at.year not in _YEARS or not known:
        raise ValueError(f"release {_number(row)} is withdrawn without a time or a reason")
    return Tombstone(_number(row), at.astimezone(dt.UTC), reason[:_LONGEST_REASON])
