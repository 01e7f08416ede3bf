"""A stretch of network that breaks: it passes bytes on, and cuts connections at random points."""

import contextlib
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_PIECE = 16_384


class CuttingProxy:
    """Passes what clients say to a server, and its answers back until they are cut.

    Args:
        target: Base URL of the server.
        least: Fewest bytes of answers that a connection lives for.
        most: Most bytes.
        seed: Of the points at which it cuts.

    Attributes:
        cuts: How many connections were cut.
    """

    def __init__(self, target: str, least: int, most: int, seed: int) -> None:
        parts = urlsplit(target)
        self._target = parts.hostname or "", parts.port or 80
        self._least, self._most = least, most
        self._random = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.cuts = 0

    @property
    def url(self) -> str:
        """Base URL for clients."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def run(self) -> None:
        """Take connections until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            asking = threading.Thread(target=_copy, args=(client, server), daemon=True)
            asking.start()
            left = self._random.randint(self._least, self._most)
            with contextlib.suppress(OSError):
                while data := server.recv(_PIECE):
                    client.sendall(data[:left])
                    left -= len(data)
                    if left <= 0:
                        self.cuts += 1
                        break
            for each in (client, server):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_PIECE):
            target.sendall(data)


@contextmanager
def cutting_proxy(target: str, least: int, most: int, seed: int = 1) -> Iterator[CuttingProxy]:
    """Give a proxy before ``target`` while the context lasts; see `CuttingProxy`."""
    proxy = CuttingProxy(target, least, most, seed)
    thread = threading.Thread(target=proxy.run, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
