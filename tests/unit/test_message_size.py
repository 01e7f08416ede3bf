"""Where the limits on the parts of a request lie, to the byte."""

from http import HTTPStatus

import pytest

from api.message_size import MAX_FRAME_BYTES, MAX_HEAD_BYTES, MAX_URL_BYTES, MessageSize


def _status(size: MessageSize) -> int | None:
    return None if size.excess is None else size.excess.status.value


@pytest.fixture
def in_body() -> MessageSize:
    """A request whose head is complete, at the beginning of a packet."""
    size = MessageSize()
    size.begin_body()
    size.add_packet(0)
    return size


def test_a_url() -> None:
    """Its parts are added up; the next request begins anew."""
    size = MessageSize()
    assert not size.add_url(MAX_URL_BYTES - 1)
    assert not size.add_url(1)
    assert _status(size) is None
    assert size.add_url(1)
    assert _status(size) == HTTPStatus.REQUEST_URI_TOO_LONG
    size.begin_head()
    assert _status(size) is None


def test_header_fields() -> None:
    """A field counts as its name, its value and the four bytes around them."""
    size = MessageSize()
    assert not size.add_field(b"a" * 96, b"b" * 100)
    assert not size.add_field(b"a", b"b" * (MAX_HEAD_BYTES - 200 - 5))
    assert size.add_field(b"a", b"")
    assert _status(size) == 431


def test_a_field_that_does_not_end() -> None:
    """Packets count that lie in the head; a head begins in the first, which counts later."""
    size = MessageSize()
    size.begin_head()
    assert not size.add_packet(1_000_000)
    assert not size.add_packet(MAX_URL_BYTES + MAX_HEAD_BYTES + 1_024)
    assert size.add_packet(1)
    assert _status(size) == 431


def test_frames_of_chunks(in_body: MessageSize) -> None:
    """Five bytes at least for each, whatever is in it."""
    for _ in range(MAX_FRAME_BYTES // 5):
        assert not in_body.add_chunk()
        in_body.data += 1
    assert in_body.add_chunk()
    assert _status(in_body) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_packets_without_the_data_in_them(in_body: MessageSize) -> None:
    """A body of any size has no frame; extensions are what is not data."""
    in_body.data += 1_000_000
    assert not in_body.add_packet(1_000_000)
    in_body.data += 500
    assert not in_body.add_packet(500 + MAX_FRAME_BYTES)
    in_body.data += 500
    assert in_body.add_packet(501)
    assert _status(in_body) == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_trailer_fields(in_body: MessageSize) -> None:
    """They follow the chunk without data, finished or not."""
    in_body.add_chunk()
    in_body.data += 1
    in_body.add_chunk()
    assert not in_body.add_field(b"t", b"v" * (MAX_FRAME_BYTES - 10 - 5))
    assert in_body.add_field(b"t", b"v")
    assert _status(in_body) == 431
    in_body.begin_body()
    in_body.add_chunk()
    in_body.add_packet(3)
    assert in_body.add_packet(MAX_FRAME_BYTES + 1)
    assert _status(in_body) == 431
