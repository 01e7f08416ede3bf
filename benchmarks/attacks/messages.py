"""Requests that are wrong as HTTP or as JSON."""

import gzip
from collections.abc import Iterator

from benchmarks.attacks.request import HostileRequest, getting, posting, raw

_JSON = "Content-Type: application/json"
_QUERY = b'{"query":"{__typename}"}'


def messaging() -> Iterator[HostileRequest]:
    """Yield requests that attack what reads HTTP and JSON."""
    yield from _bodies()
    yield from _headers()
    yield from _lines()


def _bodies() -> Iterator[HostileRequest]:
    bodies = (
        b"", b"null", b"1", b'"x"', b"[]", b"{}", b"{", b"\xff\xfe", b'{"query":"\xc3"}',
        b'{"query":1}', b'{"query":null}', b'{"query":["a"]}', b'{"query":"{a}","variables":[]}',
        b'{"query":"{a}","variables":"{}"}', b'{"query":"{a}","extensions":1}',
        b'{"query":"{a}","operationName":1}', b'{"query":"{a}","operationName":"\\ud800"}',
        b'{"query":"{\\ud800}"}', b'{"query":"{__typename}","operationName":"' + b"x" * 50_000 + b'"}',
        b'[{"query":"{__typename}"},{"query":"{__typename}"}]', b"NaN", b'{"query":"{a}"}x',
        b'{"query":"{__typename}","query":"{a}"}', b'\xef\xbb\xbf{"query":"{__typename}"}',
        b'{"documentId":"sha256:' + b"0" * 64 + b'"}', b'{"documentId":"' + b"x" * 9_000 + b'"}',
        b'{"query":"{a}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}',
        b'{"query":"{a}","extensions":{"persistedQuery":[]}}',
    )  # fmt: skip
    for number, body in enumerate(bodies):
        yield posting("bodies", f"{number} {body[:24]!r}", body)
    for size in (1_000, 30_000, 60_000):
        yield posting("bodies", f"{size} brackets", b"[" * size + b"]" * (size // 2))
        yield posting("bodies", f"{size} braces", b'{"a":' * (size // 5))
        yield posting(
            "bodies", f"{size} digits", b'{"query":"{a}","variables":{"a":' + b"9" * size + b"}}"
        )
        yield posting("bodies", f"{size} members", b"{" + b'"a":1,' * (size // 6) + b'"b":1}')
        yield posting("bodies", f"{size} blanks", b" " * size)
        deep = b"[" * (size // 2) + b"]" * (size // 2)
        yield posting("bodies", f"{size} deep", b'{"query":"{a}","variables":{"a":' + deep + b"}}")
        yield posting("bodies", f"{size} bytes", b"\xff" * size)
        yield posting("bodies", f"{size} escapes", b'{"query":"' + b"\\u00e9" * (size // 6) + b'"}')
    yield posting("bodies", "2 MB", b'{"query":"' + b"x" * 2_000_000 + b'"}')


def _headers() -> Iterator[HostileRequest]:
    types = (
        "text/plain", "application/jsonx", "multipart/form-data; boundary=x", "application/graphql",
        "application/json; charset=utf-16", "application/json; charset=" + "x" * 9_000, "", ";;;",
        "application/x-www-form-urlencoded", "application/json, text/html",
    )  # fmt: skip
    for type_ in types:
        yield posting("headers", f"type {type_[:30]}", _QUERY, f"Content-Type: {type_}")
    accepts = (
        "image/png",
        "text/html",
        "*/*;q=0",
        ";q=",
        "a/b," * 2_000,
        "*/*;q=" + "1" * 9_000,
        "text/event-stream",
    )
    for accept in accepts:
        yield posting("headers", f"accept {accept[:20]}", _QUERY, _JSON, f"Accept: {accept}")
    packed = gzip.compress(b" " * 5_000_000)
    for encoding in ("gzip", "br", "identity", "gzip, gzip", "x" * 5_000):
        body = packed if encoding == "gzip" else _QUERY
        yield posting(
            "headers", f"encoding {encoding[:12]}", body, _JSON, f"Content-Encoding: {encoding}"
        )
    for name in ("X-A", "Cookie", "Forwarded", "X-Forwarded-For", "Authorization", "If-None-Match"):
        for size in (100, 7_000, 60_000):
            yield posting(
                "headers", f"{name} of {size}", _QUERY, _JSON, f"{name}: {'a,' * (size // 2)}"
            )
    many = [f"X-{n}: 1" for n in range(5_000)]
    yield posting("headers", "5000 headers", _QUERY, _JSON, *many)


def _lines() -> Iterator[HostileRequest]:
    host = "HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "FOO", "QUERY", "OPTIONS", "HEAD"):
        yield raw("lines", method, f"{method} /graphql {host}Content-Length: 0\r\n\r\n".encode())
    for path in ("/", "//graphql", "/graphql/x", "/graphql/" + "x" * 9_000, "/../etc/passwd",
                 "/graphql?" + "a&" * 9_000, "/graphql?query=%ff", "/graphql?query=%00",
                 "/graphql?query={__typename}&query={a}", "/graphql?release=x&query={a}",
                 "/graphql?query={__typename}&variables=" + "[" * 9_000,
                 "/graphql?query={__typename}&release=" + "9" * 5_000,
                 "/compat", "/cost", "/schema/x.graphql", "/health/ready"):  # fmt: skip
        yield raw("lines", f"GET {path[:30]}", f"GET {path} {host}\r\n".encode())
    for number, wire in enumerate((
        b"\r\n\r\n", b"GET", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"\0" * 9_000,
        b"POST /graphql HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /graphql HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: x\r\n\r\n",
    )):  # fmt: skip
        yield raw("lines", f"bytes {number}", wire)
    for size in (1_000, 8_000, 60_000):
        yield getting("lines", f"address of {size}", "{__typename}" + "," * size)
