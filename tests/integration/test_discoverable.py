"""What search engines, link previews, language models and researchers of security find."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from api.pages.library import documents
from api.settings import Settings
from database.access import Access
from schema.example import examples
from schema.versions import VERSIONS
from tests.page_links import HTML, walk
from tests.serving import serving

_ROOT = "https://data.example.org"
_SETTINGS = Settings(anonymous_quota=0, public_url=_ROOT, contact="mailto:security@example.org")
_LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a service that knows its public address."""
    headers = {"accept": HTML}
    with (
        serving(published, _SETTINGS) as url,
        httpx.Client(base_url=url, headers=headers, timeout=90) as opened,
    ):
        yield opened


def _data(page: str) -> list[Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(each) for each in found]


def test_the_map_of_the_site_has_every_page(client: httpx.Client) -> None:
    """All that links reach, in both languages, at the public address; and robots may read it."""
    robots = client.get("/robots.txt").text
    assert f"Sitemap: {_ROOT}/sitemap.xml" in robots
    listed = [each.text or "" for each in ET.fromstring(client.get("/sitemap.xml").text).iter(_LOC)]  # noqa: S314 - our own
    assert len(set(listed)) == len(listed)
    reached = {
        f"{_ROOT}{path}"
        for path in walk(client, "/", "/zh/").pages
        if not path.startswith("/graphql")
    }
    assert set(listed) == reached


def test_pages_name_their_public_address(client: httpx.Client) -> None:
    """Whatever host was asked; nothing of this machine is told."""
    for path in ("/", "/zh/", "/releases/2/", "/zh/guides/http"):
        page = client.get(path, headers={"host": "inside:8000"}).text
        assert f'<link rel="canonical" href="{_ROOT}{path}">' in page
        assert f'<meta property="og:url" content="{_ROOT}{path}">' in page
        for name in ("title", "description", "site_name", "locale"):
            assert re.search(rf'<meta property="og:{name}" content="[^"]+">', page)
        assert "inside:8000" not in page
    assert f"{_ROOT}/graphql/2026-10" in client.get("/").text


def test_pages_hold_data_for_search_engines(client: httpx.Client) -> None:
    """The home page is a catalogue of the releases; each release is a data set of it."""
    (catalogue,) = _data(client.get("/zh/").text)
    assert (catalogue["@type"], catalogue["url"]) == ("DataCatalog", f"{_ROOT}/")
    addresses = [each["url"] for each in catalogue["dataset"]]
    assert addresses == [f"{_ROOT}/releases/{number}/" for number in (1, 2, 3)]
    (release,) = _data(client.get("/releases/2/").text)
    assert (release["@type"], release["url"]) == ("Dataset", addresses[1])
    assert release["includedInDataCatalog"]["@id"] == catalogue["@id"]


def test_whom_to_tell_of_a_weakness(client: httpx.Client, module_database: Access) -> None:
    """RFC 9116: contact, an end within a year, languages; nothing without a contact."""
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@example.org"
    assert fields["Canonical"] == f"{_ROOT}/.well-known/security.txt"
    left = dt.datetime.fromisoformat(fields["Expires"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=100) < left < dt.timedelta(days=365)
    policy = fields["Policy"].removeprefix(_ROOT)
    assert client.get(policy).status_code == 200
    with serving(module_database) as url:
        assert httpx.get(f"{url}/.well-known/security.txt").status_code == 404


def test_programs_that_read_find_everything_as_text(client: httpx.Client) -> None:
    """Every link of /llms.txt is a text that is there: schemas, guides and examples."""
    answer = client.get("/llms.txt")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# CordGraph\n\n> ")
    links = re.findall(r"^- \[[^\]]+\]\(([^)]+)\): .+$", answer.text, re.MULTILINE)
    paths = [link.removeprefix(_ROOT) for link in links]
    assert paths == [
        *(f"/schema/{each.name}.graphql" for each in VERSIONS.served),
        *(f"/examples/{each.name}.md" for each in examples()),
        *(path for path in paths if path.startswith("/guides/")),
    ]
    guides = {path for path in paths if path.startswith("/guides/")}
    assert guides == {f"/guides/{name}.md" for name in documents("docs")}
    for path in paths:
        found = client.get(path)
        assert (found.status_code, "html" in found.headers["content-type"]) == (200, False), path


@pytest.mark.parametrize(
    "path", ["/guides/nothing.md", "/guides/..%2f..%2fLICENSE.md", "/examples/x.md"]
)
def test_no_other_text_is_told(client: httpx.Client, path: str) -> None:
    """What is not among the documentation is not there."""
    assert client.get(path).status_code == 404


def test_a_tab_has_a_mark(client: httpx.Client) -> None:
    """As SVG, and as the file that browsers ask for on their own."""
    icon = client.get("/favicon.ico")
    assert icon.content[:4] == b"\x00\x00\x01\x00"
    assert icon.headers["content-type"] == "image/vnd.microsoft.icon"
    (path,) = re.findall(r'<link rel="icon" href="([^"]+)"', client.get("/").text)
    assert client.get(path).headers["content-type"] == "image/svg+xml"
