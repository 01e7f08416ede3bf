"""What surrounds the data of a body, and what the connection itself refuses, on a real socket."""

import socket
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog

from api.settings import Settings
from database.access import Access
from tests.serving import dialled, serving

_POST = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
_HEAD = _POST + _CHUNKED
_BODY = b'{"query": "{ __typename }"}'
_CHUNK = b"%x\r\n%b\r\n" % (len(_BODY), _BODY)
_FINE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
_LONG = 5_000_000
_FRAME = (
    "A chunked body may have at most 32,768 bytes besides its data: sizes and extensions of "
    "chunks, and trailer fields."
)
_ANY_METHOD = b"BREW /pot HTTP/1.1\r\n\r\n"


@pytest.fixture(scope="module")
def url(module_database: Access) -> Iterator[str]:
    """A service that closes idle connections after a second."""
    with serving(module_database, Settings(keep_alive_s=1, anonymous_quota=0)) as base:
        yield base


def _read_all(connection: socket.socket) -> bytes:
    read = b""
    while chunk := connection.recv(65_536):
        read += chunk
    return read


def _answers(url: str, sent: bytes) -> list[tuple[int, dict[str, str], Any]]:
    """Return status, headers and body of each answer, until the connection is closed."""
    with dialled(url) as connection:
        connection.sendall(sent)
        rest = _read_all(connection)
    found = []
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        headers = dict(field.lower().split(": ", 1) for field in fields)
        length = int(headers["content-length"])
        found.append((int(line.split()[1]), headers, orjson.loads(rest[:length])))
        rest = rest[length:]
    return found


@pytest.mark.parametrize(
    "after_head",
    [
        pytest.param(b"1;x\r\n \r\n" + _CHUNK + b"0\r\n\r\n", id="extension"),
        pytest.param(b"1;" + b"a" * 32_000 + b"\r\n \r\n" + _CHUNK + b"0\r\n\r\n", id="long one"),
        pytest.param(b"1\r\n \r\n" * 6_000 + _CHUNK + b"0\r\n\r\n", id="chunks of one byte"),
        pytest.param(_CHUNK + b"0\r\n" + b"T: 1\r\n" * 5_000 + b"\r\n", id="trailer fields"),
    ],
)
def test_a_body_may_come_in_any_frame(url: str, after_head: bytes) -> None:
    """Up to 32,768 bytes of it are passed over."""
    ((status, _, body),) = _answers(url, _HEAD + after_head)
    assert (status, body["data"]) == (200, {"__typename": "Query"})


def test_trailer_fields_are_no_header_fields(url: str) -> None:
    """A key that comes after the body, which the service would refuse before it, is dropped."""
    key = b"Authorization: Bearer nonsense\r\n"
    ((status, _, _),) = _answers(url, _POST + key + _CHUNKED + _CHUNK + b"0\r\n\r\n")
    assert status == 401
    ((status, _, _),) = _answers(url, _HEAD + _CHUNK + b"0\r\n" + key + b"\r\n")
    assert status == 200


@pytest.mark.parametrize(
    ("after_head", "status"),
    [
        pytest.param(_CHUNK + b"0\r\n" + b"T: 1\r\n" * (_LONG // 6), 431, id="trailer fields"),
        pytest.param(_CHUNK + b"0\r\n" + b"a:\r\n" * (_LONG // 4), 431, id="empty trailer fields"),
        pytest.param(_CHUNK + b"0\r\nT: " + b"a" * _LONG, 431, id="endless trailer field"),
        pytest.param(_CHUNK + b"0\r\n" + b"a" * _LONG, 431, id="endless trailer name"),
        pytest.param(_CHUNK + b"1;" + b"a" * _LONG, 413, id="endless extension"),
        pytest.param(b"1" + b";a=b" * (_LONG // 4), 413, id="many extensions"),
        pytest.param((b"1;" + b"a" * 500 + b"\r\n \r\n") * 10_000, 413, id="extensions"),
        pytest.param(b"1\r\n \r\n" * (_LONG // 6), 413, id="chunks of one byte"),
    ],
)
def test_what_surrounds_a_body_is_bounded(url: str, after_head: bytes, status: int) -> None:
    """Megabytes of it get a problem, and the end of the connection; all is taken first."""
    ((found, headers, problem),) = _answers(url, _HEAD + after_head)
    assert (found, problem["status"], problem["detail"]) == (status, status, _FRAME)
    assert (problem["code"], headers["connection"]) == ("REQUEST_TOO_LARGE", "close")


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        pytest.param(_FINE + _ANY_METHOD, [200, 400], id="a head"),
        pytest.param(_FINE * 3 + b"G" * 50_000, [200, 200, 200, 400], id="a line"),
        pytest.param(_FINE + _HEAD + b"z", [200, 400], id="a body"),
        pytest.param(_FINE + _HEAD + b"1;" + b"a" * _LONG, [200, 413], id="an endless body"),
        pytest.param(_FINE * 2_000 + _ANY_METHOD, [200] * 2_000 + [400], id="after many"),
    ],
)
def test_what_came_before_a_refused_request_is_answered_first(
    url: str, sent: bytes, statuses: list[int]
) -> None:
    """No answer goes to another request than its own."""
    assert [status for status, _, _ in _answers(url, sent)] == statuses


def test_a_request_that_is_answered_is_not_refused_as_well(url: str) -> None:
    """Where the body turns out bad after the answer, the connection just ends."""
    with dialled(url) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + _CHUNKED)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK\r\n")
        connection.sendall(b"1\r\n \r\n" * 10_000)
        assert _read_all(connection) == b""


@pytest.mark.parametrize(
    ("sent", "logged", "code"),
    [
        pytest.param(b"\x16\x03\x01", (None, None, 400), "REQUEST_INVALID", id="tls"),
        pytest.param(_ANY_METHOD, (None, None, 400), "REQUEST_INVALID", id="method"),
        pytest.param(
            b"GET /a?secret HTTP/9.9\r\n\r\n", ("GET", "/a", 400), "REQUEST_INVALID", id="version"
        ),
        pytest.param(
            b"GET /" + b"a" * 20_000 + b"?secret HTTP/1.1\r\n\r\n",
            ("GET", "/" + "a" * 199, 414),
            "REQUEST_TOO_LARGE",
            id="url",
        ),
        pytest.param(
            b"QUERY /graphql?secret HTTP/1.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
            ("QUERY", "/graphql", 431),
            "REQUEST_TOO_LARGE",
            id="field",
        ),
        pytest.param(
            _HEAD + b"0\r\nT: " + b"a" * 50_000,
            ("POST", "/graphql", 431),
            "REQUEST_TOO_LARGE",
            id="trailer",
        ),
        pytest.param(_HEAD + b"z", ("POST", "/graphql", 400), "REQUEST_INVALID", id="body"),
    ],
)
def test_a_refusal_has_what_all_answers_have(
    module_database: Access, sent: bytes, logged: tuple[str | None, str | None, int], code: str
) -> None:
    """A request id, the headers for browsers, and one line in the log."""
    with structlog.testing.capture_logs() as lines:
        with serving(module_database) as url:
            ((status, headers, problem),) = _answers(url, sent)
        (line,) = [each for each in lines if each["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == logged
    assert (line["request_id"], line["codes"]) == (headers["request-id"], [problem["code"]])
    assert (status, problem["code"]) == (logged[2], code)
    assert headers["content-type"] == "application/problem+json"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-expose-headers"] == "*"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_refusal_behind_others_has_its_own_line(module_database: Access) -> None:
    """Each request has one, found by the id of its answer."""
    with structlog.testing.capture_logs() as lines:
        with serving(module_database) as url:
            answers = _answers(url, _FINE + _HEAD + b"z")
        found = [each for each in lines if each["event"] == "request"]
    assert {each["request_id"]: (each["path"], each["status"]) for each in found} == {
        answers[0][1]["request-id"]: ("/health/live", 200),
        answers[1][1]["request-id"]: ("/graphql", 400),
    }
    assert len(found) == 2
