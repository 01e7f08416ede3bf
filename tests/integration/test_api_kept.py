"""Kept answers: the same bytes as fresh ones, computed once, never stale, never charged."""

import asyncio
import hashlib
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import strawberry
import structlog

from api.settings import Settings
from database.access import Access
from database.pool import Connection, connect
from loaders.request import Store
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from schema.context import Info
from schema.errors import Code, ContractError
from tests.answer_form import fields_of
from tests.golden_cases import GoldenCase, golden_cases
from tests.inventories import add_inventory
from tests.published import THREE_PERIODS, TODAY, WAVES
from tests.serving import dialled, serving

_GRAPHQL = "application/graphql-response+json"
_ASLEEP = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event = 'PgSleep' and state = 'active'
"""

_calls: list[str] = []
"""Names of the fields below that were resolved, in their order."""


async def _sleeps(store: Store, keys: list[float]) -> list[float]:
    for seconds in keys:
        _calls.append("sleep")
        await store.fetch("select pg_sleep($1)", seconds)
    return keys


@strawberry.type
class Query:
    """Fields that tell how often they were resolved."""

    @strawberry.field
    def count(self) -> int:
        """Return how many fields were resolved before."""
        _calls.append("count")
        return len(_calls) - 1

    @strawberry.field
    def live(self, info: Info) -> int:
        """Do so as a live field."""
        info.context.live = True
        _calls.append("live")
        return len(_calls) - 1

    @strawberry.field
    async def sleep(self, info: Info, seconds: float) -> float | None:
        """Sleep in the database."""
        return await info.context.loaders.of(_sleeps).load(seconds)

    @strawberry.field
    async def refused(self) -> int | None:
        """Fail after a while."""
        _calls.append("refused")
        await asyncio.sleep(0.3)
        raise ContractError(Code.INVALID_ARGUMENT, "Not so.")


_SCHEMAS = {"2026-10": strawberry.Schema(Query)}


@asynccontextmanager
async def _counting(access: Access, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a service over the schema above, without anything resolved."""
    _calls.clear()
    given = Settings(**{"anonymous_quota": 0, "request_timeout_s": 600.0, **settings})
    with serving(access, given, _SCHEMAS) as url:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
            yield client


def _ask(client: httpx.AsyncClient, query: str, **headers: str) -> "asyncio.Task[httpx.Response]":
    body = {"query": query}
    return asyncio.create_task(client.post("/graphql/2026-10", json=body, headers=headers))


async def _until_asleep(watch: Connection, number: int) -> None:
    """Wait until so many statements sleep in the database, 20 seconds at most."""
    found = None
    for _ in range(400):
        found = await watch.fetchval(_ASLEEP)
        if found == number:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"{found} statements sleep, not {number}")


@pytest.mark.parametrize("case", golden_cases(), ids=str)
def test_a_kept_answer_is_the_fresh_one_byte_for_byte(
    keeping: httpx.Client, forgetting: httpx.Client, case: GoldenCase
) -> None:
    """Every golden document, by GET and POST: status, fields and bytes, again and again."""
    given = {"query": case.document, **case.parameters}
    url = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in given.items()
    }
    path, accept = f"/graphql/{case.version}", {"accept": _GRAPHQL}
    release = given.pop("release", None)
    pinned = {} if release is None else {"release": release}
    for _ in range(3):
        for method, request in (
            ("GET", {"params": url}),
            ("POST", {"json": given, "params": pinned}),
        ):
            kept = keeping.request(method, path, headers=accept, **request)
            fresh = forgetting.request(method, path, headers=accept, **request)
            assert (kept.status_code, fields_of(kept)) == (fresh.status_code, fields_of(fresh))
            if '"requestId"' not in fresh.text:
                assert kept.content == fresh.content


def test_the_log_of_a_kept_answer_is_that_of_a_fresh_one(published: Access) -> None:
    """One line each, which differ in the id and the time."""
    query = "query Look { release { number } }"
    with structlog.testing.capture_logs() as lines, serving(published) as url:
        answers = [httpx.post(f"{url}/graphql", json={"query": query}) for _ in range(3)]
    requests = [line for line in lines if line["event"] == "request"]
    assert [line.pop("request_id") for line in requests] == [
        answer.headers["request-id"] for answer in answers
    ]
    assert all(line.pop("ms") > 0 for line in requests)
    assert (
        requests
        == [
            {
                "event": "request",
                "log_level": "info",
                "method": "POST",
                "path": "/graphql",
                "status": 200,
                "version": "2026-10",
                "operation": "Look",
                "releases": [3],
                "codes": [],
            }
        ]
        * 3
    )


async def test_a_stampede_computes_once(database: Access, owner: Connection) -> None:
    """Fifty at once share one statement and one answer, which later ones get too."""
    async with _counting(database) as client:
        tasks = [_ask(client, "{ sleep(seconds: 1) }") for _ in range(50)]
        await _until_asleep(owner, 1)
        answers = await asyncio.gather(*tasks, _ask(client, "{ sleep(seconds: 1) }"))
    assert _calls == ["sleep"]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["data"] == {"sleep": 1.0}
    assert len({answer.headers["request-id"] for answer in answers}) == 51


async def test_a_computation_goes_on_for_those_who_wait(
    database: Access, owner: Connection
) -> None:
    """Its client leaves, then one that waits; the last one gets the answer."""
    async with _counting(database) as client:
        first = _ask(client, "{ sleep(seconds: 3) }")
        await _until_asleep(owner, 1)
        second, third = (_ask(client, "{ sleep(seconds: 3) }") for _ in range(2))
        await asyncio.sleep(0.3)
        first.cancel()
        second.cancel()
        assert (await third).json()["data"] == {"sleep": 3.0}
    assert _calls == ["sleep"]


async def test_a_computation_ends_when_the_last_one_has_left(
    database: Access, owner: Connection
) -> None:
    """PostgreSQL stops working for it, and the same question can be asked anew."""
    async with _counting(database, statement_timeout_ms=600_000) as client:
        tasks = [_ask(client, "{ sleep(seconds: 600) }") for _ in range(3)]
        await _until_asleep(owner, 1)
        await asyncio.sleep(0.3)
        for task in tasks:
            task.cancel()
        await _until_asleep(owner, 0)
        again = _ask(client, "{ sleep(seconds: 600) }")
        await _until_asleep(owner, 1)
        again.cancel()
        await _until_asleep(owner, 0)
    assert _calls == ["sleep", "sleep"]


async def test_a_failure_is_told_to_all_and_not_kept(database: Access) -> None:
    """Each gets the coded error; whoever asks later begins anew."""
    async with _counting(database) as client:
        answers = await asyncio.gather(*(_ask(client, "{ refused }") for _ in range(10)))
        answers.append(await _ask(client, "{ refused }"))
    assert _calls == ["refused"] * 2
    for answer in answers:
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "INVALID_ARGUMENT"}


async def test_a_timeout_is_told_to_all(database: Access, owner: Connection) -> None:
    """The statement ends with the time of the one that began it."""
    async with _counting(database, request_timeout_s=1.0) as client:
        answers = await asyncio.gather(*(_ask(client, "{ sleep(seconds: 4) }") for _ in range(5)))
        await _until_asleep(owner, 0)
    assert _calls == ["sleep"]
    for answer in answers:
        assert answer.json()["errors"][0]["extensions"] == {"code": "TIMEOUT"}


async def test_live_fields_are_never_kept(database: Access) -> None:
    """Neither by the bytes of the request nor by what it means; others are."""
    async with _counting(database) as client:
        for query, values in (("{ live }", [0, 1, 2]), ("{ count }", [3, 3, 3])):
            for value in values:
                answer = await _ask(client, query)
                assert next(iter(answer.json()["data"].values())) == value


async def test_the_same_question_in_other_words_is_the_same(database: Access) -> None:
    """Spaces in the JSON, the order of members and the address do not matter, a name does."""
    query = "query A { count }"
    bodies = [
        orjson.dumps({"query": query}),
        orjson.dumps({"variables": {}, "query": query}, option=orjson.OPT_INDENT_2),
        orjson.dumps({"query": query, "variables": None, "extensions": {}}),
    ]
    headers = {"content-type": "application/json"}
    async with _counting(database) as client:
        for body in bodies:
            for path in ("/graphql", "/graphql/2026-10", "/graphql/2026-10/"):
                answer = await client.post(path, content=body, headers=headers)
                assert answer.json()["data"] == {"count": 0}
        named = await client.post("/graphql", json={"query": query, "operationName": "A"})
        assert named.json()["data"] == {"count": 1}


async def test_a_persisted_document_is_kept_under_its_name(database: Access) -> None:
    """The text registers, the hash alone is answered from what is kept, also by other means."""
    text = "{ count }"
    named = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    async with _counting(database) as client:
        unknown = await client.get("/graphql", params={"documentId": named})
        assert unknown.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        for parameters in (
            {"documentId": named, "query": text},
            {"documentId": named},
            {"documentId": named},
            {"query": text},
        ):
            answer = await client.get("/graphql", params=parameters)
            assert answer.json()["data"] == {"count": 0}
    assert _calls == ["count"]


def test_kept_answers_are_free_and_open_to_those_who_have_spent_all(database: Access) -> None:
    """The headers stay true; what is not kept is 429, and a wrong key 401 as ever."""
    one, other = {"query": "{ __typename }"}, {"query": "{ a: __typename }"}
    with (
        serving(database, Settings(anonymous_quota=3)) as url,
        httpx.Client(base_url=url) as client,
    ):
        found = [client.post("/graphql", json=one).headers["ratelimit"] for _ in range(9)]
        assert [each.partition(";t=")[0] for each in found] == ['"anonymous";r=2'] * 9
        for number in (1, 0):
            query = {"query": f"{{ b{number}: __typename }}"}
            answer = client.post("/graphql", json=query)
            assert answer.headers["ratelimit"].startswith(f'"anonymous";r={number};')
        for _ in range(3):
            assert client.post("/graphql", json=other).status_code == 429
            kept = client.post("/graphql", json=one)
            assert kept.status_code == 200
            assert kept.headers["ratelimit"].startswith('"anonymous";r=0;t=')
            assert kept.headers["ratelimit-policy"] == (
                '"anonymous";q=3;w=60;cordgraph-unit="cost"'
            )
        wrong = {"authorization": "Bearer nonsense"}
        # The address has nothing left, which is said first.
        assert client.post("/graphql", json=one, headers=wrong).status_code == 429
    with serving(database, Settings(anonymous_quota=30)) as url:
        assert httpx.post(f"{url}/graphql", json=one).status_code == 200
        answer = httpx.post(f"{url}/graphql", json=one, headers=wrong)
        assert answer.status_code == 401
        assert answer.headers["ratelimit"].startswith('"anonymous";r=28;')


async def _publish(access: Access, keys: Path, release: int) -> None:
    """Publish one of the releases of `tests.published`."""
    units, banks = WAVES[release - 1]
    operator = await connect(access.require("operator"))
    try:
        if release == 1:
            await load_reference(operator)
        await add_inventory(
            operator, units, seed=release, synthetic=True, banks=banks, days=THREE_PERIODS
        )
        await publish(operator, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    finally:
        await operator.close()


async def test_a_new_release_is_answered_afresh(database: Access, home: Path) -> None:
    """Within two seconds what was kept is gone; what is pinned reads as before."""
    latest = {"query": "{ release { number state } units { totalCount } }"}
    floating = {"query": "{ release { number } }"}
    pinned = {"query": "{ release(number: 1) { number unitCount } }"}
    await _publish(database, home / "keys", 1)
    with serving(database) as url:
        async with httpx.AsyncClient(base_url=url) as client:

            async def ask(query: dict[str, str]) -> Any:
                return (await client.post("/graphql", json=query)).json()["data"]

            before = [await ask(query) for query in (latest, floating, pinned) for _ in range(2)]
            assert before[2:4] == [{"release": {"number": 1}}] * 2
            await _publish(database, home / "keys", 2)
            for _ in range(40):
                found = await ask(floating)
                if found == {"release": {"number": 2}}:
                    break
                await asyncio.sleep(0.05)
            assert found == {"release": {"number": 2}}
            assert (await ask(latest))["release"] == {"number": 2, "state": "PUBLISHED"}
            assert await ask(pinned) == before[4]


def _request(query: str) -> bytes:
    body = orjson.dumps({"query": query})
    head = (
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _read(connection: socket.socket, answers: int) -> list[Any]:
    """Return the data of so many answers of one connection."""
    read = b""
    while read.count(b"HTTP/1.1 200 OK") < answers or not read.endswith(b"}"):
        read += connection.recv(65_536)
    return [orjson.loads(each)["data"] for each in re.findall(rb"\r\n\r\n(\{[^\r]*\})", read)]


def test_kept_answers_keep_the_order_of_one_connection(published: Access) -> None:
    """Requests that are sent in one piece, some kept and some not, and one in two pieces."""
    queries = [f"{{ a{n % 3}: __typename }}" for n in range(9)] + ["{ release { number } }"]
    expected = [{f"a{n % 3}": "Query"} for n in range(9)] + [{"release": {"number": 3}}]
    settings = Settings(anonymous_quota=0, header_timeout_s=0.3)
    with serving(published, settings) as url, dialled(url, 20) as connection:
        for _ in range(3):
            connection.sendall(b"".join(map(_request, queries)))
            assert _read(connection, 10) == expected
        # Between requests a connection may be silent for longer than a head may take.
        time.sleep(0.5)
        request = _request(queries[0])
        connection.sendall(request[:-5])
        time.sleep(0.05)
        connection.sendall(request[-5:])
        assert _read(connection, 1) == expected[:1]


def test_a_connection_that_wants_to_close_is_closed(published: Access) -> None:
    """Kept or not, and HEAD has no body."""
    query = "query=%7B__typename%7D"
    asked = f"HEAD /graphql?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    with serving(published) as url:
        heads = []
        for _ in range(3):
            with dialled(url, 20) as connection:
                connection.sendall(asked)
                read = b""
                while chunk := connection.recv(65_536):
                    read += chunk
            heads.append(re.sub(rb"(request-id|date): [^\r]*", b"", read))
    assert heads[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert heads[0].endswith(b"\r\n\r\n")
    assert heads[0].count(b"connection: close\r\n") == 1
    assert heads[0] == heads[1] == heads[2]
