"""Clients that do not take their answers, or take them slowly, on a socket of their own."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import strawberry

from api.settings import Settings
from database.access import Access
from tests.serving import serving

Connect = Callable[[], Any]

_LENGTH = 9_900_000
_ASK = b"GET /graphql?query={long} HTTP/1.1\r\nHost: x\r\n\r\n"
_ASK_AND_CLOSE = b"GET /graphql?query={long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_ASK_MORE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@strawberry.type
class Query:
    """An answer that no buffer of the kernel holds."""

    @strawberry.field
    def long(self) -> str:
        """Return about as many characters as an answer may have."""
        return "x" * _LENGTH


@contextmanager
def _dialling(access: Access, send_timeout_s: float) -> Iterator[Connect]:
    """Give what opens a connection whose client has little room for answers."""
    settings = Settings(send_timeout_s=send_timeout_s, keep_alive_s=1, anonymous_quota=0)
    with serving(access, settings, {"2026-10": strawberry.Schema(Query)}) as url:
        host, port = url.removeprefix("http://").split(":")

        @contextmanager
        def opened() -> Iterator[socket.socket]:
            with socket.socket() as connection:
                connection.settimeout(10)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
                connection.connect((host, int(port)))
                yield connection

        yield opened


@pytest.fixture(scope="module")
def dial(module_database: Access) -> Iterator[Connect]:
    """Open a connection to a service that waits half a second."""
    with _dialling(module_database, 0.5) as opened:
        yield opened


def _rest(connection: socket.socket) -> int:
    """Count what can still be read."""
    received = 0
    with suppress(ConnectionError):
        while chunk := connection.recv(1_000_000):
            received += len(chunk)
    return received


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(_ASK, id="one"),
        pytest.param(_ASK_AND_CLOSE, id="the last one"),
        pytest.param(_ASK + _ASK_MORE, id="one and another"),
        pytest.param(_ASK * 5, id="many"),
    ],
)
def test_a_client_that_does_not_take_its_answer_is_cut_off(dial: Connect, sent: bytes) -> None:
    """What it has not taken in its time is dropped, and the memory with it."""
    with dial() as connection:
        connection.sendall(sent)
        time.sleep(1.5)
        assert 0 < _rest(connection) < _LENGTH


def test_further_requests_win_no_time(dial: Connect) -> None:
    """A client that goes on asking without reading is cut off like a silent one."""
    with dial() as connection:
        connection.sendall(_ASK)
        cut_off = False
        for _ in range(60):
            time.sleep(0.05)
            try:
                connection.sendall(_ASK_MORE)
            except ConnectionError:
                cut_off = True
                break
        assert cut_off


def test_a_trickle_is_not_enough(dial: Connect) -> None:
    """Half a megabyte in a second, where two were due."""
    with dial() as connection:
        connection.sendall(_ASK)
        received = 0
        with suppress(ConnectionError):
            for _ in range(30):
                time.sleep(0.1)
                received += len(connection.recv(50_000))
        assert received + _rest(connection) < _LENGTH


def test_a_client_that_reads_slowly_but_steadily_gets_everything(module_database: Access) -> None:
    """It takes several times as long as it may be silent, and more than a megabyte in each."""
    with _dialling(module_database, 1.5) as dial, dial() as connection:
        connection.sendall(_ASK_AND_CLOSE)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
            time.sleep(len(chunk) / 2_200_000)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body.startswith(b'{"data":{"long":"' + b"x" * _LENGTH + b'"}')


def test_an_answer_that_is_taken_leaves_the_connection_open(dial: Connect) -> None:
    """The patience begins anew with each answer."""
    with dial() as connection:
        for _ in range(3):
            connection.sendall(_ASK)
            time.sleep(0.2)
            received = 0
            while received < _LENGTH:
                received += len(connection.recv(1_000_000))
            connection.sendall(_ASK_MORE)
            answer = b""
            while b'{"status":"live"}' not in answer:
                answer += connection.recv(65_536)
