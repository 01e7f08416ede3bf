"""An origin of files that lies in whatever way a test wants."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Lie = Callable[[BaseHTTPRequestHandler], None]
"""Answers a request in its own way."""


@dataclass
class Origin:
    """A running origin.

    Attributes:
        url: Its address, with a slash at its end.
        root: The folder that it serves.
        lies: How paths are answered that are not to be answered from the folder.
        asked: The paths that were asked for.
    """

    url: str
    root: Path
    lies: dict[str, Lie] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def origin(root: Path) -> Iterator[Origin]:
    """Serve ``root`` on this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.asked.append(self.path)
            lie = served.lies.get(self.path)
            if lie is not None:
                lie(self)
                return
            file = served.root / self.path.lstrip("/")
            content = file.read_bytes() if file.is_file() else None
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content or b"")

        do_HEAD = do_GET  # noqa: N815 - the name that the library looks for

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Origin(f"http://127.0.0.1:{server.server_port}/", root)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(status: int, body: bytes = b"", **headers: str) -> Lie:
    """Answer with ``status``, ``body`` and headers, whose names have ``_`` for ``-``."""

    def lie(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(body)

    return lie


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Send bytes until nobody takes them any more."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"\0" * 65_536)
    except OSError:
        handler.close_connection = True
