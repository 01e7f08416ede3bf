"""Quotas over HTTP: what is charged, to whom, what the client is told, with and without Redis."""

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
import structlog

from api.settings import Settings
from database.access import Access
from database.pool import connect
from publishing.api_keys import issue_key, revoke_key
from tests.redis_server import redis_server
from tests.serving import serving

_ROOT = {"query": "{ __typename }"}
_LATEST = {"query": "{ release { number } }"}
_PAGE = {"query": "{ units(first: 50) { nodes { id } } }"}


@pytest.fixture
def client(database: Access) -> Iterator[httpx.Client]:
    """A client of a service with a small quota that keeps no answers, behind any proxy here."""
    settings = Settings(anonymous_quota=100, trusted_proxies="127.0.0.0/8", kept_answers_mb=0)
    with serving(database, settings) as url, httpx.Client(base_url=url) as opened:
        yield opened


def _from(address: str) -> dict[str, str]:
    """Return the headers of a request that a proxy passes on for ``address``."""
    return {"X-Forwarded-For": address}


def _left(answer: httpx.Response) -> tuple[str, int]:
    """Return the policy and the quota that is left, by the header."""
    found = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert found
    assert 1 <= int(found[3]) <= 60
    return found[1], int(found[2])


def test_a_request_is_charged_what_it_costs(client: httpx.Client) -> None:
    """The root is 1, and so is each object; the headers tell quota, rest and time."""
    answer = client.post("/graphql", json=_ROOT, headers=_from("192.0.2.1"))
    assert answer.status_code == 200
    assert answer.headers["ratelimit-policy"] == ('"anonymous";q=100;w=60;cordgraph-unit="cost"')
    assert _left(answer) == ("anonymous", 99)
    assert answer.headers["access-control-expose-headers"] == "*"
    answer = client.post("/graphql", json=_LATEST, headers=_from("192.0.2.1"))
    assert _left(answer) == ("anonymous", 97)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/graphql", b'{"query": "{"}', 400),
        ("POST", "/graphql", b"no JSON", 400),
        ("POST", "/graphql/1999-01", b'{"query": "{ __typename }"}', 404),
        ("DELETE", "/graphql", b"", 405),
    ],
)
def test_a_refused_request_costs_1(
    client: httpx.Client, method: str, path: str, body: bytes, status: int
) -> None:
    """What has no cost of its own is not free, and says what is left."""
    headers = {
        **_from(f"192.0.2.{status % 100 + len(body)}"),
        "Content-Type": "application/json",
        "Accept": "application/graphql-response+json",
    }
    answer = client.request(method, path, content=body, headers=headers)
    assert answer.status_code == status
    assert _left(answer) == ("anonymous", 99)


def test_a_refused_document_costs_by_its_length(client: httpx.Client) -> None:
    """Finding out what is wrong with a long one takes time; it may take all that is left."""
    address = _from("192.0.2.200")
    for length, left in ((200, 98), (5_099, 48), (9_000, 0)):
        answer = client.post("/graphql", json={"query": "{ wrong }".ljust(length)}, headers=address)
        assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"
        assert _left(answer) == ("anonymous", left)
    assert client.post("/graphql", json=_ROOT, headers=address).status_code == 429


def test_above_the_quota_a_request_is_429(client: httpx.Client) -> None:
    """The refusal tells what it costs, what is left and when to come again; smaller ones pass."""
    address = _from("2001:db8:1:2::1")
    _, left = _left(client.post("/graphql", json=_PAGE, headers=address))
    cost = 100 - left
    neighbour = _from("2001:db8:1:2:ffff::9")
    answer = client.post("/graphql", json=_PAGE, headers=neighbour)
    assert answer.status_code == 429
    wait = int(answer.headers["retry-after"])
    (error,) = answer.json()["errors"]
    assert error["message"] == (
        f"This request costs {cost}, and {left} of the 100 for a minute are left. "
        f"All of it is back in {wait} seconds."
    )
    assert error["extensions"] == {"code": "RATE_LIMITED", "cost": cost, "retryAfter": wait}
    assert _left(answer) == ("anonymous", left - 1)
    assert client.post("/graphql", json=_LATEST, headers=address).status_code == 200
    stranger = client.post("/graphql", json=_PAGE, headers=_from("2001:db8:1:3::1"))
    assert _left(stranger) == ("anonymous", left)


def test_nothing_is_read_once_the_quota_is_used_up(client: httpx.Client) -> None:
    """A client without quota is told so whatever it sends; what is no query stays open to it."""
    address = _from("192.0.2.77")
    for _ in range(100):
        answer = client.post("/graphql", json=_ROOT, headers=address)
    assert _left(answer) == ("anonymous", 0)
    answer = client.post("/graphql", content=b"no JSON", headers=address)
    assert (answer.status_code, _left(answer)) == (429, ("anonymous", 0))
    for path in ("/", "/health/live", "/health/ready", "/schema/2026-10.graphql"):
        assert client.get(path, headers=address).status_code == 200


def test_more_than_a_whole_quota_is_beyond_the_limit(client: httpx.Client) -> None:
    """Waiting would not help, so it is no 429."""
    document = {"query": "{ units(first: 100) { nodes { id bank { code } } } }"}
    answer = client.post(
        "/graphql",
        json=document,
        headers={**_from("192.0.2.5"), "Accept": "application/graphql-response+json"},
    )
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["extensions"]["maximum"] == 100


async def _issue_two(access: Access) -> tuple[str, str]:
    """Issue a live key with a quota of 1,000, and one that is revoked."""
    operator = await connect(access.require("operator"))
    live = await issue_key(operator, "a portal", 1_000)
    revoked = await issue_key(operator, "another portal", 2_000)
    await revoke_key(operator, revoked.id)
    await operator.close()
    return live.key, revoked.key


def test_a_key_has_its_own_quota(database: Access, client: httpx.Client) -> None:
    """It counts by key, whatever the address; a revoked one is 401."""
    live, revoked = asyncio.run(_issue_two(database))
    for number, address in enumerate(("192.0.2.1", "192.0.2.2"), start=1):
        headers = {**_from(address), "Authorization": f"Bearer {live}"}
        answer = client.post("/graphql", json=_ROOT, headers=headers)
        assert answer.headers["ratelimit-policy"] == '"key";q=1000;w=60;cordgraph-unit="cost"'
        assert _left(answer) == ("key", 1_000 - number)
    headers = {**_from("192.0.2.3"), "Authorization": f"bearer  {revoked}"}
    assert client.post("/graphql", json=_ROOT, headers=headers).status_code == 401


@pytest.mark.parametrize("key", ["-", "cgk_" + "A" * 43, "nonsense", "cgk_'; drop table x"])
def test_an_unknown_key_is_401_at_the_cost_of_the_address(client: httpx.Client, key: str) -> None:
    """Guessing is not free, and the challenge says what is wrong."""
    headers = {**_from(f"192.0.2.{100 + len(key)}"), "Authorization": f"Bearer {key}"}
    answer = client.post("/graphql", json=_ROOT, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert _left(answer) == ("anonymous", 99)
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "INVALID_KEY"}
    assert key == "-" or key not in answer.text


def test_other_credentials_are_not_ours(client: httpx.Client) -> None:
    """A proxy may ask for a password of its own."""
    headers = {**_from("192.0.2.9"), "Authorization": "Basic dTpw"}
    assert client.post("/graphql", json=_ROOT, headers=headers).status_code == 200


def test_a_key_cannot_be_checked_without_the_address_of_the_service_role(database: Access) -> None:
    """A process that cannot look keys up says that it does not know them."""
    access = Access(owner=None, operator=None, reader=database.reader, service=None)
    with serving(access) as url:
        headers = {"Authorization": "Bearer cgk_" + "A" * 43}
        assert httpx.post(f"{url}/graphql", json=_ROOT, headers=headers).status_code == 401


def test_without_a_quota_there_are_no_headers(database: Access) -> None:
    """Zero is no limit."""
    with serving(database, Settings(anonymous_quota=0)) as url:
        answer = httpx.post(f"{url}/graphql", json=_ROOT)
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers
    assert "ratelimit-policy" not in answer.headers


def test_processes_share_a_quota_over_redis_and_live_without_it(
    database: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two services count together; if Redis dies each counts alone, and together after that."""
    monkeypatch.setattr("api.quota.counter.PAUSE_S", 0.0)
    with redis_server() as (redis, address), structlog.testing.capture_logs() as lines:
        settings = Settings(anonymous_quota=100, redis_url=address, kept_answers_mb=0)
        with serving(database, settings) as one, serving(database, settings) as two:

            def ask(url: str) -> tuple[str, int]:
                answer = httpx.post(f"{url}/graphql", json=_ROOT)
                assert answer.status_code == 200
                return _left(answer)

            assert [ask(one), ask(two), ask(one)] == [("anonymous", n) for n in (99, 98, 97)]
            redis.stop()
            assert [ask(one), ask(two), ask(one)] == [("anonymous", n) for n in (99, 99, 98)]
            redis.start()
            assert [ask(one), ask(two)] == [("anonymous", n) for n in (99, 98)]
    events = [line["event"] for line in lines if "redis" in line["event"]]
    assert events == [
        *["quotas are counted in redis, for all processes together"] * 2,
        *["redis does not answer; quotas are counted in memory"] * 2,
        "redis answers again; quotas are shared",
        "redis answers again; quotas are shared",
    ]
    assert address not in str(lines)


def test_who_counts_is_said_at_the_start(database: Access) -> None:
    """In memory each process counts for itself, and says so."""
    with structlog.testing.capture_logs() as lines, serving(database):
        pass
    assert [line["event"] for line in lines if "quotas" in line["event"]] == [
        "quotas are counted in memory, by each process for itself"
    ]
