"""Where the files of a release are fetched from: a folder, or an address; both may be hostile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from domain.failures import Refused, Unavailable
from files.layout import is_safe

PIECE: Final = 1 << 20

_TIMEOUT_SECONDS: Final = 30.0
_GRACE_SECONDS: Final = 60.0
_SLOWEST: Final = 20_000
"""Bytes a second, on average: whoever sends more slowly is given up."""
_MOST_REDIRECTS: Final = 3
_OK: Final = 200
_GONE: Final = (404, 410)
_REDIRECTS: Final = (301, 302, 303, 307, 308)


class AbsentError(Exception):
    """A file is not there. ``withdrawn``: its release was taken back, and the origin says so."""

    def __init__(self, path: str, *, withdrawn: bool = False) -> None:
        super().__init__(path)
        self.withdrawn = withdrawn


class OversizeError(Exception):
    """A file has more bytes than it may have."""


class Source(Protocol):
    """The folder of one release.

    Attributes:
        place: Where it is, for messages.
    """

    place: str

    def pieces(self, path: str, at_most: int) -> Iterator[bytes]:
        """Yield the content of the file at ``path`` in pieces.

        Raises:
            AbsentError: It is not there.
            OversizeError: It has more than ``at_most`` bytes; so many came before.
            Unavailable: It cannot be read.
        """

    def beside(self, release: int) -> "Source":
        """Return the folder of another release beside this one."""

    def listing(self) -> set[str] | None:
        """Return the paths of all files that are there, or ``None`` where nobody can tell."""


def read(source: Source, path: str, at_most: int) -> bytes:
    """Return the content of a small file; raises what `Source.pieces` raises."""
    return b"".join(source.pieces(path, at_most))


class Folder:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.place = str(folder)
        self._folder = folder

    def pieces(self, path: str, at_most: int) -> Iterator[bytes]:
        """Yield the content of a file; links out of the folder, devices and pipes are absent."""
        file = self._folder / path
        if not is_safe(path) or not file.is_file() or not self._is_inside(file):
            raise AbsentError(path)
        left = at_most
        try:
            with file.open("rb") as opened:
                while piece := opened.read(min(PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        raise OversizeError(path)
                    yield piece
        except OSError as error:
            raise Unavailable(f"{file} cannot be read: {error.strerror}") from error

    def beside(self, release: int) -> "Folder":
        """Return the folder of another release."""
        return Folder(self._folder.absolute().parent / str(release))

    def listing(self) -> set[str]:
        """Return the paths of all files, hidden ones and links too."""
        return {
            path.relative_to(self._folder).as_posix()
            for path in self._folder.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }

    def _is_inside(self, file: Path) -> bool:
        return file.resolve().is_relative_to(self._folder.resolve())


class Address:
    """A folder at an ``http`` or ``https`` address. Only that origin is ever asked."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self.place = url
        self._client = client

    def pieces(self, path: str, at_most: int) -> Iterator[bytes]:
        """Yield the content of a file; redirects and content codings are refused."""
        if not is_safe(path):
            raise AbsentError(path)
        deadline = time.monotonic() + _GRACE_SECONDS + at_most / _SLOWEST
        left = at_most
        with self._asked(path) as answer:
            for piece in answer.iter_raw():  # as it arrives, or a trickle went unnoticed
                left -= len(piece)
                if left < 0:
                    raise OversizeError(path)
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"{self.place}{path} comes too slowly: {at_most - left:,} bytes so far"
                    )
                yield piece

    def beside(self, release: int) -> "Address":
        """Return the folder of another release at the same origin."""
        return Address(self._client, urljoin(self.place, f"../{release}/"))

    def listing(self) -> None:
        """Nobody can tell what else an origin has."""

    @contextmanager
    def _asked(self, path: str) -> Iterator[httpx.Response]:
        try:
            with self._client.stream("GET", self.place + path) as answer:
                self._check(answer, path)
                yield answer
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise Unavailable(f"{self.place}{path} cannot be fetched: {said}") from error

    def _check(self, answer: httpx.Response, path: str) -> None:
        if answer.status_code in _GONE:
            raise AbsentError(path, withdrawn=answer.status_code == _GONE[1])
        if answer.status_code in _REDIRECTS:
            raise Unavailable(f"{self.place}{path} leads elsewhere, which is not followed")
        if answer.status_code != _OK:
            raise Unavailable(f"{self.place}{path} is answered with {answer.status_code}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise Unavailable(f"{self.place}{path} comes in a content coding nobody asked for")


@contextmanager
def open_address(url: str) -> Iterator[Address]:
    """Give the release at ``url``, the address of its folder or of a whole service.

    ``releases/latest/`` is resolved once, on the same origin.

    Raises:
        Refused: It is no ``http`` or ``https`` address.
        Unavailable: The origin does not answer, or leads elsewhere.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(
            f"{url[:100]} is neither a folder nor an address like https://host/releases/3/"
        )
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
    if base.rstrip("/").rpartition("/")[0].rpartition("/")[2] != "releases":
        base = urljoin(base, "latest/" if base.endswith("/releases/") else "releases/latest/")
    with httpx.Client(
        timeout=_TIMEOUT_SECONDS,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "cordgraph-verify"},
    ) as client:
        yield Address(client, _resolved(client, base))


def _resolved(client: httpx.Client, base: str) -> str:
    """Follow redirects of the folder inside its origin."""
    target = f"{base}manifest.json"
    for _ in range(_MOST_REDIRECTS):
        try:
            with client.stream("HEAD", target) as answer:
                if answer.status_code not in _REDIRECTS:
                    return target.removesuffix("manifest.json")
                place = urljoin(target, answer.headers.get("location", ""))
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise Unavailable(f"{base} cannot be reached: {said}") from error
        if _origin(place) != _origin(target) or not place.endswith("/manifest.json"):
            raise Unavailable(f"{base} leads elsewhere, to {place[:200]!r}, which is not followed")
        target = place
    raise Unavailable(f"{base} leads from one address to the next")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
