"""A hostile request as the bytes that go over the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

_HOST = "Host: 127.0.0.1\r\nConnection: close\r\n"
_TYPE = "Content-Type: application/json"
_DOCUMENT = b'{"query": "'
_ACCEPT = "Accept: application/graphql-response+json"


@dataclass(frozen=True)
class HostileRequest:
    """One request.

    Attributes:
        group: What it attacks.
        name: How it does.
        wire: Everything that is sent.
    """

    group: str
    name: str
    wire: bytes

    @property
    def is_small(self) -> bool:
        """Whether it has at most 64 kB."""
        return len(self.wire) <= 64 * 1024

    def again(self, number: int) -> bytes:
        """Return the request with ``number`` blanks before its document, so that it is new."""
        head, separator, body = self.wire.partition(b"\r\n\r\n")
        if not body.startswith(_DOCUMENT):
            return self.wire
        length = b"Content-Length: %d"
        head = head.replace(length % len(body), length % (len(body) + number))
        return head + separator + body.replace(_DOCUMENT, _DOCUMENT + b" " * number, 1)


def asking(
    group: str,
    name: str,
    document: str,
    variables: Mapping[str, object] | None = None,
    path: str = "/graphql",
) -> HostileRequest:
    """Return a POST of a document."""
    body: dict[str, object] = {"query": document}
    if variables is not None:
        body["variables"] = variables
    return posting(group, name, json.dumps(body).encode(), path=path)


def posting(
    group: str, name: str, body: bytes, *headers: str, path: str = "/graphql"
) -> HostileRequest:
    """Return a POST of ``body``; headers in place of Content-Type and Accept, if any."""
    lines = "\r\n".join(headers or (_TYPE, _ACCEPT))
    head = f"POST {path} HTTP/1.1\r\n{_HOST}{lines}\r\nContent-Length: {len(body)}\r\n\r\n"
    return HostileRequest(group, name, head.encode() + body)


def getting(group: str, name: str, document: str, extra: str = "") -> HostileRequest:
    """Return a GET of a document; ``extra`` follows it in the address."""
    path = f"/graphql?query={quote(document)}{extra}"
    return raw(group, name, f"GET {path} HTTP/1.1\r\n{_HOST}{_ACCEPT}\r\n\r\n".encode())


def raw(group: str, name: str, wire: bytes) -> HostileRequest:
    """Return a request that is sent as it is."""
    return HostileRequest(group, name, wire)
