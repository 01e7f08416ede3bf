"""Persisted documents and cached answers, over a real socket."""

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from database.access import Access
from tests.serving import serving

_GRAPHQL = "application/graphql-response+json"
_JSON = "application/json"
_PINNED = "public, max-age=86400, immutable"
_CURRENT = "public, no-cache"


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a running service with three releases."""
    with serving(published) as url, httpx.Client(base_url=url) as opened:
        yield opened


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _extension(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": _hash(text)}}


def _get(client: httpx.Client, accept: str = _JSON, **parameters: Any) -> httpx.Response:
    encoded = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in parameters.items()
    }
    return client.get("/graphql", params=encoded, headers={"accept": accept})


def _post(client: httpx.Client, accept: str = _JSON, **members: Any) -> httpx.Response:
    return client.post("/graphql", json=members, headers={"accept": accept})


@pytest.mark.parametrize("ask", [_get, _post])
def test_the_automatic_protocol(client: httpx.Client, ask: Any) -> None:
    """A miss, the text with its hash, and from then on the hash alone, by GET and POST."""
    text = f"query($n: Int) {{ {ask.__name__}: release(number: $n) {{ number }} }}"
    named: dict[str, Any] = {"extensions": _extension(text), "variables": {"n": 2}}
    missed = ask(client, **named)
    assert missed.status_code == 200
    assert missed.json() == {
        "errors": [
            {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
            }
        ],
        "extensions": {"cordgraph": {"version": "2026-10", "releases": []}},
    }
    expected = {ask.__name__: {"number": 2}}
    assert ask(client, query=text, **named).json()["data"] == expected
    for again in (_get, _post):
        assert again(client, **named).json()["data"] == expected
        identified: dict[str, Any] = {"documentId": f"sha256:{_hash(text)}", "variables": {"n": 2}}
        assert again(client, **identified).json()["data"] == expected


def test_under_the_new_media_type_an_unknown_document_is_404(client: httpx.Client) -> None:
    """Neither 400 nor 500, which clients take for a service without the protocol."""
    answer = _get(client, _GRAPHQL, documentId="sha256:" + "0" * 64)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith(_GRAPHQL)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["errors"][0]["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"documentId": "sha256:abc"},
        {"documentId": "abc"},
        {"documentId": "sha256:" + "0" * 64, "query": "{ __typename }"},
        {"extensions": {"persistedQuery": {"version": 9}}},
        {"extensions": _extension("{ other: __typename }"), "query": "{ __typename }"},
    ],
)
@pytest.mark.parametrize("ask", [_get, _post])
def test_a_name_that_names_nothing_is_400(
    client: httpx.Client, ask: Any, parameters: dict[str, Any]
) -> None:
    """Wrong forms and wrong hashes, whatever is accepted."""
    answer = ask(client, **parameters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "REQUEST_INVALID"}


@pytest.mark.parametrize("text", ["{ nosuchfield }", "{", "{ " + "__typename " * 3000 + "}"])
def test_what_is_refused_is_not_kept(client: httpx.Client, text: str) -> None:
    """Only documents that passed all checks take space."""
    refused = _post(client, query=text, extensions=_extension(text))
    assert refused.json()["errors"][0]["extensions"]["code"] != "PERSISTED_QUERY_NOT_FOUND"
    missed = _post(client, extensions=_extension(text))
    assert missed.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    ("path", "query", "lifetime"),
    [
        ("/graphql/2026-10?release=2", "{ release { number } }", _PINNED),
        ("/graphql/2026-10", "{ release(number: 2) { number } }", _PINNED),
        ("/graphql/2026-10", '{ node(id: "rel_1") { id } }', _PINNED),
        ("/graphql/2026-10", "{ __schema { queryType { name } } }", _PINNED),
        ("/graphql/2026-10", "{ release { number } }", _CURRENT),
        ("/graphql?release=2", "{ release { number } }", _CURRENT),
        ("/graphql/2026-10?release=2", "{ release { state } }", _CURRENT),
        ("/graphql/2026-10?release=2", "{ releases { totalCount } }", _CURRENT),
        ("/graphql/2026-10?release=2", "{ service { limits { maxIds } } }", _CURRENT),
        ("/graphql/2026-10?release=2", '{ node(id: "rel_4") { id } }', _CURRENT),
        ("/graphql/2026-10?release=4", "{ release { number } }", "no-store"),
        ("/graphql/2026-10?release=2", "{ nosuchfield }", "no-store"),
        ("/graphql/2020-01?release=2", "{ __typename }", "no-store"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "QUERY"])
def test_an_answer_lives_as_long_as_it_is_true(
    client: httpx.Client, method: str, path: str, query: str, lifetime: str
) -> None:
    """Pinned in version and release it never changes; else it is asked for again; errors go."""
    if method == "QUERY":
        content: dict[str, Any] = {"json": {"query": query}}
    else:
        content = {"params": {**httpx.URL(path).params, "query": query}}
    answer = client.request(method, path, **content)
    assert answer.headers["cache-control"] == lifetime
    assert ("etag" in answer.headers) is (lifetime != "no-store")
    assert answer.headers["vary"] == "Accept, Accept-Encoding"


def test_an_answer_to_post_is_not_for_caches(client: httpx.Client) -> None:
    """Caches do not look into bodies of POST."""
    answer = client.post("/graphql/2026-10?release=2", json={"query": "{ release { number } }"})
    assert "cache-control" not in answer.headers
    assert "etag" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "QUERY"])
def test_what_a_client_has_is_not_sent_again(client: httpx.Client, method: str) -> None:
    """304 with the same headers; a tag belongs to its media type and to its content."""
    query = "{ banks { totalCount } }"

    def ask(number: int, **headers: str) -> httpx.Response:
        path = f"/graphql/2026-10?release={number}"
        if method == "QUERY":
            return client.request(method, path, json={"query": query}, headers=headers)
        parameters = {"query": query, "release": str(number)}
        return client.request(method, "/graphql/2026-10", params=parameters, headers=headers)

    first = ask(1)
    tag = first.headers["etag"]
    again = ask(1, **{"if-none-match": f'"x", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    same = ("etag", "cache-control", "vary", "cordgraph-version", "cordgraph-releases")
    assert [again.headers[name] for name in same] == [first.headers[name] for name in same]
    assert "content-length" not in again.headers
    assert ask(2, **{"if-none-match": tag}).status_code == 200
    assert ask(1, **{"if-none-match": tag, "accept": _GRAPHQL}).status_code == 200
