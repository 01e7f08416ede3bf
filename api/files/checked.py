"""Files of releases as they were published: what differs from its recorded hash is not served."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog

from api.files.ranges import Part
from domain.failures import Unavailable
from files.layout import PUBLIC_KEY, stored
from files.store import ChangedFileError, MissingFileError, Store, StoredFile
from loaders.releases import ReleaseFileRecord

_LONGEST_KEY = 1_000
_log = structlog.get_logger("cordgraph")


class NotPublishedError(Exception):
    """The store has not the bytes that were published; ``str`` of it says so without a path."""


class StoredContent:
    """The bytes of one version of a file in the store."""

    def __init__(self, store: Store, found: StoredFile) -> None:
        self._store = store
        self._found = found

    async def read(self, part: Part) -> AsyncGenerator[bytes]:
        """Yield the bytes of ``part``; a file that changes meanwhile is a fault."""
        pieces = self._store.stream_found(self._found, part.start, part.end)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece


class CheckedFiles:
    """Opens files whose bytes have the hash that the database recorded at publication.

    Each file is read once before a process serves it, and again whenever the store says that it
    was written anew. So neither a slip of an operator nor somebody with access to the store, but
    not to the database, can have a release say something else.
    """

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._checked: dict[str, str] = {}
        self._checking: dict[tuple[str, str], asyncio.Task[bool]] = {}

    async def open(self, record: ReleaseFileRecord, *, unread: bool = False) -> StoredContent:
        """Return the content of a file.

        Args:
            record: What was recorded of it.
            unread: Whether nothing of it will be read, so that its size is enough.

        Raises:
            NotPublishedError: It is missing, or not what was published, or the store is away.
        """
        if self._store is None:
            raise NotPublishedError("This service has no files; another mirror may have them.")
        path = stored(record.release, record.path)
        try:
            found = await self._store.find(path)
            fine = found is not None and found.bytes == record.bytes
            if fine and found is not None and not unread:
                fine = await self._is_checked(self._store, found, record.sha256)
        except Unavailable as error:
            _log.error("the store of files does not answer", fault=error.message)
            raise NotPublishedError("The files cannot be reached at the moment.") from error
        if found is None or not fine:
            _log.error("a file is not what was published", path=path, missing=found is None)
            raise NotPublishedError("The file here is not the one that was published.")
        return StoredContent(self._store, found)

    async def public_key(self) -> bytes | None:
        """Return the key that signs new releases, or ``None`` before the first.

        Raises:
            NotPublishedError: The store is away.
        """
        if self._store is None:
            return None
        try:
            return await self._store.read(PUBLIC_KEY, _LONGEST_KEY)
        except MissingFileError:
            return None
        except Unavailable as error:
            _log.error("the store of files does not answer", fault=error.message)
            raise NotPublishedError("The files cannot be reached at the moment.") from error

    async def _is_checked(self, store: Store, found: StoredFile, sha256: str) -> bool:
        """Tell whether a version has the hash; those who ask meanwhile wait for one reading."""
        if found.version and self._checked.get(found.path) == found.version:
            return True
        key = found.path, found.version
        if key not in self._checking:
            self._checking[key] = asyncio.create_task(self._check(store, found, sha256))
        return await asyncio.shield(self._checking[key])

    async def _check(self, store: Store, found: StoredFile, sha256: str) -> bool:
        digest = hashlib.sha256()
        try:
            async for piece in store.stream_found(found):
                await asyncio.to_thread(digest.update, piece)
        except (ChangedFileError, MissingFileError):
            return False
        finally:
            del self._checking[found.path, found.version]
        if digest.hexdigest() != sha256:
            return False
        self._checked[found.path] = found.version
        return True
