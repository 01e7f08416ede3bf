"""Serves the application over a real socket, in a thread with a loop of its own."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import strawberry

from api.app import create_app
from api.server import bind, make_server
from api.settings import Settings
from database.access import Access
from schema.versions import VERSIONS, Versions


@contextmanager
def serving(
    access: Access,
    settings: Settings | None = None,
    schemas: Mapping[str, strawberry.Schema] | None = None,
    versions: Versions = VERSIONS,
    retired: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Give the base URL of the application while the context lasts; without quotas by default."""
    settings = settings or Settings(anonymous_quota=0)
    server = make_server(create_app(settings, access, schemas, versions, retired), settings)
    with bind("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("the server did not start")
                time.sleep(0.01)
            yield f"http://127.0.0.1:{_port(listener)}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def dialled(url: str, timeout: float = 10) -> Iterator[socket.socket]:
    """Give a connection to the server at ``url``, which answers within ``timeout`` seconds."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        yield connection


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port
