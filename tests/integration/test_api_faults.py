"""What happens when a resolver fails, dawdles or is no longer wanted."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import strawberry
import structlog

from api.settings import Settings
from database.access import Access
from loaders.statements import Pool
from schema.context import Info
from schema.errors import Code, ContractError
from tests.serving import serving

_GRAPHQL = "application/graphql-response+json"


@dataclass
class _Witness:
    """What the resolvers of this module saw, told to the test's thread."""

    begun: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)


_witness = _Witness()


async def _sleeps(pool: Pool, keys: list[float]) -> list[float]:
    for seconds in keys:
        await pool.fetch("select pg_sleep($1)", seconds)
    return keys


@strawberry.type
class _Thing:
    @strawberry.field
    def broken(self) -> int | None:
        raise RuntimeError("a secret of the house")


@strawberry.type
class Query:
    """Fields that fail in every way."""

    @strawberry.field
    def fine(self) -> int:
        """Succeed."""
        return 1

    @strawberry.field
    def broken(self) -> int | None:
        """Fail unexpectedly."""
        raise RuntimeError("a secret of the house")

    @strawberry.field
    def things(self) -> list[_Thing]:
        """Fail many times."""
        return [_Thing() for _ in range(12)]

    @strawberry.field
    def too_large(self) -> int | None:
        """Return what the type cannot hold."""
        return 2**40

    @strawberry.field
    def refused(self) -> int | None:
        """Refuse what was asked, at length."""
        raise ContractError(Code.INVALID_ARGUMENT, "no " * 200)

    @strawberry.field
    def unreachable(self) -> int | None:
        """Fail as if the network did."""
        raise ConnectionRefusedError("10.0.0.7 port 5432")

    @strawberry.field
    async def slow_statement(self, info: Info) -> float | None:
        """Run a statement that takes a minute."""
        return await info.context.loaders.of(_sleeps).load(60.0)

    @strawberry.field
    async def slow(self) -> int | None:
        """Take a minute."""
        _witness.begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            _witness.cancelled.set()
            raise
        return 1


@pytest.fixture(scope="module")
def url(module_database: Access) -> Iterator[str]:
    """Address of a service with short patience over the schema above."""
    settings = Settings(request_timeout_s=1.0, statement_timeout_ms=200)
    with serving(module_database, settings, {"2026-10": strawberry.Schema(Query)}) as base:
        yield base


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    """A client of that service."""
    with httpx.Client(base_url=url) as opened:
        yield opened


def _ask(client: httpx.Client, query: str) -> httpx.Response:
    return client.post("/graphql", json={"query": query}, headers={"accept": _GRAPHQL})


def test_an_unexpected_error_is_masked_and_found_by_its_request_id(client: httpx.Client) -> None:
    """The text stays here; the id is in the answer, its header and the log."""
    with structlog.testing.capture_logs() as lines:
        answer = _ask(client, "{ fine broken }")
    request_id = answer.headers["request-id"]
    assert answer.status_code == 200
    assert answer.json() == {
        "errors": [
            {
                "message": "An internal error, which is not your fault. "
                "Report it with the request id.",
                "locations": [{"line": 1, "column": 8}],
                "path": ["broken"],
                "extensions": {"code": "INTERNAL", "requestId": request_id},
            }
        ],
        "data": {"fine": 1, "broken": None},
        "extensions": {
            "cordgraph": {
                "version": "2026-10",
                "releases": [],
                "cost": {"requested": 1, "limit": 10_000},
            }
        },
    }
    fault, request = lines
    assert (fault["event"], fault["request_id"]) == ("fault", request_id)
    assert str(fault["exc_info"]) == "a secret of the house"
    assert fault["exc_info"].__traceback__ is not None
    assert (request["event"], request["request_id"]) == ("request", request_id)
    assert request["codes"] == ["INTERNAL"]


def test_at_most_ten_errors_are_told(client: httpx.Client) -> None:
    """The rest is counted."""
    with structlog.testing.capture_logs() as lines:
        body = _ask(client, "{ things { broken } }").json()
    assert [error["path"] for error in body["errors"]] == [
        ["things", n, "broken"] for n in range(10)
    ]
    assert body["data"] == {"things": [{"broken": None}] * 12}
    assert body["extensions"]["cordgraph"]["errorsOmitted"] == 2
    assert [line["event"] for line in lines] == ["fault"] * 10 + ["request"]


def test_a_value_that_the_type_cannot_hold_is_a_fault(client: httpx.Client) -> None:
    """The library's own errors on our values are masked too."""
    with structlog.testing.capture_logs():
        (error,) = _ask(client, "{ tooLarge }").json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "1099511627776" not in error["message"]


def test_a_refusal_keeps_its_text_up_to_300_characters(client: httpx.Client) -> None:
    """What the client can do something about is told."""
    (error,) = _ask(client, "{ refused }").json()["errors"]
    assert error["message"] == ("no " * 200)[:299] + "…"
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}


def test_an_unreachable_database_is_503(client: httpx.Client) -> None:
    """Data that others have do not hide it: the client shall try again."""
    answer = _ask(client, "{ fine unreachable }")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "data" not in answer.json()
    assert [error["extensions"] for error in answer.json()["errors"]] == [{"code": "UNAVAILABLE"}]
    assert "10.0.0.7" not in answer.text


def test_a_statement_that_takes_too_long_is_a_timeout_of_its_field(client: httpx.Client) -> None:
    """The database gives up after its 200 ms, and the other fields have their answer."""
    answer = _ask(client, "{ fine slowStatement }")
    assert answer.status_code == 200
    assert answer.json()["data"] == {"fine": 1, "slowStatement": None}
    (error,) = answer.json()["errors"]
    assert error["path"] == ["slowStatement"]
    assert error["extensions"] == {"code": "TIMEOUT"}


def test_a_request_that_takes_too_long_is_504(client: httpx.Client) -> None:
    """After its second the request ends, and so does the work."""
    _witness.cancelled.clear()
    answer = _ask(client, "{ fine slow }")
    assert answer.status_code == 504
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "TIMEOUT"}
    assert error["message"].startswith("This took longer than 1 seconds.")
    assert "data" not in answer.json()
    assert _witness.cancelled.is_set()


def test_work_ends_when_the_client_leaves(url: str) -> None:
    """Closing the connection cancels the request long before its second is over."""
    _witness.begun.clear()
    _witness.cancelled.clear()
    done = threading.Event()
    lines: list[Any] = []

    def note(_logger: object, _method: str, line: Any) -> Any:
        lines.append(dict(line))
        done.set()
        raise structlog.DropEvent

    host, port = url.removeprefix("http://").split(":")
    body = b'{"query": "{ slow }"}'
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    processors = structlog.get_config()["processors"]
    structlog.configure(processors=[note])
    try:
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + body)
            assert _witness.begun.wait(5)
        assert _witness.cancelled.wait(0.8)
        assert done.wait(5)
    finally:
        structlog.configure(processors=processors)
    assert [(line["event"], line["status"], line["codes"]) for line in lines] == [
        ("request", 499, [])
    ]
