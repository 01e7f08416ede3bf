"""Compressing a stream piece by piece, so that each piece can be read when it arrives."""

import asyncio
import zlib
from typing import Any, Protocol

import brotli

from api.coding import INLINE_BYTES, Coding

_GZIP_LEVEL = 6
_GZIP_FORMAT = 31
_BROTLI_QUALITY = 4


class StreamCoder:
    """Codes one stream; this one leaves it as it is."""

    async def code(self, piece: bytes, *, last: bool = False) -> bytes:
        """Return a piece, all of it; after the ``last`` there is none."""
        del last
        return piece


class _Compressor(Protocol):
    def __call__(self, piece: bytes, *, last: bool) -> bytes: ...


class _Compressing(StreamCoder):
    def __init__(self, compress: _Compressor) -> None:
        self._compress = compress

    async def code(self, piece: bytes, *, last: bool = False) -> bytes:
        if len(piece) <= INLINE_BYTES:
            return self._compress(piece, last=last)
        return await asyncio.to_thread(self._compress, piece, last=last)


def _gzip() -> _Compressor:
    compressor = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_FORMAT)

    def compress(piece: bytes, *, last: bool) -> bytes:
        mode = zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
        return compressor.compress(piece) + compressor.flush(mode)

    return compress


def _brotli() -> _Compressor:
    # Its stubs do not know flush.
    compressor: Any = brotli.Compressor(mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)

    def compress(piece: bytes, *, last: bool) -> bytes:
        coded: bytes = compressor.process(piece)
        rest: bytes = compressor.finish() if last else compressor.flush()
        return coded + rest

    return compress


def stream_coder(coding: Coding) -> StreamCoder:
    """Return what codes one stream in ``coding``."""
    if coding is Coding.GZIP:
        return _Compressing(_gzip())
    if coding is Coding.BROTLI:
        return _Compressing(_brotli())
    return StreamCoder()
