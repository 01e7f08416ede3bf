"""Exports while time passes: slow clients, clients that leave, releases that come and go."""

import asyncio
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
import structlog

from api.app import create_app
from api.server import bind, make_server
from api.settings import Settings
from database.access import Access
from database.pool import connect
from tests.published import publish_three
from tests.query_exports import export
from tests.serving import serving
from tests.watching import until

_WIDE = (
    "{ units { nodes { id bank { code name zh: name(language: ZH) city sources { field status "
    "citation } } collectionPeriod { from to } aboGroup tnc { min max unit } cd34 { min max unit } "
    "volume { min max } processing addedIn { number title digest publishedAt anonymity { levels { "
    "attribute published level } } } } } }"
)
"""A kilobyte for each unit, so that no buffer of the kernel holds an export."""
_UNLIMITED = Settings(anonymous_quota=0)


@pytest.fixture
async def long(database: Access, tmp_path: Path) -> Access:
    """A database of the test's own with three releases, the latest of more than 30,000 units."""
    await publish_three(database, tmp_path / "keys")
    return database


@contextmanager
def _asking(url: str) -> Iterator[socket.socket]:
    """Ask for an export, and take nothing of it yet."""
    host, port = url.removeprefix("http://").split(":")
    body = json.dumps({"query": _WIDE}).encode()
    head = (
        f"POST /export/2026-10 HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Accept-Encoding: identity\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.socket() as connection:
        connection.settimeout(30)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.connect((host, int(port)))
        connection.sendall(head.encode() + body)
        yield connection


def _rest(connection: socket.socket) -> bytes:
    received = bytearray()
    with suppress(ConnectionError):
        while piece := connection.recv(1_000_000):
            received += piece
            if received.endswith(b"\r\n0\r\n\r\n"):
                break
    return bytes(received)


def _read(raw: bytes) -> tuple[dict[str, str], list[bytes], bool]:
    """Return the head and the lines of a chunked answer, and whether it has its end."""
    head, body = raw.split(b"\r\n\r\n", 1)
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    rest = io.BytesIO(body)
    pieces: list[bytes] = []
    while size := rest.readline():
        length = int(size, 16)
        if not length:
            return fields, b"".join(pieces).splitlines(), True
        pieces.append(rest.read(length))
        rest.readline()
    return fields, b"".join(pieces).splitlines(), False


async def _execute(access: Access, statement: str) -> None:
    operator = await connect(access.require("operator"))
    await operator.execute(statement)
    await operator.close()


_ONE_MORE = """
insert into open.release (number, scheme, profile, synthetic, licence, unit_count,
    added_unit_count, withdrawn_unit_count, bank_count, class_count, smallest_class,
    median_class, held_back_percent, digest)
select number + 1, scheme, profile, synthetic, licence, unit_count, 0, 0, bank_count, class_count,
    smallest_class, median_class, held_back_percent, repeat('e', 64)
from open.release order by number desc limit 1
"""
_WITHDRAW = """
update open.release set withdrawn_at = now(), withdrawn_reason = 'Wrong counts.' where number = 3
"""


def _asked(url: str, document: str) -> Callable[[], "asyncio.Future[object]"]:
    async def ask() -> object:
        async with httpx.AsyncClient(base_url=url) as client:
            answer = await client.post("/graphql", json={"query": document})
        return answer.json()["data"]

    return ask  # type: ignore[return-value]


def _left(url: str) -> int:
    answer = httpx.post(f"{url}/graphql", json={"query": "{ __typename }"})
    return int(answer.headers["ratelimit"].split("r=")[1].split(";")[0])


def test_what_a_client_does_not_take_is_not_read(published: Access) -> None:
    """Its quota shows how many pages were: those that the kernel holds, and no more with time."""
    settings = Settings(anonymous_quota=100_000_000, kept_answers_mb=0)
    with serving(published, settings) as url:
        cost = int(export(url, _WIDE, method="HEAD").headers["cordgraph-page-cost"])
        before = _left(url)
        with _asking(url) as connection:
            time.sleep(1.5)
            stalled = (before - _left(url)) // cost
            time.sleep(1)
            later = (before - _left(url)) // cost
            _, lines, whole = _read(_rest(connection))
    assert whole
    assert len(lines) > 30_000
    assert stalled == later
    assert 1 < stalled < len(lines) // 100 // 2


def test_a_client_that_never_takes_it_is_cut_off(published: Access) -> None:
    """As with every long answer, and its place is free again."""
    settings = Settings(anonymous_quota=0, send_timeout_s=0.5, max_exports=1)
    with serving(published, settings) as url, _asking(url) as connection:
        time.sleep(2)
        _, _, whole = _read(_rest(connection))
        assert not whole
        assert export(url, "{ units { nodes { id } } }").whole


def test_a_client_has_a_quarter_of_the_places(published: Access) -> None:
    """It is told to wait for its own; when it leaves, they are free at once."""
    settings = Settings(anonymous_quota=0, max_exports=9)
    with serving(published, settings) as url, ExitStack() as stack:
        with structlog.testing.capture_logs() as lines:
            for _ in range(2):
                assert stack.enter_context(_asking(url)).recv(12) == b"HTTP/1.1 200"
            refused = export(url, _WIDE)
            assert (refused.status, refused.problem["code"]) == (429, "RATE_LIMITED")
            assert refused.problem["detail"].startswith("A client may have 2 exports at a time")
            assert refused.headers["retry-after"] == "5"
            stack.close()
            time.sleep(0.3)
            assert export(url, "{ units { nodes { id } } }").whole
        assert [each["status"] for each in lines if each["event"] == "request"].count(499) == 2


def test_all_places_are_for_all(published: Access) -> None:
    """Who comes when all are taken is told that the service is busy."""
    settings = Settings(anonymous_quota=0, max_exports=1, trusted_proxies="127.0.0.0/8")
    with serving(published, settings) as url, _asking(url) as connection:
        assert connection.recv(12) == b"HTTP/1.1 200"
        refused = export(url, _WIDE, headers={"X-Forwarded-For": "192.0.2.7"})
    assert (refused.status, refused.problem["code"]) == (503, "OVERLOADED")


async def test_a_release_in_the_middle_changes_nothing(long: Access) -> None:
    """An export reads the release that was the latest when it began, to its end."""
    with serving(long, _UNLIMITED) as url:
        expected = await asyncio.to_thread(export, url, _WIDE, release=3)
        with _asking(url) as connection:
            assert connection.recv(12) == b"HTTP/1.1 200"
            await _execute(long, _ONE_MORE)
            await until(_asked(url, "{ release { number } }"), {"release": {"number": 4}})
            head, lines, whole = _read(await asyncio.to_thread(_rest, connection))
        assert whole
        assert head["cordgraph-releases"] == "3"
        assert lines == expected.body.splitlines()
        newest = await asyncio.to_thread(export, url, _WIDE)
        assert newest.headers["cordgraph-releases"] == "4"


async def test_a_withdrawal_in_the_middle_ends_it(long: Access) -> None:
    """No page is read of a release that was taken back; the last line says why."""
    with serving(long, _UNLIMITED) as url:
        with _asking(url) as connection:
            assert connection.recv(12) == b"HTTP/1.1 200"
            await _execute(long, _WITHDRAW)
            await until(_asked(url, "{ release { number } }"), {"release": {"number": 2}})
            _, lines, whole = _read(await asyncio.to_thread(_rest, connection))
        assert not whole
        assert 0 < len(lines) < 30_000
        (error,) = json.loads(lines[-1])["errors"]
        assert error["extensions"]["code"] == "RELEASE_WITHDRAWN"
        assert error["extensions"]["reason"] == "Wrong counts."
        gone = await asyncio.to_thread(export, url, _WIDE, release=3)
        assert (gone.status, gone.problem["code"]) == (410, "RELEASE_WITHDRAWN")


async def test_a_page_that_takes_too_long_ends_it(long: Access) -> None:
    """With a cursor after which the rest is the same as if nothing had happened."""
    with serving(long, Settings(anonymous_quota=0, statement_timeout_ms=300)) as url:
        whole = await asyncio.to_thread(export, url, _WIDE)
        owner = await connect(long.require("owner"))
        with _asking(url) as connection:
            assert connection.recv(12) == b"HTTP/1.1 200"
            async with owner.transaction():
                await owner.execute("lock table open.unit in access exclusive mode")
                _, lines, _ = _read(await asyncio.to_thread(_rest, connection))
        await owner.close()
        told = json.loads(lines[-1])
        assert told["errors"][0]["extensions"]["code"] == "TIMEOUT"
        rest = await asyncio.to_thread(
            export, url, _WIDE, after=told["extensions"]["cordgraph"]["after"]
        )
        assert [*lines[:-1], *rest.body.splitlines()] == whole.body.splitlines()


def test_a_server_that_ends_says_so(published: Access) -> None:
    """An export does not hold up the end; it can go on elsewhere."""
    settings = Settings(anonymous_quota=0, shutdown_timeout_s=20)
    server = make_server(create_app(settings, published), settings)
    with bind("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with _asking(f"http://127.0.0.1:{listener.getsockname()[1]}") as connection:
            assert connection.recv(12) == b"HTTP/1.1 200"
            began = time.monotonic()
            server.should_exit = True
            time.sleep(0.5)
            _, lines, whole = _read(_rest(connection))
        thread.join()
    assert time.monotonic() - began < 10
    assert not whole
    told = json.loads(lines[-1])
    assert told["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert told["extensions"]["cordgraph"]["retryAfter"] == 5
    assert told["extensions"]["cordgraph"]["after"]
