"""Clients that send too much, too slowly, or nothing, on a socket of their own."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest

from api.settings import Settings
from database.access import Access
from tests.serving import serving

Connect = Callable[[], Any]

_BODY = b'{"query": "{ __typename }"}'
_HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_REQUEST = _HEAD + b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY


@pytest.fixture(scope="module")
def dial(module_database: Access) -> Iterator[Connect]:
    """Open a connection to a service with little patience."""
    settings = Settings(header_timeout_s=0.5, body_timeout_s=0.5, keep_alive_s=1)
    with serving(module_database, settings) as url:
        host, port = url.removeprefix("http://").split(":")

        @contextmanager
        def opened() -> Iterator[socket.socket]:
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                yield connection

        yield opened


def _read_all(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    read = b""
    while chunk := connection.recv(65_536):
        read += chunk
    return read


def _status_and_body(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), orjson.loads(body)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(b"POST /graphql HT", id="half a line"),
        pytest.param(_HEAD, id="half a head"),
        pytest.param(_HEAD + b"X-Long: aaaaaaa", id="half a field"),
    ],
)
def test_a_head_that_does_not_come_ends_the_connection(dial: Connect, sent: bytes) -> None:
    """After its half second the socket is closed without an answer."""
    with dial() as connection:
        connection.sendall(sent)
        assert _read_all(connection) == b""


def test_a_head_that_trickles_ends_the_connection(dial: Connect) -> None:
    """Bytes now and then win no time."""
    with dial() as connection:
        connection.settimeout(0.1)
        closed = False
        for _ in range(60):
            try:
                connection.sendall(b"\r\n")
                closed = connection.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                closed = True
            if closed:
                break
        assert closed


def test_a_second_head_must_come_in_time_too(dial: Connect) -> None:
    """A connection that was kept alive is watched like a new one."""
    with dial() as connection:
        connection.sendall(_REQUEST)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK\r\n")
        connection.sendall(_HEAD)
        assert _read_all(connection) == b""


def test_an_idle_connection_is_closed(dial: Connect) -> None:
    """Nothing for a second after an answer."""
    with dial() as connection:
        connection.sendall(_REQUEST)
        assert _read_all(connection).count(b"HTTP/1.1 200 OK\r\n") == 1


def test_a_body_that_does_not_come_is_408(dial: Connect) -> None:
    """The client is told and the connection ends."""
    with dial() as connection:
        connection.sendall(_HEAD + b"Content-Length: 100\r\n\r\n{")
        status, body = _status_and_body(_read_all(connection))
    assert status == 408
    assert body["errors"][0]["extensions"] == {"code": "TIMEOUT"}
    assert body["errors"][0]["message"] == (
        "The body of the request had not arrived after 0.5 seconds."
    )


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        pytest.param(
            b"GET /graphql?query=" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            414,
            "A URL may have at most 16,384 bytes.",
            id="long url",
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
            431,
            "All header fields may have at most 32,768 bytes.",
            id="long field",
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 5_000_000,
            431,
            "All header fields may have at most 32,768 bytes.",
            id="endless field",
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: aaaaaaaaaa\r\n" * 20_000 + b"\r\n",
            431,
            "All header fields may have at most 32,768 bytes.",
            id="many fields",
        ),
        pytest.param(b"\x16\x03\x01\x02\x00", 400, "This is not a request in HTTP/1.1.", id="tls"),
        pytest.param(
            b"BREW /pot HTTP/1.1\r\n\r\n", 400, "This is not a request in HTTP/1.1.", id="method"
        ),
        pytest.param(
            _HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            400,
            "This is not a request in HTTP/1.1.",
            id="two lengths",
        ),
    ],
)
def test_a_head_that_cannot_be_is_refused(
    dial: Connect, sent: bytes, status: int, detail: str
) -> None:
    """A problem, and the end of the connection; all that was sent is taken first."""
    with dial() as connection:
        connection.sendall(sent)
        found, problem = _status_and_body(_read_all(connection))
    assert (found, problem["status"], problem["detail"]) == (status, status, detail)


def test_the_longest_url_passes(dial: Connect) -> None:
    """The limit includes its maximum."""
    url = b"/graphql?query={__typename}".ljust(16_384, b"+")
    with dial() as connection:
        connection.sendall(b"GET " + url + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        status, body = _status_and_body(_read_all(connection))
    assert (status, body["data"]) == (200, {"__typename": "Query"})


def test_a_long_field_in_two_packets_passes(dial: Connect) -> None:
    """No byte of a head is counted twice."""
    field = b"X: " + b"a" * 30_000 + b"\r\nConnection: close\r\n"
    sent = _REQUEST.replace(b"Content-Length", field + b"Content-Length")
    with dial() as connection:
        connection.sendall(sent[:20_000])
        time.sleep(0.05)
        connection.sendall(sent[20_000:])
        status, _ = _status_and_body(_read_all(connection))
    assert status == 200


def test_pipelined_requests_are_answered_in_order(dial: Connect) -> None:
    """Two requests in one packet, two answers."""
    body = b'{"query": "{ b: __typename }"}'
    first = _HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with dial() as connection:
        connection.sendall(first + _REQUEST)
        answers = _read_all(connection)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answers.index(b'{"b":"Query"}') < answers.index(b'{"__typename":"Query"}')


_UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAA\r\n"


@pytest.mark.parametrize("cut", [10, 60, 150, 185, 205, 10_000])
def test_a_wish_for_another_protocol_loses_no_body(dial: Connect, cut: int) -> None:
    """Java's client asks for HTTP/2 along with a body, however its bytes are cut, then goes on."""
    asking = _HEAD + _UPGRADE + b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY
    chunked = _HEAD + _UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n"
    chunked += b"%x\r\n" % len(_BODY) + _BODY + b"\r\n0\r\n\r\n"
    with dial() as connection:
        sent = asking + chunked + _REQUEST + asking
        connection.sendall(sent[:cut])
        time.sleep(0.05)
        connection.sendall(sent[cut:])
        answers = _read_all(connection)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 4
    assert answers.count(b'{"data":{"__typename":"Query"}') == 4


def test_a_tunnel_is_refused(dial: Connect) -> None:
    """CONNECT asks for another protocol too, and is no request for us."""
    with dial() as connection:
        connection.sendall(b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")
        status, _ = _status_and_body(_read_all(connection))
    assert status == 400


def test_many_such_wishes_at_once_are_answered(dial: Connect) -> None:
    """A thousand in one packet: each is read once more, none inside another."""
    asking = b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + _UPGRADE + b"\r\n"
    with dial() as connection:
        connection.sendall(asking * 1_000)
        answers = _read_all(connection)
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 1_000
