"""What is left to parse, and in which order."""

import asyncio

import pytest

from api.inbox import SLICE_BYTES, Inbox, InboxFlow


def test_bytes_are_taken_in_slices_and_in_order() -> None:
    """None is lost and none comes twice, also where some are put back."""
    sent = bytes(range(256)) * 40
    inbox = Inbox()
    inbox.put(sent[:9_000])
    inbox.put(sent[9_000:])
    first = inbox.take()
    assert first == sent[:SLICE_BYTES]
    inbox.put_back(first[100:])
    taken = first[:100]
    while inbox:
        piece = inbox.take()
        assert 0 < len(piece) <= SLICE_BYTES
        taken += piece
    assert taken == sent


def test_what_is_forgotten_is_gone() -> None:
    """Nothing can be taken then."""
    inbox = Inbox()
    inbox.put(b"x")
    inbox.clear()
    assert not inbox
    with pytest.raises(IndexError):
        inbox.take()


class _Socket(asyncio.Transport):
    """Remembers whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


async def test_nothing_is_read_while_something_is_left() -> None:
    """Whoever asks for more has to wait until the inbox is empty."""
    inbox, socket = Inbox(), _Socket()
    flow = InboxFlow(socket, inbox)
    inbox.put(b"x")
    flow.pause_reading()
    flow.resume_reading()
    assert not socket.reading
    inbox.take()
    flow.resume_reading()
    assert socket.reading
