"""No request, however hostile, is answered with a fault of the service or a text of its insides."""

import json
import random
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.settings import Settings
from benchmarks.attacks.all import hostile_requests
from benchmarks.attacks.request import HostileRequest
from database.access import Access
from schema.build import build_schema
from schema.errors import Code
from tests.queries import Query, QueryMaker
from tests.serving import serving

_INSIDES = ("Traceback", "asyncpg", "site-packages", "object at 0x", "postgres", "ValueError")
_GENERATED = 1_500
_MUTATED = 1_500
_BYTES = ("{", "}", "(", ")", "$", "@", "!", ":", '"', "...", "on", "\\", "\0", "#", "é", "9" * 30)


@pytest.fixture(scope="module")
def url(published: Access) -> Iterator[str]:
    """A running service with three releases and no quota."""
    with serving(published, Settings(anonymous_quota=0)) as base:
        yield base


def _sent(url: str, request: HostileRequest) -> tuple[int, bytes]:
    """Return status and body of the answer; 0 if the connection was closed without one."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=30) as client:
        answer = b""
        try:
            client.sendall(request.wire)
            if b"\r\n\r\n" not in request.wire:
                client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65_536):
                answer += piece
        except ConnectionError:
            pass
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(maxsplit=2)[1]) if head.startswith(b"HTTP/") else 0, body


def _check(status: int, text: str, asked: str) -> Any:
    """Check what holds of every answer, and return it as JSON."""
    assert status != 500, (asked, text)
    if not text.startswith("{"):
        return None
    body = json.loads(text)
    errors = body.get("errors", []) if isinstance(body, dict) else []
    assert len(errors) <= 10
    for error in errors:
        assert Code(error["extensions"]["code"]) is not Code.INTERNAL, (asked, error)
        assert len(error["message"]) <= 300
        assert not any(word in error["message"] for word in _INSIDES), (asked, error)
    return body


def test_there_are_several_hundred_hostile_requests() -> None:
    """All different."""
    names = [(each.group, each.name) for each in hostile_requests()]
    assert len(set(names)) == len(names)
    assert len(names) > 600


@pytest.mark.parametrize(
    "group", sorted({request.group for request in hostile_requests()}), ids=str
)
def test_hostile_requests_are_answered_or_refused(url: str, group: str) -> None:
    """Each gets an answer that is no fault, or its connection is closed; and others go on."""
    for request in hostile_requests():
        if request.group == group:
            status, body = _sent(url, request)
            _check(status, body.decode("utf-8"), f"{request.group}: {request.name}")
    assert httpx.post(f"{url}/graphql", json={"query": "{ __typename }"}).status_code == 200


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(_objects(each) for each in value.values())
    return sum(_objects(each) for each in value) if isinstance(value, list) else 0


def _ask(client: httpx.Client, query: Query) -> Any:
    answer = client.post("/graphql", json={"query": query.text, "variables": query.variables})
    body = _check(answer.status_code, answer.text, query.text)
    if body.get("data"):
        cost = body["extensions"]["cordgraph"]["cost"]
        assert _objects(body["data"]) <= cost["requested"] <= cost["limit"], query
    return body


def test_generated_queries_get_answers_within_their_cost(url: str) -> None:
    """Valid ones are answered or refused for their size, never failed."""
    schema = build_schema("2026-10")._schema
    allowed = {Code.INVALID_ID, Code.INVALID_ARGUMENT, Code.LIMIT_EXCEEDED, Code.COST_EXCEEDED}
    with httpx.Client(base_url=url) as client:
        for seed in range(_GENERATED):
            body = _ask(client, QueryMaker(schema, seed).make())
            codes = {error["extensions"]["code"] for error in body.get("errors", ())}
            assert codes <= allowed


def _mutated(query: Query, chance: random.Random) -> Query:
    """Break a query at a few places of its text, or its variables."""
    text = query.text
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(text))
        length = chance.choice([0, 0, 1, 5])
        text = text[:place] + chance.choice(_BYTES) + text[place + length :]
    values: list[Any] = [None, True, "x", -1, 2**40, 1.5, [], {}, [[1]], "\0"]
    variables = {
        name: chance.choice(values) if chance.random() < 0.5 else value
        for name, value in query.variables.items()
    }
    return Query(text, variables)


def test_mutated_queries_are_never_failed(url: str) -> None:
    """Broken texts and wrong variables are refused by a code, or answered within their cost."""
    schema = build_schema("2026-10")._schema
    with httpx.Client(base_url=url) as client:
        for seed in range(_MUTATED):
            query = QueryMaker(schema, seed, depth=4).make()
            _ask(client, _mutated(query, random.Random(seed)))


def test_hostile_requests_for_exports_are_answered_or_refused(url: str) -> None:
    """The same requests, but for an export, are refused by a code, and before the first line."""
    refused = 0
    for request in hostile_requests():
        wire = request.wire.replace(b" /graphql", b" /export", 1)
        status, body = _sent(url, HostileRequest(request.group, request.name, wire))
        asked = f"{request.group}: {request.name}"
        assert status not in (200, 500) or request.wire == wire, (asked, body[:300])
        refused += _check(status, body.decode("utf-8"), asked) is not None
    assert refused > 500


def test_mutated_exports_are_never_failed(url: str) -> None:
    """Broken texts and wrong variables are refused by a code; the rest are lines."""
    schema = build_schema("2026-10")._schema
    whole = 0
    with httpx.Client(base_url=url, timeout=60) as client:
        for seed in range(_MUTATED // 5):
            query = QueryMaker(schema, seed, depth=3).make_list("nodes")
            if seed % 4:
                query = _mutated(query, random.Random(seed))
            asked = {"query": query.text, "variables": query.variables}
            with client.stream("POST", "/export/2026-10", json=asked) as answer:
                first = next(answer.iter_lines(), "{}")
            _check(answer.status_code, first, query.text)
            whole += answer.status_code == 200
    assert 20 < whole < _MUTATED // 10
