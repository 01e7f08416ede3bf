"""What is sent to the servers: requests, and files of them for the load generators."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request; with a body it is JSON."""

    method: str
    path: str
    body: bytes = b""

    def line(self) -> bytes:
        """Return it as a line of a file for `load/requests.lua`."""
        return b"\t".join((self.method.encode(), self.path.encode(), self.body)) + b"\n"

    def wire(self, host: str) -> bytes:
        """Return it as it is sent over HTTP/1.1."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {host}\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


def post(path: str, document: str, variables: dict[str, object]) -> Call:
    """Return a GraphQL request."""
    return Call("POST", path, orjson.dumps({"query": document, "variables": variables}))


def write_calls(file: Path, calls: Iterable[Call]) -> Path:
    """Write ``calls`` to ``file`` for the load generators, and return it."""
    with file.open("wb") as lines:
        lines.writelines(call.line() for call in calls)
    return file
