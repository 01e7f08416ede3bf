"""The pages over HTTP: in each language, with the numbers of the contract, and no dead link."""

import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urljoin

import httpx
import pytest

from api.pages.directory import PAGES
from api.settings import Settings
from database.access import Access
from tests.page_links import HTML, Site, walk
from tests.release_folder import place_files
from tests.serving import serving

_FILES = {"units.csv.gz": bytes(2_000), "batches/3/units.csv.gz": b"batch", "SHA256SUMS": b"sums"}
_HEADINGS = re.compile(r"<h([1-6])[ >]")


@pytest.fixture(scope="module")
async def settings(published: Access, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a service that has files of release 3."""
    folder = tmp_path_factory.mktemp("store")
    await place_files(published, folder, {3: _FILES})
    return Settings(anonymous_quota=0, files=str(folder))


@pytest.fixture(scope="module")
def client(published: Access, settings: Settings) -> Iterator[httpx.Client]:
    """A browser's headers, at a service with three releases."""
    headers = {"accept": HTML}
    with (
        serving(published, settings) as url,
        httpx.Client(base_url=url, headers=headers, timeout=90) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def site(client: httpx.Client) -> Site:
    """Everything that can be reached from the two home pages."""
    return walk(client, "/", "/zh/")


def test_no_link_is_dead(site: Site) -> None:
    """Every address that a page names is there, and every part of a page too."""
    dead = [
        f"{path}: {each.status_code}"
        for path, each in site.answers.items()
        if each.status_code != 200 and not path.startswith("/graphql")
    ]
    assert dead == []
    assert site.missing_parts() == []
    assert [each for each in site.outside if not each.startswith("https://")] == []


def test_every_page_is_reached_in_every_language(site: Site) -> None:
    """From the home pages, by links alone; and each says where the other language is."""
    paths = [path for path in site.pages if not path.startswith("/graphql")]
    english = [path for path in paths if not path.startswith("/zh/")]
    assert sorted(f"/zh{path}" for path in english) == sorted(set(paths) - set(english))
    patterns = [re.sub(r"\{\w+\}", r"[^/]+", page.path) for page in PAGES]
    for pattern in patterns:
        assert any(re.fullmatch(pattern, path) for path in english), pattern
    for path in english:
        for text, tag in ((site.pages[path], "en"), (site.pages[f"/zh{path}"], "zh-Hans")):
            assert f'<html lang="{tag}">' in text
            assert re.search(rf'hreflang="en" href="http://[^"/]+{re.escape(path)}"', text)
            assert re.search(rf'hreflang="zh-Hans" href="http://[^"/]+/zh{re.escape(path)}"', text)


def test_pages_have_one_title_and_headings_in_order(site: Site) -> None:
    """One heading of the first level, none that skips a level; landmarks; a description."""
    titles = []
    for path, text in site.pages.items():
        if path.startswith("/graphql"):
            continue
        levels = [int(each) for each in _HEADINGS.findall(text)]
        assert levels.count(1) == 1, path
        body = levels[levels.index(1) :]
        assert all(after - before <= 1 for before, after in pairwise(body)), path
        for landmark in ("<header", '<main id="main"', "<footer", 'href="#main"'):
            assert text.count(landmark) == 1, path
        (title,) = re.findall(r"<title>(.+)</title>", text)
        assert re.search(r'<meta name="description" content="[^"]{10,}">', text), path
        titles.append((title, path.startswith("/zh/")))
    assert len(set(titles)) == len(titles)


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(site: Site) -> None:
    """No style, no script, no handler; data blocks are none of them."""
    for path, text in site.pages.items():
        if path.startswith("/graphql"):
            continue
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:", text), path
        scripts = re.findall(r"<script([^>]*)>", text)
        assert all("src=" in each or "application/ld+json" in each for each in scripts), path
        assert not re.search(r'<(?:script|img|source|iframe)[^>]*(?:src|srcset)="https?:', text)
        policy = site.answers[path].headers["content-security-policy"]
        assert "script-src 'self'; style-src 'self'; img-src 'self' data:" in policy
        assert "unsafe" not in policy


def test_tables_say_what_their_headings_are_of(site: Site) -> None:
    """Each heading of a table has a scope."""
    for path, text in site.pages.items():
        assert not re.search(r"<th(?![a-z])(?![^>]*scope=)", text), path


def test_the_numbers_are_those_of_the_contract(client: httpx.Client) -> None:
    """The home page and the page of a release show what a query answers."""
    query = "{ release(number: 2) { unitCount digest } latest: release { unitCount } }"
    asked = client.get("/graphql/2026-10", params={"query": query}, headers={"accept": "*/*"})
    data = asked.json()["data"]
    assert f"<dd>{data['latest']['unitCount']:,}</dd>" in client.get("/").text
    page = client.get("/zh/releases/2/").text
    assert f"<dd>{data['release']['unitCount']:,}</dd>" in page
    assert data["release"]["digest"] in page


def test_files_are_listed_with_sizes_and_hashes(client: httpx.Client) -> None:
    """By links that are relative, so that whoever takes the folder along takes them along."""
    for path in ("/releases/3/", "/zh/releases/3/"):
        page = client.get(path).text
        for name, content in _FILES.items():
            (link,) = re.findall(rf'<a href="((?:/releases/3/)?{re.escape(name)})"', page)
            assert client.get(urljoin(path, link)).content == content
            assert hashlib.sha256(content).hexdigest() in page
    page = client.get("/releases/3/").text
    assert all(f'<a href="{name}">{name}</a>' in page for name in _FILES)
    assert '<td class="n">2.0 kB</td>' in page


def test_pages_are_kept_by_their_tag(client: httpx.Client) -> None:
    """304 for who has a page; the same for style and script, which stay for a year."""
    page = client.get("/zh/banks")
    again = client.get("/zh/banks", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert page.headers["cache-control"] == "public, no-cache"
    assert "Accept-Encoding" in page.headers["vary"]
    style = re.findall(r'href="(/static/pages[^"]+css)"', page.text)[0]
    assert client.get(style).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/pages.000000000000.css").status_code == 404


def test_pages_are_kept_by_others_only_under_a_set_address(published: Access) -> None:
    """Without one they name the Host that the client wrote, which others must not be shown."""
    with serving(published, Settings(public_url="https://data.example.org")) as url:
        page = httpx.get(f"{url}/terms", headers={"accept": "text/html", "host": "evil.example"})
    assert page.headers["cache-control"] == "public, max-age=60"
    assert "evil.example" not in page.text


def test_pages_are_compressed_for_who_takes_it(client: httpx.Client) -> None:
    """By each coding another tag, the same text."""
    plain = client.get("/terms", headers={"accept-encoding": "identity"})
    for coding in ("br", "gzip"):
        coded = client.get("/terms", headers={"accept-encoding": coding})
        assert coded.headers["content-encoding"] == coding
        assert coded.text == plain.text
        assert coded.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/zh", "/zh/"),
        ("/banks/", "/banks"),
        ("/zh/releases", "/zh/releases/"),
    ],
)
def test_a_slash_more_or_less_leads_to_the_page(
    client: httpx.Client, path: str, target: str
) -> None:
    """By a permanent redirection."""
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (308, target)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/releases/99/",
        "/releases/03/",
        "/releases/x/",
        "/releases/99999999999999999999/",
        "/reference/2020-01",
        "/reference/2026-10/changes",
        "/guides/nothing",
        "/guides/..%2f..%2fLICENSE",
        "/examples/nothing",
        "/guides/adr/nothing",
        "/guides/migrating/2026-10",
    ],
)
def test_what_is_not_there_is_a_page_that_helps(client: httpx.Client, path: str) -> None:
    """In the language of the address; programs get a problem as ever."""
    for before, words in (("", "There is nothing here"), ("/zh", "这里没有内容")):
        answer = client.get(before + path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert words in answer.text
        assert f'href="{before}/"' in answer.text
    if path == "/nothing":
        problem = client.get(path, headers={"accept": "*/*"})
        assert problem.headers["content-type"] == "application/problem+json"


def test_a_host_that_is_none_is_not_repeated(client: httpx.Client) -> None:
    """Absolute addresses begin with the host that was asked, if it is one."""
    page = client.get("/", headers={"host": "data.example.org"}).text
    assert '<link rel="canonical" href="http://data.example.org/">' in page
    page = client.get("/", headers={"host": 'x"><script>'}).text
    assert f'<link rel="canonical" href="{client.base_url}/">' in page


def test_before_the_first_release_the_pages_say_so(database: Access) -> None:
    """Nothing fails, and nothing is made up."""
    with serving(database) as url, httpx.Client(base_url=url, headers={"accept": HTML}) as client:
        for path, words in (
            ("/", "No release has been published yet."),
            ("/zh/", "目前还没有数据发布"),
            ("/releases/", "No release has been published yet."),
            ("/banks", "No release has been published yet."),
            ("/indications", "No release has been published yet."),
            ("/status", "No release has been published yet."),
            ("/privacy", "Nobody stands alone."),
        ):
            answer = client.get(path)
            assert (answer.status_code, words in answer.text) == (200, True), path
