"""The cost of requests over a real socket."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from schema.limits import LIMITS
from tests.serving import serving

_GRAPHQL = "application/graphql-response+json"
_DEAR = "{ banks(first: 100) { nodes { units(first: 100) { nodes { id } } } } }"


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a running service with three releases and no quota."""
    with (
        serving(published, Settings(anonymous_quota=0)) as url,
        httpx.Client(base_url=url, headers={"accept": _GRAPHQL}) as opened,
    ):
        yield opened


def _post(client: httpx.Client, query: str, path: str = "/graphql", **more: Any) -> httpx.Response:
    return client.post(path, json={"query": query, **more})


def _said(answer: httpx.Response) -> Any:
    return answer.json()["extensions"]["cordgraph"]["cost"]


def test_every_answer_says_what_it_cost(client: httpx.Client) -> None:
    """Whether it comes by POST or GET, and with errors or without."""
    query = "{ banks(first: 3) { nodes { code } } }"
    expected = {"requested": 5, "limit": LIMITS.max_cost}
    assert _said(_post(client, query)) == expected
    assert _said(client.get("/graphql", params={"query": query})) == expected
    failing = _post(client, '{ node(id: "nonsense") { id } }')
    assert failing.json()["errors"] != []
    assert _said(failing) == {"requested": 2, "limit": LIMITS.max_cost}


def test_the_cost_follows_the_variables(client: httpx.Client) -> None:
    """A document that is kept is priced anew for other variables."""
    query = "query ($n: Int) { banks(first: $n) { nodes { code } } }"
    for size in (3, 50, 3):
        answer = _post(client, query, variables={"n": size})
        assert _said(answer)["requested"] == 2 + size


def test_a_request_beyond_the_budget_is_refused_before_it_is_executed(
    client: httpx.Client,
) -> None:
    """The error has its code, its cost and what would pass; no release is read."""
    answer = _post(client, _DEAR)
    body = answer.json()
    assert answer.status_code == 400
    assert "data" not in body
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "COST_EXCEEDED"
    assert error["extensions"]["largest"] == {"argument": "first", "value": 78, "paths": ["banks"]}
    assert body["extensions"]["cordgraph"]["releases"] == []
    assert _said(answer) == {"requested": 12_702, "limit": LIMITS.max_cost}
    assert _post(client, _DEAR.replace("banks(first: 100)", "banks(first: 78)")).status_code == 200


@pytest.mark.parametrize("path", ["/cost", "/cost/2026-10"])
def test_a_dry_run_tells_the_cost_without_executing(client: httpx.Client, path: str) -> None:
    """Also of what would be refused; the parts are there, dearest first."""
    answer = _post(client, _DEAR, path)
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert body["cost"] == {"requested": 12_702, "limit": LIMITS.max_cost}
    assert body["passes"] is False
    assert body["version"] == "2026-10"
    assert [part["path"] for part in body["breakdown"]] == [
        "banks",
        "banks.nodes",
        "banks.nodes.units",
        "banks.nodes.units.nodes",
        "banks.nodes.units.nodes.id",
    ]
    assert "data" not in body


def test_a_dry_run_takes_the_same_requests(client: httpx.Client) -> None:
    """GET, QUERY and variables work, and what is wrong is refused as elsewhere."""
    query = "query ($n: Int) { banks(first: $n) { nodes { code } } }"
    by_get = client.get("/cost", params={"query": query, "variables": '{"n": 9}'})
    assert by_get.json()["cost"]["requested"] == 11
    assert by_get.json()["dependsOnVariables"] is True
    by_query = client.request("QUERY", "/cost", json={"query": "{ __typename }"})
    assert by_query.json()["cost"]["requested"] == 1
    invalid = _post(client, "{ nothing }", "/cost")
    assert invalid.status_code == 400
    assert invalid.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"
    assert _post(client, "{ __typename }", "/cost/1999-01").status_code == 404
