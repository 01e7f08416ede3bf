"""What every answer tells browsers, whichever way it is sent."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.routing import Route

from api.app import create_app
from api.settings import Settings
from database.access import Access
from tests.serving import serving

_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_EVERY = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "*",
    "cross-origin-resource-policy": "cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_NEVER = ("set-cookie", "server", "x-powered-by", "access-control-allow-credentials")
_QUERY = {"query": "{ release { number } }"}
_HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def url(published: Access) -> Iterator[str]:
    """A running service with three releases."""
    with serving(published, Settings(anonymous_quota=0)) as base:
        yield base


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    """A client of the service."""
    with httpx.Client(base_url=url) as opened:
        yield opened


def _check(headers: httpx.Headers) -> None:
    """Each field comes once, with its value; a page has a policy of its own, as strict."""
    for name, value in _EVERY.items():
        assert headers.get_list(name) == [value], name
    (policy,) = headers.get_list("content-security-policy")
    if not headers.get("content-type", "").startswith("text/html"):
        assert policy == _CLOSED
    assert set(_CLOSED.split("; ")) <= set(policy.split("; "))
    assert not re.search(r"unsafe|\*|https?:|nonce|blob:", policy)
    assert [name for name in _NEVER if name in headers] == []


def test_answers_at_every_address(client: httpx.Client, published: Access) -> None:
    """Every route by every method, for programs and for browsers."""
    routes = create_app(Settings(), published).routes
    patterns = [each.path for each in routes if isinstance(each, Route)]
    for pattern in patterns:
        path = re.sub(r"\{[\w:]+\}", "2026-10", pattern)
        for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE"):
            for accept in ("*/*", _HTML):
                _check(client.request(method, path, headers={"accept": accept}).headers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/graphql/2020-01", 404),
        ("/graphql?query=%7B", 200),
        ("/graphql/2026-10?query={release{title}}&release=2", 200),
        ("/health/live", 200),
    ],
)
def test_answers_of_each_kind(client: httpx.Client, path: str, status: int) -> None:
    """Data and errors alike."""
    answer = client.get(path)
    assert answer.status_code == status
    _check(answer.headers)


def test_kept_answers_and_those_that_a_client_has(client: httpx.Client) -> None:
    """Fresh, kept, unparsed, by HEAD, and 304."""
    heads = [client.post("/graphql/2026-10", json=_QUERY).headers for _ in range(4)]
    gets = [client.get("/graphql/2026-10", params=_QUERY) for _ in range(4)]
    heads += [get.headers for get in gets]
    known = {"if-none-match": gets[0].headers["etag"]}
    again = client.get("/graphql/2026-10", params=_QUERY, headers=known)
    assert again.status_code == 304
    heads += [again.headers, client.head("/graphql/2026-10", params=_QUERY).headers]
    for head in heads:
        _check(head)
    for same in (heads[:4], heads[4:8]):
        assert {tuple(name for name, _ in each.multi_items()) for each in same} == {
            tuple(name for name, _ in same[0].multi_items())
        }


def test_a_preflight(client: httpx.Client) -> None:
    """The question of a browser before it asks."""
    asked = {"origin": "https://portal.example", "access-control-request-method": "POST"}
    answer = client.options("/graphql", headers=asked)
    assert answer.status_code == 204
    _check(answer.headers)


def test_a_refusal_of_the_connection(url: str) -> None:
    """What is not even HTTP."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        said = b"".join(iter(lambda: connection.recv(65_536), b""))
    status, *lines = said.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert status == b"HTTP/1.1 400 Bad Request"
    fields = [line.partition(b": ") for line in lines]
    _check(httpx.Headers([(name, value) for name, _, value in fields]))
