"""The audits of the npm package graphql-http 1.23.1 (`serverAudits`), by their ids.

An audit that says MAY or SHOULD is kept like one that says MUST.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from database.access import Access
from tests.serving import serving

_GRAPHQL = "application/graphql-response+json"
_JSON = "application/json"
_TYPENAME = "{ __typename }"
_BY_NAME = "query Type($name: String!) { __type(name: $name) { name } }"
_UNKNOWN_FIELD = "{ 8f31403dfe404bccbb0e835f2629c6a7 }"
_COERCION = {"query": "query CoerceFailure($id: ID!){ __typename }", "variables": {"id": None}}
_PARAMETERS = ("variables", "operationName", "extensions")


@pytest.fixture(scope="module")
def client(module_database: Access) -> Iterator[httpx.Client]:
    """A client of a running service."""
    with serving(module_database) as url, httpx.Client(base_url=url) as opened:
        yield opened


def _post(
    client: httpx.Client, body: object, accept: str | None = None, **headers: str
) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    request = client.build_request("POST", "/graphql", content=content)
    del request.headers["accept"]
    request.headers.update({"content-type": _JSON, **headers})
    if accept is not None:
        request.headers["accept"] = accept
    return client.send(request)


def _get(client: httpx.Client, accept: str = "*/*", **parameters: str) -> httpx.Response:
    return client.get(f"/graphql?{urlencode(parameters)}", headers={"accept": accept})


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(_GRAPHQL, _GRAPHQL, id="22EB"),
        pytest.param(_JSON, _JSON, id="4655"),
        pytest.param("*/*", _JSON, id="47DE"),
        pytest.param(None, _JSON, id="80D8"),
    ],
)
def test_the_answer_has_the_media_type_that_was_asked_for(
    client: httpx.Client, accept: str | None, expected: str
) -> None:
    """The new media type where it is accepted by name, else JSON."""
    answer = _post(client, {"query": _TYPENAME}, accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize(
    ("query", "content_type"),
    [
        pytest.param(_TYPENAME, _JSON, id="82A3-78D5-2C94-03D4"),
        pytest.param(
            '{ __type(name: "Run🏃Swim🏊") { name } }', f"{_JSON}; charset=utf-8", id="BF61"
        ),
    ],
)
def test_utf8_goes_in_and_comes_out(client: httpx.Client, query: str, content_type: str) -> None:
    """UTF-8 is what is meant, whether it is said or not."""
    answer = _post(client, {"query": query}, **{"content-type": content_type})
    assert answer.status_code == 200
    assert "errors" not in orjson.loads(answer.content.decode("utf-8"))


def test_get_takes_form_encoded_parameters(client: httpx.Client) -> None:
    """5A70: a query can be a URL."""
    assert _get(client, query=_TYPENAME).json()["data"] == {"__typename": "Query"}


def test_get_executes_no_mutation(client: httpx.Client) -> None:
    """9C48: a GET with a mutation is not allowed, and says what would be."""
    answer = _get(client, _GRAPHQL, query="mutation { __typename }")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_post_without_content_type_is_refused(client: httpx.Client) -> None:
    """9ABE: no content type, no guess."""
    answer = client.post("/graphql", content=orjson.dumps({"query": _TYPENAME}))
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="A5BF"),
        pytest.param({"notquery": _TYPENAME}, id="423L"),
        *[
            pytest.param({"query": wrong}, id=f"LKJ{n}")
            for n, wrong in enumerate([{"obj": "ect"}, 0, False, ["array"]])
        ],
        *[
            pytest.param({"query": _TYPENAME, "operationName": wrong}, id=f"6C0{n}")
            for n, wrong in enumerate([{"obj": "ect"}, 0, False, ["array"]])
        ],
        *[
            pytest.param({"query": _TYPENAME, "variables": wrong}, id=f"476{n}")
            for n, wrong in enumerate(["string", 0, False, ["array"]])
        ],
        *[
            pytest.param({"query": _TYPENAME, "extensions": wrong}, id=f"58B{n}")
            for n, wrong in enumerate(["string", 0, False, ["array"]])
        ],
        pytest.param(b'{ "not a JSON', id="B6DC-BCF8-B7N8"),
        pytest.param({"qeury": _TYPENAME}, id="8764-3E3A"),
    ],
)
@pytest.mark.parametrize("accept", [_JSON, _GRAPHQL])
def test_a_malformed_request_is_400_whatever_is_accepted(
    client: httpx.Client, body: object, accept: str
) -> None:
    """Not JSON, no query, or a parameter of the wrong type."""
    answer = _post(client, body, accept)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "REQUEST_INVALID"
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    ("body", "accept"),
    [
        pytest.param({"query": _TYPENAME}, _GRAPHQL, id="34A2"),
        pytest.param({"query": _TYPENAME}, _JSON, id="13EE"),
        pytest.param(
            {"operationName": "Query", "query": "query Query { __typename }"}, _GRAPHQL, id="8161"
        ),
        pytest.param(
            {"operationName": "Query", "query": "query Query { __typename }"}, _JSON, id="B8B3"
        ),
        *[
            pytest.param({"query": _TYPENAME, name: None}, _GRAPHQL, id=f"94B{n}")
            for n, name in enumerate(_PARAMETERS)
        ],
        *[
            pytest.param({"query": _TYPENAME, name: None}, _JSON, id=f"022{n}")
            for n, name in enumerate(_PARAMETERS)
        ],
        pytest.param({"query": _BY_NAME, "variables": {"name": "sometype"}}, _GRAPHQL, id="2EA1"),
        pytest.param({"query": _BY_NAME, "variables": {"name": "sometype"}}, _JSON, id="28B9"),
        pytest.param({"query": _TYPENAME, "extensions": {"some": "value"}}, _GRAPHQL, id="428F"),
        pytest.param({"query": _TYPENAME, "extensions": {"some": "value"}}, _JSON, id="1B7A"),
    ],
)
def test_every_form_of_a_parameter_is_taken(
    client: httpx.Client, body: dict[str, Any], accept: str
) -> None:
    """Text, maps and null where they may be."""
    answer = _post(client, body, accept)
    assert answer.status_code == 200
    assert "errors" not in answer.json()


@pytest.mark.parametrize(
    "accept", [pytest.param(_GRAPHQL, id="D6D5"), pytest.param(_JSON, id="6A70")]
)
def test_get_takes_variables_as_json(client: httpx.Client, accept: str) -> None:
    """Variables in a URL are JSON."""
    answer = _get(client, accept, query=_BY_NAME, variables='{"name": "sometype"}')
    assert answer.status_code == 200
    assert answer.json()["data"] == {"__type": None}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"query": "{"}, id="572B"),
        pytest.param({"query": _UNKNOWN_FIELD}, id="FDE2"),
        pytest.param(_COERCION, id="7B9B"),
    ],
)
def test_under_json_a_refused_document_is_200(client: httpx.Client, body: dict[str, Any]) -> None:
    """Clients of the old media type read the errors from a body, not from a status."""
    answer = _post(client, body, _JSON)
    assert answer.status_code == 200
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"query": "{"}, "DOCUMENT_SYNTAX", id="865D-556A-D586"),
        pytest.param({"query": _UNKNOWN_FIELD}, "DOCUMENT_SYNTAX", id="51FE-74FF-5E5B"),
        pytest.param({"query": "{ nosuchfield }"}, "DOCUMENT_INVALID", id="unknown-field"),
        pytest.param(_COERCION, "DOCUMENT_INVALID", id="86EE"),
        pytest.param(
            {"query": _BY_NAME, "variables": {"name": None}}, "VARIABLES_INVALID", id="coercion"
        ),
    ],
)
def test_under_the_new_media_type_a_refused_document_is_400_without_data(
    client: httpx.Client, body: dict[str, Any], code: str
) -> None:
    """Parsing, validation and coercion."""
    answer = _post(client, body, _GRAPHQL)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert "data" not in answer.json()
