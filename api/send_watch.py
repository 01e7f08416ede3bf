"""The patience with a client that does not take what is sent to it."""

import asyncio

LEAST_TAKEN = 1_000_000
"""Bytes of an answer that a client must take in each send timeout, if as many are left."""


class SendWatch:
    """Closes a connection on which what waits to be sent stays there.

    Without a rate that it must keep, a client could hold a few long answers for hours each, and so
    the memory of all; with one time for the whole, a slow line could not carry a long answer.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: float
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._seconds = seconds
        self._left = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Watch from now on: something waits to be sent, and nothing did before."""
        self._left = self._transport.get_write_buffer_size()
        self._timer = self._loop.call_later(self._seconds, self._look)

    def end(self) -> None:
        """Watch no longer: all is sent, or the connection is closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        left = self._transport.get_write_buffer_size()
        if self._left - left < LEAST_TAKEN:
            self._transport.abort()
        else:
            self.begin()
