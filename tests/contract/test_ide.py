"""Browsers get the IDE at the GraphQL addresses, programs what they always got."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog

from api.ide.bundle import NEEDED, Asset, Bundle
from api.ide.ide import Ide
from api.ide.page import render_page
from api.settings import Settings
from database.access import Access
from schema.build import build_schema
from schema.example import Example, examples
from schema.versions import VERSIONS
from tests.ide_files import require_ide
from tests.serving import serving

_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=utf-8"
_GRAPHQL = "application/graphql-response+json; charset=utf-8"
_ASSET = re.compile(r'(?:src|href)="(/static/[^"]+)"(?: integrity="([^"]+)")?')


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a running service that has its IDE."""
    require_ide()
    with (
        serving(published, Settings(anonymous_quota=0)) as url,
        httpx.Client(base_url=url) as opened,
    ):
        yield opened


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (_BROWSER, _HTML),
        ("text/html", _HTML),
        ("TEXT/HTML, application/json;q=0.9", _HTML),
        ("text/html;q=0.8, application/json", _JSON),
        ("application/json, text/html", _JSON),
        (f"{_GRAPHQL}, text/html;q=0.9", _GRAPHQL),
        ("*/*", _JSON),
        ("text/*", _JSON),
        ("text/html;q=0", _JSON),
        ("image/png", _JSON),
        ("", _JSON),
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/graphql/2026-10"])
def test_only_who_asks_for_html_by_name_gets_it(
    client: httpx.Client, path: str, accept: str, content_type: str
) -> None:
    """No wildcard stands for a page, and caches are told that it depends on Accept."""
    for method in ("GET", "HEAD"):
        answer = client.request(method, path, headers={"accept": accept})
        assert answer.headers["content-type"] == content_type
        assert answer.headers["vary"] == "Accept, Accept-Encoding"
        assert answer.status_code == (200 if content_type == _HTML else answer.status_code)


def test_an_address_with_a_query_is_a_page_to_people_and_the_answer_to_programs(
    client: httpx.Client,
) -> None:
    """A link can be opened, and its answer fetched."""
    path = "/graphql/2026-10?query={release{number}}"
    assert client.get(path, headers={"accept": _BROWSER}).headers["content-type"] == _HTML
    assert client.get(path).json()["data"] == {"release": {"number": 3}}
    kept = client.get(path, headers={"accept": _BROWSER})
    assert kept.headers["content-type"] == _HTML


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/graphql"), ("GET", "/cost"), ("GET", "/cost/2026-10"), ("GET", "/graphql/2020-01")],
)
def test_elsewhere_there_is_no_page(client: httpx.Client, method: str, path: str) -> None:
    """Neither what is posted, nor prices, nor unknown versions."""
    headers = {"accept": _BROWSER, "content-type": "application/json"}
    answer = client.request(method, path, headers=headers)
    assert answer.headers["content-type"] == _JSON
    assert answer.json()["errors"]


@pytest.mark.parametrize("version", [each.name for each in VERSIONS.served])
def test_each_version_has_its_page(client: httpx.Client, version: str) -> None:
    """It is told its version, and asks whether it changed."""
    page = client.get(f"/graphql/{version}", headers={"accept": _BROWSER})
    assert page.headers["cordgraph-version"] == version
    assert page.headers["cache-control"] == "public, no-cache"
    known = {"accept": _BROWSER, "if-none-match": page.headers["etag"]}
    again = client.get(f"/graphql/{version}", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == page.headers["content-security-policy"]
    facts = _facts(page.text)
    assert facts["version"] == version
    assert set(facts["examples"]) == {each.name for each in examples()}


def test_the_page_needs_no_exception_of_its_policy(client: httpx.Client) -> None:
    """No script, style or handler is in it, and the policy allows none."""
    page = client.get("/graphql", headers={"accept": _BROWSER})
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    without_data = re.sub(
        r'<script type="application/json".*?</script>', "", page.text, flags=re.DOTALL
    )
    assert re.findall(r"<script(?![^>]* src=)", without_data) == []
    assert re.findall(r"<style| style=| on\w+=|javascript:", without_data) == []
    assert re.findall(r'(?:src|href)="(?!/)[^"]*"', without_data) == []


def test_every_file_of_the_page_is_what_the_page_says(client: httpx.Client) -> None:
    """Types, digests, and that nobody need ask again."""
    page = client.get("/graphql", headers={"accept": _BROWSER}).text
    found = dict(_ASSET.findall(page))
    checked = {"js": "text/javascript", "css": "text/css"}
    types = {**checked, "svg": "image/svg+xml", "txt": "text/plain"}
    assert {address.rpartition("/")[2] for address in found} >= {*NEEDED, "ide.js", "ide.css"}
    for address, integrity in found.items():
        answer = client.get(address)
        ending = address.rpartition(".")[2]
        assert answer.headers["content-type"].partition(";")[0] == types[ending]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
        assert integrity == (f"sha384-{digest}" if ending in checked else "")


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_files_come_compressed_and_with_a_tag(client: httpx.Client, coding: str) -> None:
    """The same bytes in each coding; 304 to whoever has them."""
    page = client.get("/graphql", headers={"accept": _BROWSER}).text
    (address,) = set(re.findall(r"/static/ide/\w+/graphiql.js", page))
    plain = client.get(address, headers={"accept-encoding": "identity"})
    answer = client.get(address, headers={"accept-encoding": coding})
    assert answer.headers.get("content-encoding", "identity") == coding
    assert answer.content == plain.content
    assert (int(answer.headers["content-length"]) < 400_000) == (coding != "identity")
    known = {"accept-encoding": coding, "if-none-match": answer.headers["etag"]}
    again = client.get(address, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(address, headers={"accept-encoding": coding})
    assert head.headers["content-length"] == answer.headers["content-length"]


def test_an_address_of_other_content_is_not_there(client: httpx.Client) -> None:
    """What may be kept for a year must not be answered with something else."""
    for path in ("/static/ide/0123456789abcdef/ide.js", "/static/ide/0123456789abcdef/nothing.js"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert "cache-control" not in answer.headers


def test_the_licences_are_served(client: httpx.Client) -> None:
    """Whoever gets the files gets the licences of all that is in them."""
    page = client.get("/graphql", headers={"accept": _BROWSER}).text
    (address,) = re.findall(r'href="(/static/ide/\w+/licences.txt)"', page)
    text = client.get(address).text
    for name in ("graphiql", "react", "react-dom", "graphql", "graphiql-explorer"):
        assert re.search(rf"^{name} \d", text, re.MULTILINE)
    assert text.count("Permission is hereby granted") > 50


def test_the_address_of_the_files_changes_with_any_of_them() -> None:
    """One digest of all."""
    files = {name: Asset.of(name, b"1") for name in ("a.js", "b.css")}
    one, same = Bundle(files), Bundle(dict(reversed(files.items())))
    other = Bundle({**files, "b.css": Asset.of("b.css", b"2")})
    assert one.address("a.js") == same.address("a.js") != other.address("a.js")
    assert not one.complete


def test_an_operator_is_told_that_the_ide_is_not_built() -> None:
    """Once, with the command that helps; and nothing is said of one that is there."""
    schemas = {"2026-10": build_schema("2026-10")}
    own = {name: each for name, each in Bundle.installed().assets.items() if name not in NEEDED}
    with structlog.testing.capture_logs() as lines:
        assert not Ide(schemas, VERSIONS, Bundle(own)).complete
    (line,) = lines
    assert (line["event"], line["hint"]) == ("the IDE is not built", "cordgraph ide build")
    require_ide()
    with structlog.testing.capture_logs() as lines:
        assert Ide(schemas, VERSIONS).complete
    assert lines == []


def test_what_the_page_is_told_cannot_end_its_element(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text of an example stays text, whatever it is."""
    hostile = Example.of(
        "x",
        "# </script><b>\n\n*谁* · for portals\n\n"
        "```graphql\n{ __typename }\n```\n\n```json\n{}\n```\n",
    )
    monkeypatch.setattr("api.ide.page.examples", lambda: (hostile,))
    schemas = {"2026-10": build_schema("2026-10")}
    page = render_page(Bundle.installed(), "2026-10", schemas, VERSIONS).decode()
    assert "</script><b>" not in page
    assert _facts(page)["examples"]["x"]["title"][0] == "</script><b>"


def _facts(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="facts">(.*?)</script>', page)
    facts: dict[str, Any] = json.loads(text)
    return facts
