"""How long the parts of a request are that are not its body, and whether they are too long."""

from http import HTTPStatus

from api.wire_refusal import WireRefusal
from schema.errors import Code

MAX_URL_BYTES = 16_384
"""Bytes of a URL; longer ones get 414."""
MAX_HEAD_BYTES = 32_768
"""Bytes of all header fields of a request; more get 431."""
MAX_FRAME_BYTES = 32_768
"""Bytes of a chunked body that are not its data; more get 413, or 431 among trailer fields."""

_MAX_UNFINISHED_HEAD = MAX_URL_BYTES + MAX_HEAD_BYTES + 1_024
_FIELD_BYTES = len(": \r\n")
_CHUNK_BYTES = len("1\r\n\r\n")
_FRAME = (
    f"A chunked body may have at most {MAX_FRAME_BYTES:,} bytes besides its data: sizes and "
    "extensions of chunks, and trailer fields."
)

_LONG_URL = WireRefusal(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    Code.REQUEST_TOO_LARGE,
    f"A URL may have at most {MAX_URL_BYTES:,} bytes.",
)
_LONG_HEAD = WireRefusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Code.REQUEST_TOO_LARGE,
    f"All header fields may have at most {MAX_HEAD_BYTES:,} bytes.",
)
_LONG_TRAILERS = WireRefusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Code.REQUEST_TOO_LARGE, _FRAME
)
_LONG_CHUNKING = WireRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Code.REQUEST_TOO_LARGE, _FRAME)


class MessageSize:
    """Counts in two ways, since the parser is silent on what it has not finished or leaves out.

    What it hands over (fields, chunks) is counted at once. Of packets that lie within one part of
    a request, a head or a body, all that is not handed over as data is counted when they end.

    Attributes:
        in_head: Whether the head of a request is being read, or waited for.
        url: Bytes of its URL so far.
        data: Bytes of its body so far.
    """

    in_head: bool
    url: int
    data: int
    _finished: int
    _received: int
    _most_finished: int
    _most_received: int
    _data_before_packet: int
    _data_before_chunk: int
    _part_began: bool

    def __init__(self) -> None:
        self.begin_head()

    def begin_head(self) -> None:
        """Begin a request, or wait for one."""
        self.in_head = True
        self._most_finished, self._most_received = MAX_HEAD_BYTES, _MAX_UNFINISHED_HEAD
        self._begin_part()

    def begin_body(self) -> None:
        """Go on to the body."""
        self.in_head = False
        self._most_finished = self._most_received = MAX_FRAME_BYTES
        self._begin_part()

    def add_url(self, length: int) -> bool:
        """Count a part of the URL, and tell whether it is too long by now."""
        self.url += length
        return self.url > MAX_URL_BYTES

    def add_field(self, name: bytes, value: bytes) -> bool:
        """Count a header or trailer field, and tell whether these are too long by now."""
        self._finished += len(name) + len(value) + _FIELD_BYTES
        return self._finished > self._most_finished

    def add_chunk(self) -> bool:
        """Count the frame of a chunk, and tell whether these are too many by now."""
        self._finished += _CHUNK_BYTES
        if self._finished > self._most_finished:
            return True
        self._data_before_chunk = self.data
        return False

    def add_packet(self, length: int) -> bool:
        """Count what nothing was told of in a packet, and tell whether that is too much by now."""
        if not self._part_began:
            self._received += length - (self.data - self._data_before_packet)
        self._data_before_packet = self.data
        self._part_began = False
        return self._received > self._most_received

    @property
    def excess(self) -> WireRefusal | None:
        """What is too long, if anything is."""
        if self.url > MAX_URL_BYTES:
            return _LONG_URL
        if self._finished <= self._most_finished and self._received <= self._most_received:
            return None
        if self.in_head:
            return _LONG_HEAD
        # Only the last chunk has no data, and trailer fields follow it.
        return _LONG_TRAILERS if self.data == self._data_before_chunk else _LONG_CHUNKING

    def _begin_part(self) -> None:
        self.url = self.data = 0
        self._finished = self._received = 0
        self._data_before_packet = 0
        self._data_before_chunk = -1
        self._part_began = True
