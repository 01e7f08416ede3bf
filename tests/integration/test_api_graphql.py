"""GraphQL over a real socket, with the real schema over a published database."""

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from graphql import get_introspection_query

from database.access import Access
from schema.limits import LIMITS
from tests.serving import serving

_GRAPHQL = "application/graphql-response+json"
_TYPENAME = b'{"query": "{ __typename }"}'


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a running service with three releases."""
    with serving(published) as url, httpx.Client(base_url=url) as opened:
        yield opened


def _ask(
    client: httpx.Client, query: str, path: str = "/graphql", **members: Any
) -> httpx.Response:
    return client.post(path, json={"query": query, **members}, headers={"accept": _GRAPHQL})


def _error(answer: httpx.Response) -> tuple[int, str, str]:
    """Return status, code and message of the only error of an answer without data."""
    body = answer.json()
    assert "data" not in body
    (error,) = body["errors"]
    return answer.status_code, error["extensions"]["code"], error["message"]


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/graphql/2026-10", "/graphql/2026-10/"])
@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_an_answer_names_its_version_and_releases(
    client: httpx.Client, path: str, method: str
) -> None:
    """Body and headers say what was read, at every address and by both methods with a body."""
    body = orjson.dumps({"query": "{ release { number } a: release(number: 1) { number } }"})
    headers = {"content-type": "application/json"}
    answer = client.request(method, path, content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.json() == {
        "data": {"release": {"number": 3}, "a": {"number": 1}},
        "extensions": {
            "cordgraph": {
                "version": "2026-10",
                "releases": [1, 3],
                "cost": {"requested": 3, "limit": LIMITS.max_cost},
            }
        },
    }
    assert answer.headers["cordgraph-version"] == "2026-10"
    assert answer.headers["cordgraph-releases"] == "1, 3"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["request-id"]) == 16
    assert "server" not in answer.headers


def test_what_reads_no_release_names_none(client: httpx.Client) -> None:
    """Without data of a release there is no header, and an empty list."""
    answer = _ask(client, "{ service { limits { maxTokens } } }")
    assert answer.json() == {
        "data": {"service": {"limits": {"maxTokens": 2000}}},
        "extensions": {
            "cordgraph": {
                "version": "2026-10",
                "releases": [],
                "cost": {"requested": 3, "limit": LIMITS.max_cost},
            }
        },
    }
    assert "cordgraph-releases" not in answer.headers


def test_a_release_is_pinned_for_the_whole_request(client: httpx.Client) -> None:
    """?release=N is the default of every field, for both ways to ask."""
    query = "{ release { number } banks { totalCount } b: release(number: 3) { number } }"
    answers = [
        _ask(client, query, "/graphql?release=2"),
        client.get("/graphql/2026-10", params={"query": query, "release": "2"}),
    ]
    for answer in answers:
        assert answer.json()["data"] == {
            "release": {"number": 2},
            "banks": {"totalCount": 7},
            "b": {"number": 3},
        }
        assert answer.headers["cordgraph-releases"] == "2, 3"


def test_an_unknown_release_is_an_error_beside_data(client: httpx.Client) -> None:
    """The form of the number is the request's fault, its existence the field's."""
    answer = _ask(client, "{ __typename release { number } }", "/graphql?release=9")
    body = answer.json()
    assert answer.status_code == 200
    assert body["data"] == {"__typename": "Query", "release": None}
    assert body["errors"] == [
        {
            "message": "There is no release 9. Releases are numbered from 1 to 3.",
            "locations": [{"line": 1, "column": 14}],
            "path": ["release"],
            "extensions": {"code": "RELEASE_NOT_FOUND"},
        }
    ]


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.0", "%D9%A3", "9999999999", "", "+1", "%001"])
def test_a_release_that_is_no_number_is_refused(client: httpx.Client, text: str) -> None:
    """Only the number of a release pins one."""
    answer = _ask(client, "{ __typename }", f"/graphql?release={text}")
    status, code, message = _error(answer)
    assert (status, code) == (400, "INVALID_ARGUMENT")
    assert message.startswith("The parameter release must be the number of a release, not ")


def test_an_unknown_version_is_404_with_the_list(client: httpx.Client) -> None:
    """Never another version's answer."""
    answer = _ask(client, "{ __typename }", "/graphql/2020-01")
    assert answer.status_code == 404
    assert answer.json() == {
        "errors": [
            {
                "message": 'There is no version "2020-01" of the schema.',
                "extensions": {
                    "code": "VERSION_NOT_FOUND",
                    "versions": ["2026-10", "2027-01"],
                },
            }
        ],
        "extensions": {"cordgraph": {"releases": []}},
    }
    assert "cordgraph-version" not in answer.headers


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/json;q=0"])
def test_what_cannot_be_given_is_406_in_json(client: httpx.Client, accept: str) -> None:
    """The refusal itself is JSON."""
    answer = client.post("/graphql", content=_TYPENAME, headers={"accept": accept})
    assert _error(answer) == (
        406,
        "NOT_ACCEPTABLE",
        "Accept one of the media types application/json, application/graphql-response+json.",
    )
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_another_method_is_405_with_allow(client: httpx.Client, method: str) -> None:
    """The methods that there are come in the header."""
    answer = client.request(method, "/graphql")
    assert _error(answer)[:2] == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "identity, br"},
        {},
    ],
)
def test_another_content_type_or_an_encoding_is_415(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    """Bodies are JSON in UTF-8, as they are."""
    answer = client.post("/graphql", content=_TYPENAME, headers=headers)
    assert _error(answer)[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_413(client: httpx.Client, chunked: bool) -> None:
    """The limit holds for announced lengths and while streaming, and the connection lives on."""

    def pieces() -> Iterator[bytes]:
        for _ in range(50):
            yield b" " * 10_000

    content = pieces() if chunked else b" " * 100_001
    answer = client.post("/graphql", content=content, headers={"content-type": "application/json"})
    assert _error(answer) == (
        413,
        "REQUEST_TOO_LARGE",
        "The body of a request may have at most 100,000 bytes.",
    )
    assert _ask(client, "{ __typename }").status_code == 200


def test_the_largest_body_passes(client: httpx.Client) -> None:
    """The limit includes its maximum."""
    content = _TYPENAME.ljust(100_000)
    answer = client.post("/graphql", content=content, headers={"content-type": "application/json"})
    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\xff\xfe", "The body is not JSON: str is not valid UTF-8: surrogates not allowed."),
        (b'{"query": "\xe4\xb8', None),
        (b"null", "The body must be a JSON object with the member query."),
        (b"1", "The body must be a JSON object with the member query."),
        (b'"{ a }"', "The body must be a JSON object with the member query."),
        (b'[{"query": "{ a }"}]', "The body must be a JSON object with the member query."),
        (b"[" * 90_000, "The body is not JSON: depth limit exceeded."),
        (b'{"query": "{ a }", "variables": {"a": ' + b"9" * 5000 + b"}}", None),
        (b'{"query": "{ a }", "operationName": "\\ud800"}', None),
        (b'{"query": "{ a \\udfff }"}', None),
        (b"NaN", None),
        (b"\xef\xbb\xbf{}", None),
        (b"{}", "Give the document as text in the parameter query."),
        (b'{"query": ""}', "Give the document as text in the parameter query."),
    ],
)
def test_a_body_that_is_no_request_is_400(
    client: httpx.Client, body: bytes, message: str | None
) -> None:
    """Whatever it is, the answer is a coded error in JSON, and never a 500."""
    answer = client.post("/graphql", content=body, headers={"content-type": "application/json"})
    status, code, found = _error(answer)
    assert (status, code) == (400, "REQUEST_INVALID")
    assert found == (message or found)


@pytest.mark.parametrize(
    ("query_string", "code"),
    [
        ("", "REQUEST_INVALID"),
        ("query=%ff", "REQUEST_INVALID"),
        ("query=%ed%a0%80", "REQUEST_INVALID"),
        ("query={__typename}&variables={", "REQUEST_INVALID"),
        ("query={__typename}&variables=[]", "REQUEST_INVALID"),
        ("query={__typename}&extensions=1", "REQUEST_INVALID"),
        ("query={__typename}&query={__typename}", "REQUEST_INVALID"),
        ("query={__typename}&" + "&".join(f"a{n}=1" for n in range(20)), "REQUEST_INVALID"),
        ("query={__typename}&operationName=A", "OPERATION_NOT_FOUND"),
        ("query=%00", "DOCUMENT_SYNTAX"),
    ],
)
def test_a_url_that_is_no_request_is_400(
    client: httpx.Client, query_string: str, code: str
) -> None:
    """The same for what comes in a URL."""
    answer = client.get(f"/graphql?{query_string}", headers={"accept": _GRAPHQL})
    assert _error(answer)[:2] == (400, code)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"query": "query($a: ID!) { unit(id: $a) { id } }", "variables": {"a": "\0"}},
         "VARIABLES_INVALID"),
        ({"query": r'{ unit(id: "\u0000") { id } }'}, "DOCUMENT_INVALID"),
        ({"query": r'{ unit(id: "\ud800") { id } }'}, "DOCUMENT_SYNTAX"),
        ({"query": "query($n: Int) { releases(first: $n) { totalCount } }",
          "variables": {"n": 2**63}}, "VARIABLES_INVALID"),
        ({"query": "{ releases(first: " + "9" * 5000 + ") { totalCount } }"}, "LIMIT_EXCEEDED"),
        ({"query": "{ releases(first: 99999999999) { totalCount } }"}, "DOCUMENT_INVALID"),
        ({"query": "{ a " * 300 + "}" * 300}, "LIMIT_EXCEEDED"),
        ({"query": "{" + "a " * 3000 + "}"}, "LIMIT_EXCEEDED"),
        ({"query": "#\n" * 201 + "{ __typename }"}, "LIMIT_EXCEEDED"),
        ({"query": "{ units { nodes { " + "id " * 500 + "} } }"}, "LIMIT_EXCEEDED"),
        ({"query": "{ units { nodes { " + "... { id } " * 300 + "} } }"}, "LIMIT_EXCEEDED"),
        ({"query": "{ ...F } fragment F on Query { ...F }"}, "DOCUMENT_INVALID"),
        ({"query": "{ ...F }"}, "DOCUMENT_INVALID"),
        ({"query": "mutation { __typename }"}, "DOCUMENT_INVALID"),
        ({"query": "subscription { __typename }"}, "DOCUMENT_INVALID"),
        ({"query": "fragment F on Query { __typename }"}, "DOCUMENT_INVALID"),
        ({"query": "query A { __typename } query B { __typename }"}, "OPERATION_NOT_FOUND"),
        ({"query": "query A { __typename }", "operationName": "B" * 500},
         "OPERATION_NOT_FOUND"),
    ],
)  # fmt: skip
def test_a_hostile_document_is_400_with_a_code(
    client: httpx.Client, members: dict[str, Any], code: str
) -> None:
    """Each refusal has its code, one error, no data and a short text."""
    status, found, message = _error(_ask(client, **members))
    assert (status, found) == (400, code)
    assert len(message) <= 300


def test_long_input_is_not_echoed(client: httpx.Client) -> None:
    """At most ten errors, each cut."""
    query = "{ " + " ".join("q" * 3000 + str(n) for n in range(15)) + " }"
    answer = _ask(client, query)
    messages = [error["message"] for error in answer.json()["errors"]]
    assert [len(message) for message in messages[:-1]] == [300] * 9
    assert messages[-1] == ("Too many validation errors, error limit reached. Validation aborted.")


def test_a_variable_that_does_not_fit_its_place_is_the_clients(client: httpx.Client) -> None:
    """Null for a place with a default passes coercion and fails at the field."""
    query = "query($o: UnitOrder) { __typename units(orderBy: $o) { totalCount } }"
    answer = _ask(client, query, variables={"o": None})
    (error,) = answer.json()["errors"]
    assert answer.status_code == 200
    assert error["path"] == ["units"]
    assert error["extensions"] == {"code": "VARIABLES_INVALID"}


def test_introspection_is_open(client: httpx.Client) -> None:
    """Tools can read the schema."""
    answer = _ask(client, get_introspection_query(input_value_deprecation=True))
    assert "errors" not in answer.json()


def test_head_has_the_headers_of_get(client: httpx.Client) -> None:
    """HEAD is GET without the body."""
    get = client.get("/graphql", params={"query": "{ release { number } }"})
    head = client.head("/graphql", params={"query": "{ release { number } }"})
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers["cordgraph-releases"] == "3"


def test_options_and_preflight(client: httpx.Client) -> None:
    """Every origin may ask, with any header, without credentials."""
    plain = client.options("/graphql")
    assert (plain.status_code, plain.headers["allow"]) == (204, "GET, HEAD, POST, QUERY, OPTIONS")
    assert plain.headers["accept-query"] == '"application/json"'
    asked = {"origin": "https://portal.example", "access-control-request-method": "POST"}
    preflight = client.options("/graphql", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD, POST, QUERY"
    assert preflight.headers["access-control-allow-headers"] == "*, Authorization"
    named = {**asked, "access-control-request-headers": "content-type, X-My.Own_Header"}
    preflight = client.options("/graphql", headers=named)
    assert preflight.headers["access-control-allow-headers"] == "content-type, X-My.Own_Header"
    assert preflight.headers["vary"] == "Access-Control-Request-Headers"
    assert "access-control-allow-credentials" not in preflight.headers


def test_a_client_that_asks_for_a_websocket_gets_http(client: httpx.Client) -> None:
    """An upgrade is not taken up."""
    headers = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    answer = client.get("/graphql", params={"query": "{ __typename }"}, headers=headers)
    assert answer.json()["data"] == {"__typename": "Query"}
