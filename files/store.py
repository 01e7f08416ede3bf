"""The store of files: a folder, or a bucket of any S3-compatible service, by one interface."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import LocalStore, S3Store

from domain.failures import Refused, Unavailable
from files.layout import is_safe

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult

VARIABLE: Final = "CORDGRAPH_FILES"
"""Names the store: a folder, or ``s3://bucket`` or ``s3://bucket/prefix``."""

_CHUNK = 256 * 1024
_THREADS = 16
"""Reads at once; each holds its thread for one piece only, whoever it is for."""
_S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?", re.ASCII)
_DRAFT = re.compile(r"[^#]+#\d+")
_LOGIN = re.compile(r"://[^/\s@]*@")
"""How the library names a file of a folder until it is whole; no plain path has a ``#``."""
DoneT = TypeVar("DoneT")

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


class MissingFileError(LookupError):
    """The store has no such file."""


class ChangedFileError(Exception):
    """A file is no longer the version of it that was to be read."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store.

    Attributes:
        path: Its path below the root.
        bytes: Its size.
        version: Changes whenever the file is written anew; what it says depends on the store.
    """

    path: str
    bytes: int
    version: str = field(default="", compare=False)


def store_place(environ: Mapping[str, str], home: Path) -> str:
    """Return where files are kept, as `open_store` takes it.

    Args:
        environ: The environment.
        home: The data folder, in which files are kept unless `VARIABLE` names another place.

    Raises:
        Refused: The variable names neither a folder nor a bucket.
    """
    given = environ.get(VARIABLE, "").strip()
    if not given:
        return str(home / "files")
    if "://" not in given:
        return str(Path(given).expanduser().absolute())
    if _S3.fullmatch(given) is None:
        raise Refused(
            f"{VARIABLE}={given[:60]} is neither a folder nor an address like s3://bucket/prefix.",
            "Keys and endpoint of an S3-compatible store stand in AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL.",
        )
    return given


def open_store(place: str, environ: Mapping[str, str] = os.environ) -> "Store":
    """Return the store at ``place``, which `store_place` found. Nothing is read or made yet.

    Open it in the process that uses it: the library's threads do not survive a fork.
    """
    address = _S3.fullmatch(place)
    if address is None:
        return Store(place, None, Path(place))
    endpoint = next((environ[name] for name in _ENDPOINTS if environ.get(name)), "")
    bucket = S3Store(
        address[1],
        prefix=(address[2] or "").strip("/") or None,
        client_options={"allow_http": endpoint.startswith("http://")},
    )
    return Store(place, bucket, None)


class Store:
    """Files by their path below the root.

    Whatever is written is there whole or not at all. Paths are plain (`files.layout.is_safe`);
    others are a ``ValueError``. A store that cannot be used is `Unavailable`.

    Attributes:
        place: Where it is, for messages; it holds no secrets.
        root: The folder, or ``None`` for a bucket.
    """

    def __init__(self, place: str, bucket: S3Store | None, root: Path | None) -> None:
        self.place = place
        self.root = root
        self._store: LocalStore | S3Store | None = bucket
        # The library's own coroutines are completed by threads of its own, which abort the process
        # (exit status 134) when the interpreter ends at that moment.
        self._threads = ThreadPoolExecutor(_THREADS, "store")

    async def find(self, path: str) -> StoredFile | None:
        """Return the file at ``path``, or ``None``."""
        try:
            with self._told(path):
                found = await self._do(lambda: obstore.head(self._opened(), _checked(path)))
        except MissingFileError:
            return None
        return StoredFile(path, found["size"], found["e_tag"] or "")

    async def under(self, prefix: str) -> list[StoredFile]:
        """Return all files below the folder ``prefix``, by path; what is half-written is not."""

        def listed() -> list[StoredFile]:
            return [
                StoredFile(each["path"], each["size"], each["e_tag"] or "")
                for page in obstore.list(self._opened(), _checked(prefix))
                for each in page
            ]

        found: list[StoredFile] = []
        with suppress(MissingFileError), self._told(prefix):
            found = await self._do(listed)
        return sorted(found, key=lambda file: file.path)

    async def read(self, path: str, at_most: int) -> bytes:
        """Return the content of a small file.

        Raises:
            MissingFileError: There is none.
            Unavailable: It has more than ``at_most`` bytes.
        """
        with self._told(path):
            found = await self._do(lambda: obstore.get(self._opened(), _checked(path)))
            if found.meta["size"] > at_most:
                raise Unavailable(f"{self.place}/{path} has more than {at_most:,} bytes")
            return await self._do(lambda: bytes(found.bytes()))

    async def stream(
        self, path: str, start: int = 0, end: int | None = None, version: str | None = None
    ) -> AsyncGenerator[bytes]:
        """Yield the bytes of a file from ``start`` to before ``end``, in pieces of 256 KiB.

        Args:
            path: Of the file.
            start: Place of the first byte.
            end: Place behind the last byte; ``None`` or beyond the end is the end.
            version: Read no other version of it than this one.

        Raises:
            MissingFileError: There is none.
            ChangedFileError: It has another version.
        """
        if end is not None and end <= start:
            return
        if (found := await self.find(path)) is None:
            raise MissingFileError(path)
        if version is not None and found.version != version:
            raise ChangedFileError(path)
        async for piece in self.stream_found(found, start, end):
            yield piece

    async def stream_found(
        self, found: StoredFile, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes]:
        """Yield the bytes of a file that `find` found, as `stream` does, without another look.

        Raises:
            MissingFileError: It is gone.
            ChangedFileError: It has another version by now.
        """
        stop = found.bytes if end is None else min(end, found.bytes)
        if start >= stop:
            return
        with self._told(found.path):
            pieces = await self._do(lambda: self._pieces(found, start, stop))
            while (piece := await self._do(lambda: next(pieces, None))) is not None:
                yield piece

    async def put(self, path: str, content: bytes | Path) -> None:
        """Write a file from ``content``, bytes or a file; it replaces what is there.

        Whoever must not replace anything looks first, under a lock of its own.
        """
        with self._told(path, writing=True):
            await self._do(lambda: obstore.put(self._opened(make=True), _checked(path), content))
            if self.root is not None:
                await asyncio.to_thread(_keep, self.root, path)

    async def sweep(self) -> None:
        """Take away what writers that died left of files that were never whole.

        Nobody else may write meanwhile. A bucket keeps such parts out of sight, and its rules say
        for how long.
        """
        if self.root is not None:
            await asyncio.to_thread(_sweep, self.root)

    async def delete(self, path: str) -> None:
        """Take a file away, if it is there."""
        with suppress(MissingFileError), self._told(path):
            await self._do(lambda: obstore.delete(self._opened(), _checked(path)))

    async def _do(self, call: Callable[[], DoneT]) -> DoneT:
        """Call what waits for the store in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _pieces(self, found: StoredFile, start: int, stop: int) -> Iterator[bytes]:
        """Open a part of the version that was found, and return its bytes in pieces."""
        if self.root is None:
            return (
                bytes(each) for each in self._part(found, start, stop).stream(min_chunk_size=_CHUNK)
            )
        # The library's stream of a file that becomes shorter meanwhile never ends.
        ends = ((at, min(at + _CHUNK, stop)) for at in range(start, stop, _CHUNK))
        return (bytes(self._part(found, *each).bytes()) for each in ends)

    def _part(self, found: StoredFile, start: int, stop: int) -> "GetResult":
        """Ask for a part of the version that was found."""
        options: GetOptions = {"range": (start, stop)}
        if found.version:
            options["if_match"] = found.version
        try:
            return obstore.get(self._opened(), found.path, options=options)
        except PreconditionError as error:
            raise ChangedFileError(found.path) from error

    def _opened(self, *, make: bool = False) -> LocalStore | S3Store:
        """Return the library's store; a folder is made only to write into it."""
        if self._store is None:
            if not make and self.root is not None and not self.root.is_dir():
                raise FileNotFoundError(self.place)
            self._store = LocalStore(prefix=self.place, mkdir=True, automatic_cleanup=True)
        return self._store

    @contextmanager
    def _told(self, path: str, *, writing: bool = False) -> Iterator[None]:
        """Turn what goes wrong into what a user is told."""
        try:
            yield
        except (BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError) and not writing:
                raise MissingFileError(path) from None
            said = without_passwords(next(iter(str(error).splitlines()), type(error).__name__))
            raise Unavailable(
                f"{self.place}: the file store cannot be used at {path}: {said}",
                f"Check {VARIABLE}, the rights and the room there; for a bucket also "
                "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL.",
            ) from error


def without_passwords(text: str) -> str:
    """Return ``text`` without what stands before the host in its addresses."""
    return _LOGIN.sub("://", text)


def _checked(path: str) -> str:
    if not is_safe(path):
        raise ValueError(f"{path!r} is not a plain path below the root")
    return path


def _sweep(root: Path) -> None:
    for left in root.rglob("*#*"):
        if _DRAFT.fullmatch(left.name) and left.is_file():
            left.unlink(missing_ok=True)


def _keep(root: Path, path: str) -> None:
    """Have the disk keep a file and its name, whatever happens to the machine."""
    file = root / path
    for place in (file, *file.parents):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if place == root:
            return
