"""Requests that come again byte for byte: answered unparsed, and just as if they were parsed."""

import re
import socket
import time

import orjson
import pytest
import structlog

from api.endpoint.graphql import GraphQLEndpoint, KeptReply
from api.reply import Line
from api.settings import Settings
from database.access import Access
from tests.serving import dialled, serving

_TYPENAME = {"query": "{ __typename }"}


def _post(query: object = _TYPENAME, *fields: str, method: str = "POST") -> bytes:
    body = orjson.dumps(query)
    head = [f"{method} /graphql HTTP/1.1", "Host: x", "Content-Type: application/json", *fields]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


def _get(*fields: str, method: str = "GET", version: str = "1.1") -> bytes:
    line = f"{method} /graphql?query=%7B__typename%7D HTTP/{version}"
    return "\r\n".join([line, "Host: x", *fields, "", ""]).encode()


@pytest.fixture
def unparsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The requests that were answered without being parsed."""
    found: list[bytes] = []
    again = GraphQLEndpoint.again

    def noted(self: GraphQLEndpoint, raw: bytes, line: Line) -> KeptReply | None:
        kept = again(self, raw, line)
        if kept is not None:
            found.append(raw)
        return kept

    monkeypatch.setattr(GraphQLEndpoint, "again", noted)
    return found


def _read(connection: socket.socket, *, has_body: bool = True) -> tuple[bytes, bytes]:
    """Return the head and the body of one answer; nothing may follow."""
    head, gap, body = b"", b"", b""
    while not gap:
        received = connection.recv(65_536)
        assert received, "the connection was closed"
        head, gap, body = (head + received).partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    wanted = int(length[1]) if length and has_body else 0
    while len(body) < wanted:
        body += connection.recv(65_536)
    assert len(body) == wanted
    return head, body


def _ask(connection: socket.socket, request: bytes) -> tuple[bytes, bytes]:
    connection.sendall(request)
    head, body = _read(connection, has_body=not request.startswith(b"HEAD"))
    return re.sub(rb"(request-id|date): [^\r]*", rb"\1", head), body


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(_post(), id="POST"),
        pytest.param(_post(method="QUERY"), id="QUERY"),
        pytest.param(_get(), id="GET"),
        pytest.param(_get(method="HEAD"), id="HEAD"),
        pytest.param(_get("If-None-Match: *"), id="304"),
        pytest.param(_get("Accept-Encoding: gzip", "X-Other: 1"), id="other fields"),
    ],
)
def test_the_answer_is_that_to_a_request_that_is_parsed(
    published: Access, unparsed: list[bytes], request_: bytes
) -> None:
    """On the same connection and on another one, with the quota and the same header fields."""
    with serving(published, Settings()) as url:
        with dialled(url) as connection:
            found = [_ask(connection, request_) for _ in range(4)]
        with dialled(url) as connection:
            found += [_ask(connection, request_) for _ in range(2)]
    assert b"ratelimit:" in found[1][0]
    times = [re.sub(rb";t=\d+|;r=\d+", b"", head) for head, _ in found]
    assert len(set(times)) == 1
    assert len({body for _, body in found}) == 1
    assert unparsed == [request_] * 4


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(_post(_TYPENAME, "Authorization: Bearer x"), id="key"),
        pytest.param(_post({"query": "{ service { currentVersion } }"}), id="live"),
        pytest.param(_post({"query": "{ nothing }"}), id="error"),
        pytest.param(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", id="elsewhere"),
        pytest.param(_post() + b"\r\n", id="more than a request"),
        pytest.param(
            _post()
            .replace(b"Content-Length: 26", b"Transfer-Encoding: chunked")
            .replace(b"{", b"1a\r\n{", 1)
            + b"\r\n0\r\n\r\n",
            id="chunks",
        ),
    ],
)
def test_what_is_not_kept_or_not_whole_is_parsed(
    published: Access, unparsed: list[bytes], request_: bytes
) -> None:
    """Each time, and with the same outcome."""
    with serving(published) as url, dialled(url) as connection:
        found = {
            re.sub(rb'"requestId":"\w+"', b"", _ask(connection, request_)[1]) for _ in range(4)
        }
    assert len(found) == 1
    assert unparsed == []


def test_a_request_that_began_otherwise_is_another_one(
    published: Access, unparsed: list[bytes]
) -> None:
    """Known bytes are no request of their own where one has begun, or where they are not alone."""
    request = _post()
    with serving(published) as url:
        with dialled(url) as connection:
            for _ in range(3):
                _ask(connection, request)
            assert len(unparsed) == 1
            connection.sendall(request + b"PO")
            _read(connection)
            time.sleep(0.1)
            connection.sendall(request)  # which makes it POPOST
            assert _read(connection)[0].startswith(b"HTTP/1.1 400 ")
        with dialled(url) as connection:
            connection.sendall(request[:30])
            time.sleep(0.1)
            connection.sendall(request[30:])
            _read(connection)
            assert len(unparsed) == 1
            _ask(connection, request)
            assert len(unparsed) == 2
            connection.sendall(request * 3)
            read = b""
            while read.count(b'"data"') < 3:
                read += connection.recv(65_536)
            _ask(connection, request)  # three came at once, so nobody knows what has begun
            assert len(unparsed) == 2
            _ask(connection, request)
            assert len(unparsed) == 3


def test_connections_end_as_ever(published: Access, unparsed: list[bytes]) -> None:
    """HTTP/1.0 and Connection: close end them, and so does silence."""
    ends = (_get("Connection: close"), _get(version="1.0"))
    with serving(published, Settings(anonymous_quota=0, keep_alive_s=1)) as url:
        for request in [each for each in ends for _ in range(3)]:
            with dialled(url) as connection:
                _ask(connection, request)
                assert connection.recv(1) == b""
        assert unparsed == []
        with dialled(url) as connection:
            for _ in range(4):
                _ask(connection, _get())
                time.sleep(0.4)
            assert len(unparsed) == 3
            assert connection.recv(1) == b""  # after a second, and before the ten of the test


def test_a_repeated_request_has_its_line_in_the_log(
    published: Access, unparsed: list[bytes]
) -> None:
    """With an id of its own and all that the others have."""
    with (
        structlog.testing.capture_logs() as lines,
        serving(published) as url,
        dialled(url) as connection,
    ):
        for _ in range(3):
            connection.sendall(_post())
            head, _ = _read(connection)
            ids = re.findall(rb"request-id: (\w+)", head)
            assert [line["request_id"] for line in lines if line["event"] == "request"][-1:] == [
                ids[0].decode()
            ]
    told = [line for line in lines if line["event"] == "request"]
    assert len(unparsed) == 1
    assert len({line["request_id"] for line in told}) == 3
    alike = [{k: v for k, v in line.items() if k not in ("request_id", "ms")} for line in told]
    assert alike[0] == alike[1] == alike[2]
