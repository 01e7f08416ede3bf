"""An origin that serves the files of a store as ours does, and misbehaves where it is told to."""

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
Fault = Callable[["Handler", Answer], Answer | None]
"""Changes an answer, or sends one itself and returns ``None``."""


@dataclass
class HostileOrigin:
    """What an origin serves.

    Attributes:
        root: The folder of its store.
        withdrawn: Time and reason of releases that are withdrawn, by number.
        faults: What happens to answers, by path; ``*`` is every file.
        asked: How often each path was asked for.
        sent: Bytes of bodies that were sent for each path.
        url: Where it answers.
    """

    root: Path
    withdrawn: dict[int, tuple[str, str]] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    url: str = ""

    def listing(self) -> dict[str, Any]:
        """Return the list of releases."""
        numbers = {int(place.name) for place in self.root.glob("releases/*")} | {*self.withdrawn}
        rows = []
        for number in sorted(numbers):
            at, reason = self.withdrawn.get(number, (None, None))
            rows.append({"number": number, "withdrawnAt": at, "withdrawnReason": reason})
        return {"releases": rows}


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    origin: HostileOrigin

    def do_GET(self) -> None:
        """Answer, or misbehave."""
        path = self.path.lstrip("/")
        self.origin.asked[path] += 1
        answer: Answer | None = self._answer(path)
        fault = self.origin.faults.get(path) or self.origin.faults.get("*")
        if fault is not None and answer is not None:
            answer = fault(self, answer)
        if answer is not None:
            self.send(*answer)

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.origin.sent[self.path.lstrip("/")] += len(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def _answer(self, path: str) -> Answer:
        if path == "releases/":
            body = json.dumps(self.origin.listing()).encode()
            return 200, {"Content-Type": "application/json"}, body
        number = path.split("/")[1] if path.startswith("releases/") else ""
        if number.isdigit() and int(number) in self.origin.withdrawn:
            return 410, {}, b"{}"
        file = self.origin.root / path
        if not file.is_file():
            return 404, {}, b""
        content = file.read_bytes()
        tag = f'"sha256-{hashlib.sha256(content).hexdigest()}"'
        if self.headers.get("if-none-match") == tag:
            return 304, {"ETag": tag}, b""
        wanted = self.headers.get("range", "")
        if wanted and self.headers.get("if-range", tag) == tag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            where = f"bytes {start}-{len(content) - 1}/{len(content)}"
            return 206, {"ETag": tag, "Content-Range": where}, content[start:]
        return 200, {"ETag": tag}, content


@contextmanager
def hostile_origin(root: Path) -> Iterator[HostileOrigin]:
    """Serve the store at ``root`` while the context lasts."""
    origin = HostileOrigin(root)
    handler = type("Bound", (Handler,), {"origin": origin})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    origin.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def cut_after(share: float) -> Fault:
    """Close the connection when a part of the body has been sent."""

    def fault(handler: Handler, answer: Answer) -> None:
        status, headers, body = answer
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body[: int(len(body) * share)])
        handler.origin.sent[handler.path.lstrip("/")] += int(len(body) * share)
        handler.close_connection = True

    return fault


def endless(handler: Handler, answer: Answer) -> None:
    """Send bytes without an end."""
    del answer
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = b"%x\r\n%b\r\n" % (65_536, b"x" * 65_536)
    try:
        while True:
            handler.wfile.write(piece)
    except ConnectionError:
        handler.close_connection = True


def dripping(seconds: float) -> Fault:
    """Send a byte at a time, each after a while."""

    def fault(handler: Handler, answer: Answer) -> None:
        status, headers, body = answer
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        with suppress(ConnectionError):
            for place in range(len(body)):
                handler.wfile.write(body[place : place + 1])
                time.sleep(seconds)
        handler.close_connection = True

    return fault


def answering(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer with something else."""
    return lambda _handler, _answer: (
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        body,
    )


def changed(handler: Handler, answer: Answer) -> Answer:
    """Change one byte in the middle of the body."""
    del handler
    status, headers, body = answer
    middle = len(body) // 2
    return status, headers, body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
