"""Versions over a real socket: one in every state, with a small contract of the tests' own."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from database.pool import connect
from tests.contracts_in_time import RETIRED, TIMES, build_all
from tests.serving import serving

_GRAPHQL = "application/graphql-response+json"
_GUIDE = "/schema/migrating/2027-01.md"


@pytest.fixture(scope="module")
def client(module_database: Access) -> Iterator[httpx.Client]:
    """A client of a service with five versions."""
    with (
        serving(module_database, None, build_all(), TIMES, RETIRED) as url,
        httpx.Client(base_url=url) as opened,
    ):
        yield opened


def _ask(
    client: httpx.Client, query: str, path: str = "/graphql", **members: Any
) -> httpx.Response:
    return client.post(path, json={"query": query, **members}, headers={"accept": _GRAPHQL})


def _told(answer: httpx.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json()["extensions"]["cordgraph"]["deprecations"]
    return found


def test_without_a_version_the_newest_stable_one_answers_and_says_so(client: httpx.Client) -> None:
    """Neither the candidate nor the unstable one, though they are newer."""
    answer = _ask(client, "{ things { id } }")
    assert answer.headers["cordgraph-version"] == "2022-01"
    assert answer.json()["extensions"]["cordgraph"]["version"] == "2022-01"
    assert "deprecation" not in answer.headers


@pytest.mark.parametrize("name", ["2021-01", "2022-01", "2023-01", "2024-01"])
def test_an_address_pins_a_version(client: httpx.Client, name: str) -> None:
    """Whatever its state, as long as it is served."""
    answer = _ask(client, "{ things { id } }", f"/graphql/{name}")
    assert (answer.status_code, answer.headers["cordgraph-version"]) == (200, name)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_retired_version_is_410_and_says_where_to_go(client: httpx.Client, method: str) -> None:
    """For programs: the date, the successor and the guide; never another version's answer."""
    query = {"query": "{ things { id } }"}
    given = {"params": query} if method == "GET" else {"json": query}
    answer = client.request(
        method, "/graphql/2020-01", headers={"accept": _GRAPHQL}, **given  # type: ignore[arg-type]
    )  # fmt: skip
    assert answer.status_code == 410
    assert answer.json()["errors"] == [
        {
            "message": "Version 2020-01 of the schema was retired on 2022-01-01. Move to 2021-01.",
            "extensions": {
                "code": "VERSION_RETIRED",
                "version": "2020-01",
                "sunset": "2022-01-01",
                "successor": "2021-01",
                "successorUrl": "/graphql/2021-01",
                "guide": "/schema/changes/2020-01..2021-01.md",
            },
        }
    ]
    assert "data" not in answer.json()
    assert answer.headers["sunset"] == "Sat, 01 Jan 2022 00:00:00 GMT"
    assert '</graphql/2021-01>; rel="successor-version"' in answer.headers["link"]
    assert "cordgraph-version" not in answer.headers


def test_what_a_retired_version_links_to_is_there(client: httpx.Client) -> None:
    """The guide in the errors and the headers, and the pages to every later version."""
    refused = client.get("/graphql/2020-01", params={"query": "{ older }"})
    guide = refused.json()["errors"][0]["extensions"]["guide"]
    assert f'<{guide}>; rel="sunset"; type="text/markdown"' in refused.headers["link"]
    page = client.get(guide)
    assert (page.status_code, page.text.splitlines()[0]) == (200, "# Schema 2020-01 to 2021-01")
    assert "- `Query.older`: Field Query.older was removed.\n" in page.text
    assert client.get("/schema/2020-01.graphql").json()["guide"] == guide
    for form in ("md", "json", "atom"):
        assert client.get(f"/schema/changes/2020-01..2024-01.{form}").status_code == 200


def test_the_definition_of_a_retired_version_is_410_as_a_problem(client: httpx.Client) -> None:
    """The same facts outside GraphQL; an unknown version is 404 with the list."""
    retired = client.get("/schema/2020-01.graphql")
    assert retired.status_code == 410
    assert retired.headers["content-type"] == "application/problem+json"
    assert (retired.json()["successor"], retired.json()["sunset"]) == ("2021-01", "2022-01-01")
    unknown = client.get("/schema/1999-01.graphql")
    assert unknown.status_code == 404
    assert unknown.json()["versions"] == ["2021-01", "2022-01", "2023-01", "2024-01"]


def test_a_deprecated_version_says_so_on_every_answer(client: httpx.Client) -> None:
    """RFC 9745 writes seconds, RFC 8594 an HTTP date; the first is never the later one."""
    for answer in (
        _ask(client, "{ things { id } }", "/graphql/2021-01"),
        client.get("/schema/2021-01.graphql"),
    ):
        assert answer.headers["deprecation"] == "@1654041600"
        assert answer.headers["sunset"] == "Thu, 01 Jun 2023 00:00:00 GMT"
        assert answer.headers["link"] == (
            f'<{_GUIDE}>; rel="deprecation"; type="text/markdown", '
            f'<{_GUIDE}>; rel="sunset"; type="text/markdown", '
            '</graphql/2022-01>; rel="successor-version"'
        )


def test_clients_of_a_frozen_version_hear_of_what_newer_ones_drop(client: httpx.Client) -> None:
    """Its own definition says nothing of it, and never will."""
    query = "query ($f: Filter) { t: things(filter: $f) { price } gone }"
    variables = {"f": {"name": "n"}}
    answer = _ask(client, query, "/graphql/2021-01", variables=variables)
    assert answer.json()["data"] == {"t": [{"price": 0}], "gone": 1}
    assert _told(answer) == [
        {
            "coordinate": "Thing.price",
            "path": ["t", "price"],
            "since": "2023-01",
            "removedIn": "2023-01",
            "replacement": "price { amount }",
        },
        {
            "coordinate": "Query.gone",
            "path": ["gone"],
            "since": "2022-01",
            "removedIn": "2022-01",
            "replacement": None,
        },
        {
            "coordinate": "Filter.name",
            "path": ["$f", "name"],
            "since": "2022-01",
            "removedIn": None,
            "replacement": "label",
        },
    ]
    assert answer.headers["deprecation"] == "@1642636800"
    again = _ask(client, query, "/graphql/2021-01", variables={})
    assert [use["coordinate"] for use in _told(again)] == ["Thing.price", "Query.gone"]


def test_the_list_of_uses_is_bounded_and_says_what_it_leaves_out(client: httpx.Client) -> None:
    """A document may use the same old field many times."""
    fields = " ".join(f"a{n}: gone" for n in range(20))
    answer = _ask(client, f"{{ {fields} }}", "/graphql/2021-01")
    assert len(_told(answer)) == 20
    assert "deprecationsOmitted" not in answer.json()["extensions"]["cordgraph"]
    fields = fields.replace("a0: gone", "")
    things = " ".join(f"b{n}: title" for n in range(6))
    answer = _ask(client, f"{{ {fields} things {{ {things} }} }}", "/graphql/2021-01")
    assert len(_told(answer)) == 20
    assert answer.json()["extensions"]["cordgraph"]["deprecationsOmitted"] == 5


def test_a_document_can_be_tried_without_the_deprecated_parts(client: httpx.Client) -> None:
    """What would be told as deprecated is then invalid; everything else is as before."""
    path = "/graphql/2022-01?remove_deprecated=true"
    fine = _ask(client, "{ things { label } }", path)
    assert fine.json()["data"] == {"things": [{"label": ""}]}
    for query in ("{ things { title } }", "{ things(limit: 1) { id } }", "{ things { price } }"):
        answer = _ask(client, query, path)
        assert answer.status_code == 400
        assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {
            "DOCUMENT_INVALID"
        }
        assert _ask(client, query, "/graphql/2022-01?remove_deprecated=false").status_code == 200
    odd = _ask(client, "{ things { label } }", "/graphql/2022-01?remove_deprecated=1")
    assert odd.json()["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"


def test_the_definition_can_be_had_without_the_deprecated_parts(client: httpx.Client) -> None:
    """The schema that `?remove_deprecated=true` answers with."""
    whole = client.get("/schema/2022-01.graphql").text
    rest = client.get("/schema/2022-01.graphql", params={"remove_deprecated": "true"}).text
    assert "limit: Int @deprecated" in whole
    assert "title" in whole
    assert "limit" not in rest
    assert "title" not in rest
    assert "first: Int" in rest
    odd = client.get("/schema/2022-01.graphql", params={"remove_deprecated": "yes"})
    assert (odd.status_code, odd.headers["content-type"]) == (400, "application/problem+json")


def test_the_index_shows_all_versions(client: httpx.Client) -> None:
    """With their dates, successors and guides, retired ones included."""
    index = client.get("/").json()
    assert index["currentVersion"] == "2022-01"
    assert [(each["name"], each["status"]) for each in index["versions"]] == [
        ("2020-01", "RETIRED"),
        ("2021-01", "DEPRECATED"),
        ("2022-01", "STABLE"),
        ("2023-01", "CANDIDATE"),
        ("2024-01", "UNSTABLE"),
    ]
    assert index["versions"][1] == {
        "name": "2021-01",
        "status": "DEPRECATED",
        "graphql": "/graphql/2021-01",
        "export": "/export/2021-01",
        "schema": "/schema/2021-01.graphql",
        "stableSince": "2021-01-10",
        "deprecatedSince": "2022-06-01",
        "sunset": "2023-06-01",
        "successor": "2022-01",
        "guide": None,
    }


def test_changes_are_pages_and_a_feed(client: httpx.Client) -> None:
    """Between any two versions; kept by clients; 404 lists the versions."""
    page = client.get("/schema/changes/2021-01..2022-01.md")
    assert page.headers["content-type"] == "text/markdown; charset=utf-8"
    assert f"[the guide to 2022-01]({_GUIDE})" in page.text
    assert "Field Query.gone was removed." in page.text
    again = client.get(
        "/schema/changes/2021-01..2022-01.md", headers={"if-none-match": page.headers["etag"]}
    )
    assert again.status_code == 304
    as_json = client.get("/schema/changes/2021-01..2024-01.json").json()
    assert (as_json["from"], as_json["to"]) == ("2021-01", "2024-01")
    one = client.get("/schema/changes/2021-01..2022-01.atom")
    assert one.headers["content-type"] == "application/atom+xml"
    feed = ET.fromstring(client.get("/schema/changes.atom").content)  # noqa: S314 - our own
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 4
    for link in feed.iter("{http://www.w3.org/2005/Atom}link"):
        assert client.get(link.attrib["href"]).status_code == 200
    for path in ("2021-01..1999-01.md", "2021-01..2022-01.pdf", "x", "..", "2019-01..2021-01.md"):
        missing = client.get(f"/schema/changes/{path}")
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"


def test_guides_are_served(client: httpx.Client) -> None:
    """Their links lead to the generated pages at this address."""
    answer = client.get(_GUIDE)
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# Moving to schema 2027-01")
    assert "](../changes/2026-10..2027-01.md)" in answer.text
    assert client.get("/schema/migrating/1999-01.md").status_code == 404


def test_documents_are_checked_for_compatibility(client: httpx.Client) -> None:
    """One as in a GraphQL request, or many, with or without names."""
    one = client.post("/compat", json={"query": "{ things { title } }"})
    assert one.status_code == 200
    (report,) = one.json()["documents"]
    assert (report["name"], report["validInNewest"]) == ("document 1", False)
    assert [each["valid"] for each in report["versions"]] == [True, True, True, False]
    assert report["versions"][3]["replacements"][0]["replacement"] == "label"
    many = client.post(
        "/compat",
        json={"documents": ["{ things { id } }", {"name": "b", "query": "{"}]},
    )
    assert many.json()["versions"] == ["2021-01", "2022-01", "2023-01", "2024-01"]
    assert [(each["name"], each["validInNewest"]) for each in many.json()["documents"]] == [
        ("document 1", True),
        ("b", False),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "REQUEST_INVALID"),
        (b"[]", 400, "REQUEST_INVALID"),
        (b"{}", 400, "REQUEST_INVALID"),
        (b'{"documents": []}', 400, "REQUEST_INVALID"),
        (b'{"documents": [1]}', 400, "REQUEST_INVALID"),
        (b'{"documents": [{"name": 1, "query": "{a}"}]}', 400, "REQUEST_INVALID"),
        (b'{"documents": [' + b'"{a}",' * 20 + b'"{a}"]}', 400, "LIMIT_EXCEEDED"),
        (b'{"query": "' + b"x" * 100_000 + b'"}', 413, "REQUEST_TOO_LARGE"),
    ],
)
def test_what_cannot_be_checked_is_a_problem(
    client: httpx.Client, body: bytes, status: int, code: str
) -> None:
    """Malformed, too many, or too long; RFC 9457 with our codes."""
    headers = {"content-type": "application/json"}
    answer = client.post("/compat", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_checking_takes_from_the_quota(module_database: Access) -> None:
    """A document costs 1 for each version; what is refused says when to come back."""
    settings = Settings(anonymous_quota=10)
    with (
        serving(module_database, settings, build_all(), TIMES, RETIRED) as url,
        httpx.Client(base_url=url) as client,
    ):
        first = client.post("/compat", json={"documents": ["{ gone }", "{ gone }"]})
        assert first.headers["ratelimit"].startswith('"anonymous";r=2;')
        second = client.post("/compat", json={"query": "{ gone }"})
        assert (second.status_code, second.json()["code"]) == (429, "RATE_LIMITED")
        assert second.headers["content-type"] == "application/problem+json"
        assert int(second.headers["retry-after"]) > 0


def test_only_post_checks_and_only_json(client: httpx.Client) -> None:
    """As everywhere outside GraphQL."""
    wrong = client.get("/compat")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    options = client.options("/compat")
    assert (options.status_code, "POST" in options.headers["allow"]) == (204, True)
    text = client.post("/compat", content=b"{a}", headers={"content-type": "text/plain"})
    assert text.status_code == 415


async def test_uses_are_counted_by_coordinate_and_day(database: Access) -> None:
    """Each request counts a coordinate once; all is written when the service ends."""
    day = dt.datetime.now(dt.UTC).date()
    with (
        serving(database, None, build_all(), TIMES, RETIRED) as url,
        httpx.Client(base_url=url) as client,
    ):
        for _ in range(3):
            _ask(client, "{ gone a: gone things { title } }", "/graphql/2021-01")
        _ask(client, "{ things { title } }", "/graphql/2022-01")
        _ask(client, "{ things { id } }", "/graphql/2022-01")
        _ask(client, "{ nonsense }", "/graphql/2022-01")
    owner = await connect(database.require("owner"))
    try:
        rows = await owner.fetch("select name, day, count from service.counter order by name")
    finally:
        await owner.close()
    assert {(row["name"], row["count"]) for row in rows} == {
        ("deprecated:Query.gone", 3),
        ("deprecated:Thing.title", 4),
    }
    assert {row["day"] for row in rows} <= {day, day + dt.timedelta(days=1)}
