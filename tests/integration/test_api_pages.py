"""What there is beside GraphQL: the index, the schema's text, health, and errors."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from api import newest
from api.app import create_app
from api.settings import Settings
from database.access import Access
from database.pool import connect
from tests.serving import serving

_SDL = Path(__file__).parents[2] / "schema" / "sdl" / "2026-10.graphql"


@pytest.fixture(scope="module")
def client(module_database: Access) -> Iterator[httpx.Client]:
    """A client of a running service."""
    with serving(module_database) as url, httpx.Client(base_url=url) as opened:
        yield opened


def test_the_index_is_json_unless_html_is_asked_for_by_name(client: httpx.Client) -> None:
    """Programs get JSON; browsers a page that needs nothing from anywhere."""
    answer = client.get("/")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["currentVersion"] == "2026-10"
    assert answer.json()["versions"] == [
        {
            "name": name,
            "status": status,
            "graphql": f"/graphql/{name}",
            "export": f"/export/{name}",
            "schema": f"/schema/{name}.graphql",
            "stableSince": None,
            "deprecatedSince": None,
            "sunset": None,
            "successor": None,
            "guide": guide,
        }
        for name, status, guide in (
            ("2026-10", "CANDIDATE", None),
            ("2027-01", "UNSTABLE", "/schema/migrating/2027-01.md"),
        )
    ]
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = client.get("/", headers={"accept": accept})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none';")
    assert '<a href="/reference">' in page.text


def test_every_link_of_the_index_leads_somewhere(client: httpx.Client) -> None:
    """No address is promised that is not there."""
    index = client.get("/").json()
    paths = [*index["health"].values(), *(each["schema"] for each in index["versions"])]
    paths += [index["changes"], *(each["guide"] for each in index["versions"] if each["guide"])]
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    queries = [index["graphql"], *(each["graphql"] for each in index["versions"])]
    for path in queries:
        assert client.get(path, params={"query": "{ __typename }"}).status_code == 200


def test_the_schema_is_served_as_it_is_checked_in(client: httpx.Client) -> None:
    """The bytes of the file, as text, with a tag that saves sending them again."""
    answer = client.get("/schema/2026-10.graphql")
    assert answer.content == _SDL.read_bytes()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    tag = answer.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/schema/2026-10.graphql", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    changed = client.get("/schema/2026-10.graphql", headers={"if-none-match": '"other"'})
    assert changed.status_code == 200
    head = client.head("/schema/2026-10.graphql")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(answer.content)))


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/nothing", 404, "Not Found"),
        ("GET", "/graphql/2026-10/nothing", 404, "Not Found"),
        ("GET", "/schema/2020-01.graphql", 404, "Not Found"),
        ("GET", "/schema/..%2f..%2fpyproject.graphql", 404, "Not Found"),
        ("POST", "/", 405, "Method Not Allowed"),
        ("DELETE", "/health/live", 405, "Method Not Allowed"),
    ],
)
def test_errors_outside_graphql_are_problems(
    client: httpx.Client, method: str, path: str, status: int, title: str
) -> None:
    """RFC 9457: type, title, status and a sentence."""
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", title, status)
    assert problem["detail"]
    assert answer.headers["access-control-allow-origin"] == "*"
    if status == 405:
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_every_page_says_its_methods(client: httpx.Client) -> None:
    """OPTIONS is answered everywhere, and HEAD as GET without the body."""
    for path in ("/", "/health/live", "/health/ready", "/schema/2026-10.graphql"):
        options = client.options(path)
        assert (options.status_code, options.content) == (204, b"")
        assert set(options.headers["allow"].split(", ")) == {"GET", "HEAD"}
        get, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(get.content))


def test_every_route_names_its_methods(client: httpx.Client, module_database: Access) -> None:
    """405 and OPTIONS come with Allow wherever there is something, and errors are JSON."""
    routes = create_app(Settings(), module_database).routes
    patterns = [each.path for each in routes if isinstance(each, Route)]
    paths = [re.sub(r"\{\w+\}", "2026-10", pattern) for pattern in patterns]
    assert "/graphql/2026-10/" in paths
    for path in paths:
        refused = client.delete(path)
        assert (path, refused.status_code) == (path, 405)
        assert refused.json()
        options = client.options(path)
        assert (path, options.status_code) == (path, 204)
        named = [set(each.headers["allow"].split(", ")) for each in (refused, options)]
        assert named[0] == named[1] != set()


def test_health_of_a_service_that_is_well(client: httpx.Client) -> None:
    """Alive and ready; nobody keeps the answer."""
    for name in ("live", "ready"):
        answer = client.get(f"/health/{name}")
        assert (answer.status_code, answer.json()) == (200, {"status": name})
        assert answer.headers["cache-control"] == "no-store"


async def test_without_the_database_the_service_lives_and_is_not_ready(
    database: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When what is in memory may be stale, queries get 503 and when to try again; both end."""
    monkeypatch.setattr(newest, "STALE_S", 3.0)
    owner = await connect(database.require("owner"))
    name = await owner.fetchval("select current_database()")
    try:
        with serving(database) as url:
            async with httpx.AsyncClient(base_url=url) as client:
                await owner.execute(f"alter database {name} connection limit 0")
                await owner.execute(
                    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                    "where usename = 'cordgraph_reader' and datname = current_database()"
                )
                assert (await client.get("/health/live")).status_code == 200
                not_ready = await client.get("/health/ready")
                assert not_ready.status_code == 503
                assert not_ready.headers["content-type"] == "application/problem+json"
                away = await _until(client, "UNAVAILABLE")
                assert away.status_code == 503
                assert away.headers["retry-after"] == "5"
                assert "data" not in away.json()
                await owner.execute(f"alter database {name} connection limit -1")
                await _until(client, "RELEASE_NOT_FOUND")
                assert (await client.get("/health/ready")).status_code == 200
    finally:
        await owner.close()


async def _until(client: httpx.AsyncClient, code: str) -> httpx.Response:
    """Ask until the error has this code, 20 seconds at most."""
    for _ in range(200):
        answer = await client.post("/graphql", json={"query": "{ release { number } }"})
        if answer.json()["errors"][0]["extensions"] == {"code": code}:
            return answer
        await asyncio.sleep(0.1)
    pytest.fail(f"{answer.text}, not {code}")
