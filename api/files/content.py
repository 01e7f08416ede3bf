"""Where the bytes of an answer come from: memory, or a store of files."""

from collections.abc import AsyncGenerator
from typing import Protocol

from api.files.ranges import Part

CHUNK_BYTES = 262_144
"""Bytes that one answer holds in memory at a time."""


class Content(Protocol):
    """Bytes of a known number, of which any part can be read."""

    def read(self, part: Part) -> AsyncGenerator[bytes]:
        """Yield the bytes of ``part`` in pieces of at most `CHUNK_BYTES`."""


class Memory:
    """Bytes that are in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def read(self, part: Part) -> AsyncGenerator[bytes]:
        """Yield the bytes of ``part``."""
        for start in range(part.start, part.end, CHUNK_BYTES):
            yield self._data[start : min(start + CHUNK_BYTES, part.end)]
