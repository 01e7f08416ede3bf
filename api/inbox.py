"""What a client has sent and nobody has read yet."""

import asyncio
from collections import deque

from uvicorn.protocols.http.flow_control import FlowControl

SLICE_BYTES = 4_096
"""Most bytes that are parsed without looking at the clock, or at what they led to."""


class Inbox:
    """Bytes in the order in which they came, to be taken in slices."""

    def __init__(self) -> None:
        self._pieces: deque[memoryview] = deque()

    def __bool__(self) -> bool:
        """Tell whether anything is left."""
        return bool(self._pieces)

    def put(self, data: bytes) -> None:
        """Add what came."""
        self._pieces.append(memoryview(data))

    def put_back(self, data: bytes) -> None:
        """Have ``data`` taken once more, before everything else."""
        self._pieces.appendleft(memoryview(data))

    def take(self) -> bytes:
        """Return the first bytes that are left.

        Raises:
            IndexError: Nothing is left.
        """
        piece = self._pieces.popleft()
        if len(piece) > SLICE_BYTES:
            self._pieces.appendleft(piece[SLICE_BYTES:])
        return bytes(piece[:SLICE_BYTES])

    def clear(self) -> None:
        """Forget everything."""
        self._pieces.clear()


class InboxFlow(FlowControl):
    """Takes nothing more from the socket while something is left in the inbox."""

    def __init__(self, transport: asyncio.Transport, inbox: Inbox) -> None:
        super().__init__(transport)
        self._inbox = inbox

    def resume_reading(self) -> None:
        """Read on, unless there is enough to do."""
        if not self._inbox:
            super().resume_reading()
