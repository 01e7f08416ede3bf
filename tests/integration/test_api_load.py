"""Too much at once: of requests, of connections, of an answer; and work whose client has left."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
import strawberry

from api.settings import Settings
from database.access import Access
from database.pool import Connection
from loaders.statements import Pool
from schema.context import Info
from schema.limits import LIMITS
from tests.serving import serving

_ASLEEP = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event = 'PgSleep' and state = 'active'
"""
_SLEEP = {"query": "{ sleep(seconds: 600) }"}
_FINE = {"query": "{ fine }"}
_SETTINGS = {
    "anonymous_quota": 0,
    "kept_answers_mb": 0,  # so that equal requests are executed each for itself
    "request_timeout_s": 600.0,
    "statement_timeout_ms": 600_000,
}


async def _sleeps(pool: Pool, keys: list[float]) -> list[float]:
    for seconds in keys:
        await pool.fetch("select pg_sleep($1)", seconds)
    return keys


@strawberry.type
class Query:
    """Fields that keep the service busy."""

    @strawberry.field
    def fine(self) -> int:
        """Answer at once."""
        return 1

    @strawberry.field
    async def sleep(self, info: Info, seconds: float) -> float | None:
        """Sleep in the database."""
        return await info.context.loaders.of(_sleeps).load(seconds)

    @strawberry.field
    def text(self, length: int) -> str:
        """Return a text of this length."""
        return "x" * length


_SCHEMAS = {"2026-10": strawberry.Schema(Query)}


@asynccontextmanager
async def _serving(access: Access, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a service over the schema above."""
    with serving(access, Settings(**{**_SETTINGS, **settings}), _SCHEMAS) as url:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
            yield client


async def _until_asleep(watch: Connection, number: int) -> None:
    """Wait until so many statements sleep in the database, 20 seconds at most."""
    found = None
    for _ in range(400):
        found = await watch.fetchval(_ASLEEP)
        if found == number:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{found} statements sleep, not {number}")


def _ask(
    client: httpx.AsyncClient, body: dict[str, str], address: str = "192.0.2.1"
) -> "asyncio.Task[httpx.Response]":
    """Send a request that a proxy passes on for ``address``."""
    headers = {
        "X-Forwarded-For": address,
        "Accept": "application/graphql-response+json",
    }
    return asyncio.create_task(client.post("/graphql/2026-10", json=body, headers=headers))


async def _first(tasks: "list[asyncio.Task[httpx.Response]]") -> httpx.Response:
    """Return the first answer that comes, and take its request from the list."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    (task,) = done
    tasks.remove(task)
    return await task


async def _leave(*tasks: "asyncio.Task[httpx.Response]") -> None:
    """Close the connections of requests that have no answer yet."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_statement_ends_when_its_client_leaves(database: Access, owner: Connection) -> None:
    """PostgreSQL itself stops working for it, and the pool's connections serve others again."""
    async with _serving(database, pool_size=3) as client:
        for _ in range(3):
            tasks = [_ask(client, _SLEEP) for _ in range(3)]
            await _until_asleep(owner, 3)
            await _leave(*tasks)
            await _until_asleep(owner, 0)
        answers = await asyncio.gather(
            *(_ask(client, {"query": "{ sleep(seconds: 0) }"}) for _ in range(9))
        )
    assert [answer.json()["data"] for answer in answers] == [{"sleep": 0.0}] * 9


async def test_a_statement_ends_with_its_request(database: Access, owner: Connection) -> None:
    """The deadline of a request stops its statement in PostgreSQL too."""
    async with _serving(database, pool_size=1, request_timeout_s=0.5) as client:
        answer = await _ask(client, _SLEEP)
        assert answer.status_code == 504
        await _until_asleep(owner, 0)
        answer = await _ask(client, {"query": "{ sleep(seconds: 0) }"})
        assert answer.json()["data"] == {"sleep": 0.0}


async def test_a_saturated_service_sheds_and_stays_open_for_what_is_cheap(
    database: Access, owner: Connection
) -> None:
    """Two are executed, two wait, the fifth is 503; pages and health answer all the time."""
    async with _serving(database, max_executing=2, max_waiting=2) as client:
        served = [_ask(client, _SLEEP) for _ in range(2)]
        await _until_asleep(owner, 2)
        answer = await _first(waiting := [_ask(client, _SLEEP) for _ in range(3)])
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "OVERLOADED"}
        for path in ("/", "/health/live", "/health/ready", "/schema/2026-10.graphql"):
            assert (await client.get(path)).status_code == 200
        await _leave(*served)
        await _until_asleep(owner, 2)
        await _leave(*waiting)
        await _until_asleep(owner, 0)
        assert (await _ask(client, _FINE)).json()["data"] == {"fine": 1}


async def test_no_client_can_keep_others_out(database: Access, owner: Connection) -> None:
    """When the queue is full of one client's requests, its latest makes room for another client."""
    proxies = {"trusted_proxies": "127.0.0.0/8"}
    async with _serving(database, max_executing=1, max_waiting=3, **proxies) as client:
        first = _ask(client, _SLEEP)
        await _until_asleep(owner, 1)
        waiting = [_ask(client, _SLEEP) for _ in range(4)]
        assert (await _first(waiting)).status_code == 503
        stranger = _ask(client, _FINE, "198.51.100.9")
        assert (await _first(waiting)).status_code == 503
        await _leave(first, *waiting)
        assert (await stranger).json()["data"] == {"fine": 1}


async def test_an_answer_that_is_too_long_is_refused(database: Access) -> None:
    """Its limit is told; one that just fits is sent."""
    async with _serving(database) as client:
        answer = await _ask(client, {"query": f"{{ text(length: {LIMITS.max_answer_bytes}) }}"})
        assert answer.status_code == 400
        assert "data" not in answer.json()
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert error["extensions"]["limit"] == "bytes of an answer"
        answer = await _ask(
            client, {"query": f"{{ text(length: {LIMITS.max_answer_bytes - 500}) }}"}
        )
        assert answer.status_code == 200


@pytest.fixture
def many_files() -> Iterator[None]:
    """Allow this process 6,000 open files, or skip the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 6_000:
        pytest.skip("this machine allows a process fewer than 6,000 open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 6_000), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _dial(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def _is_open(connection: socket.socket) -> bool:
    connection.settimeout(0)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


@pytest.mark.usefixtures("many_files")
def test_thousands_of_silent_connections_keep_nobody_out(database: Access) -> None:
    """Those that have been silent longest make room, so that a newcomer is always served."""
    settings = Settings(anonymous_quota=0, max_connections=50, header_timeout_s=600)
    with serving(database, settings, _SCHEMAS) as url, ExitStack() as stack:
        silent = [stack.enter_context(_dial(url)) for _ in range(2_000)]
        for _ in range(5):
            assert httpx.post(f"{url}/graphql/2026-10", json=_FINE).json()["data"] == {"fine": 1}
        still_open = [n for n, connection in enumerate(silent) if _is_open(connection)]
    assert len(still_open) <= 50
    assert still_open == list(range(2_000 - len(still_open), 2_000))


async def test_a_connection_too_many_is_told_so(database: Access, owner: Connection) -> None:
    """Where all connections are being served, the next one gets 503 and the end."""
    async with _serving(database, max_connections=3, pool_size=3) as client:
        busy = [_ask(client, _SLEEP) for _ in range(3)]
        await _until_asleep(owner, 3)
        with _dial(str(client.base_url).rstrip("/")) as connection:
            read = b""
            while chunk := await asyncio.to_thread(connection.recv, 65_536):
                read += chunk
        head, _, body = read.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"\r\nretry-after: 1\r\n" in head
        assert orjson.loads(body)["detail"] == (
            "Too many connections are open. Try again in a moment."
        )
        await _leave(*busy)
        await _until_asleep(owner, 0)
        assert (await _ask(client, _FINE)).json()["data"] == {"fine": 1}


async def test_a_busy_service_closes_what_it_cannot_even_refuse(
    database: Access, owner: Connection
) -> None:
    """Beyond some that are told, further connections are just closed."""
    async with _serving(database, max_connections=1) as client:
        busy = _ask(client, _SLEEP)
        await _until_asleep(owner, 1)
        with ExitStack() as stack:
            url = str(client.base_url).rstrip("/")
            crowd = [stack.enter_context(_dial(url)) for _ in range(200)]
            read = [await asyncio.to_thread(_first_bytes, each) for each in crowd]
        assert 50 <= sum(each.startswith(b"HTTP/1.1 503 ") for each in read) < 200
        assert {each[:13] for each in read} == {b"", b"HTTP/1.1 503 "}
        await _leave(busy)


def _first_bytes(connection: socket.socket) -> bytes:
    try:
        return connection.recv(100)
    except ConnectionError:
        return b""
