"""A database that goes away, or falls silent, while requests are being answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import structlog

from api.settings import Settings
from database.access import Access
from database.embedded import EmbeddedServer
from database.pool import Connection, connect
from tests.serving import serving

_PATIENT = Settings(anonymous_quota=0, statement_timeout_ms=60_000, request_timeout_s=60.0)
"""Far more time than these tests take, so that only what they test for ends a statement."""

_END_WAITING = """
select pg_terminate_backend(pid, 5000) as done from pg_stat_activity
where usename = 'cordgraph_reader' and datname = current_database() and wait_event_type = 'Lock'
"""
_QUERY = {"query": '{ units(first: 1) { nodes { id } } bank(code: "BJ") { name } }'}


_END_STARTING = """
select pg_terminate_backend(pid, 5000) as done from pg_locks
where not granted and relation = 'pg_db_role_setting'::regclass
"""
_END_IDLE = """
select pg_terminate_backend(pid, 5000) as done from pg_stat_activity
where usename = 'cordgraph_reader' and datname = current_database()
"""


@pytest.fixture
async def maintenance(changing: Access) -> AsyncIterator[Connection]:
    """The owner's connection, which may lock tables and end the readers' connections."""
    connection = await connect(changing.require("owner"))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _locked(connection: Connection) -> AsyncIterator[None]:
    """Let every read of what is published wait while the context lasts."""
    rows = await connection.fetch("select tablename from pg_tables where schemaname = 'open'")
    tables = ", ".join(f"open.{row[0]}" for row in rows)
    async with connection.transaction():
        await connection.execute(f"lock table {tables} in access exclusive mode")
        yield


async def _end(connection: Connection, statement: str) -> None:
    """End the connections that ``statement`` finds, as soon as there is one."""
    while not (rows := await connection.fetch(statement)):  # noqa: ASYNC110 - nobody tells us
        await asyncio.sleep(0.01)
    assert all(row["done"] for row in rows)


def _is_away(answer: httpx.Response) -> None:
    """Assert that the answer tells to try again, and nothing else."""
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    media_type = answer.request.headers["accept"]
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.json()["errors"] == [
        {
            "message": "The data cannot be reached at the moment. Try again in a few seconds.",
            "extensions": {"code": "UNAVAILABLE"},
        }
    ]
    assert "data" not in answer.json()


@pytest.mark.parametrize("media_type", ["application/json", "application/graphql-response+json"])
async def test_a_database_that_is_shut_down_in_the_middle_is_503(
    changing: Access, maintenance: Connection, media_type: str
) -> None:
    """A statement that the administrator ends is told as such: try again; then all is well."""
    headers = {"accept": media_type}
    with serving(changing, _PATIENT) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30, headers=headers) as client:
            async with _locked(maintenance):
                asked = asyncio.create_task(client.post("/graphql", json=_QUERY))
                await _end(maintenance, _END_WAITING)
                _is_away(await asked)
            again = await client.post("/graphql", json=_QUERY)
            assert again.json()["data"]["bank"] == {"name": "Beijing, as known now"}


async def test_a_table_that_stays_locked_is_503(changing: Access, maintenance: Connection) -> None:
    """The reader waits some seconds for a migration, and then tells the client to try again."""
    headers = {"accept": "application/json"}
    with serving(changing, _PATIENT) as url:
        client = httpx.AsyncClient(base_url=url, timeout=30, headers=headers)
        async with client, _locked(maintenance):
            _is_away(await client.post("/graphql", json=_QUERY))


async def test_a_database_that_is_shut_down_while_one_connects_is_503(
    changing: Access, maintenance: Connection, server: EmbeddedServer
) -> None:
    """Also a connection that is just being made, after the password, is ended in that way."""
    headers = {"accept": "application/json"}
    superuser = await connect(server.dsn(database="postgres"))
    try:
        with serving(changing, _PATIENT) as url:
            async with httpx.AsyncClient(base_url=url, timeout=30, headers=headers) as client:
                async with superuser.transaction():
                    await superuser.execute("lock table pg_db_role_setting")
                    await _end(maintenance, _END_IDLE)
                    asked = asyncio.create_task(client.post("/graphql", json=_QUERY))
                    while not asked.done():  # who looks for releases connects as well
                        await maintenance.fetch(_END_STARTING)
                        await asyncio.sleep(0.01)
                    _is_away(await asked)
                again = await client.post("/graphql", json=_QUERY)
                assert again.json()["data"]["bank"] == {"name": "Beijing, as known now"}
    finally:
        await superuser.close()


async def test_a_database_that_does_not_answer_is_not_ready(
    changing: Access, maintenance: Connection
) -> None:
    """Readiness is refused after a short wait, long before any statement's own time is over."""
    with serving(changing, _PATIENT) as url, structlog.testing.capture_logs() as lines:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            async with _locked(maintenance):
                answer = await client.get("/health/ready")
                assert (await client.get("/health/live")).json() == {"status": "live"}
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.json() == {
                "type": "about:blank",
                "title": "Service Unavailable",
                "status": 503,
                "detail": "The database does not answer.",
            }
            assert (await client.get("/health/ready")).json() == {"status": "ready"}
    # Not the database's own limit on waiting for locks, which is longer.
    faults = [line["fault"] for line in lines if line["event"] == "not ready"]
    assert faults == ["TimeoutError"]
