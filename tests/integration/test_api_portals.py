"""What portals, search engines and feed readers get: catalogue, descriptions, feeds."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF

from api.newest import Newest, StaleError
from api.portals.vocabulary import ADMS, DCAT, SPDX
from api.settings import Settings
from database.access import Access
from database.pool import connect
from tests.guide_blocks import guide_blocks
from tests.release_folder import place_files
from tests.serving import serving

_ROOT = "https://data.example.org/cord/"
_FORMS = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
    "rdf": ("application/rdf+xml", "xml"),
}
_ATOM = "{http://www.w3.org/2005/Atom}"
_NAMES = [f"{table}.{end}" for table in ("units", "banks") for end in ("parquet", "csv.gz")]
_FILES = {
    release: {name: f"{name} of {release}".encode() for name in (*_NAMES, "manifest.json")}
    for release in (1, 2, 3)
}


@pytest.fixture(scope="module")
async def portal(published: Access, tmp_path_factory: pytest.TempPathFactory) -> Access:
    """A database with three releases that have files, of which the second is withdrawn."""
    folder = tmp_path_factory.mktemp("store")
    await place_files(published, folder, _FILES)
    operator = await connect(published.require("operator"))
    await operator.execute(
        "update open.release set withdrawn_at = '2026-12-01', withdrawn_reason = $1 "
        "where number = 2",
        'Counts </script> were "wrong" & <b>late</b>.',
    )
    await operator.close()
    return published


@pytest.fixture(scope="module")
def client(portal: Access) -> Iterator[httpx.Client]:
    """A client of a service that knows its public address."""
    settings = Settings(anonymous_quota=0, public_url=_ROOT, contact="mailto:data@example.org")
    with serving(portal, settings) as url, httpx.Client(base_url=url) as opened:
        yield opened


@pytest.fixture(scope="module")
def graph(client: httpx.Client) -> Graph:
    """The catalogue."""
    return Graph().parse(data=client.get("/catalog.ttl").content, format="turtle")


def _dataset(number: int) -> URIRef:
    return URIRef(f"{_ROOT}releases/{number}/#dataset")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # by rdflib's own reader of JSON-LD
@pytest.mark.parametrize("end", _FORMS)
def test_the_catalogue_is_the_same_in_every_form(
    client: httpx.Client, graph: Graph, end: str
) -> None:
    """By the end of the address and by Accept; HEAD says how long it is."""
    media_type, parser = _FORMS[end]
    answer = client.get(f"/catalog.{end}")
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["cache-control"] == "public, no-cache"
    assert set(Graph().parse(data=answer.content, format=parser)) == set(graph)
    chosen = client.get("/catalog", headers={"accept": media_type})
    assert chosen.content == answer.content
    assert chosen.headers["vary"] == "Accept"
    assert chosen.headers["content-location"] == f"catalog.{end}"
    head = client.head(f"/catalog.{end}")
    assert head.status_code == 200
    assert head.headers["content-length"] == str(len(answer.content))
    assert head.headers["etag"] == f'"sha256-{hashlib.sha256(answer.content).hexdigest()}"'
    again = client.get(f"/catalog.{end}", headers={"if-none-match": head.headers["etag"]})
    assert again.status_code == 304


def test_accept_chooses_the_form(client: httpx.Client) -> None:
    """Turtle where nothing is said; what cannot be had is refused with what can."""
    for accept, end in (
        ("*/*", "ttl"),
        ("text/html, */*;q=0.1", "ttl"),
        ("application/rdf+xml;q=0.9, application/ld+json", "jsonld"),
    ):
        answer = client.get("/catalog", headers={"accept": accept})
        assert answer.headers["content-location"] == f"catalog.{end}"
    refused = client.get("/catalog", headers={"accept": "text/html"})
    assert refused.status_code == 406
    assert refused.json()["forms"]["/catalog.ttl"] == "text/turtle"
    assert client.get("/catalog.csv").status_code == 404


def test_nothing_in_it_is_without_a_name(graph: Graph) -> None:
    """No blank nodes and no relative addresses, so that the same data are the same bytes."""
    for triple in graph:
        for node in triple:
            assert isinstance(node, URIRef | Literal), triple
            assert isinstance(node, Literal) or ":" in node, triple


def test_every_release_is_a_dataset_for_good(graph: Graph) -> None:
    """Withdrawn ones too, since portals delete what a catalogue no longer lists."""
    catalog = URIRef(f"{_ROOT}catalog")
    datasets = {_dataset(number) for number in (1, 2, 3)}
    assert set(graph.subjects(RDF.type, DCAT.Dataset)) == datasets
    assert set(graph.objects(catalog, DCAT.dataset)) == datasets
    for number in (1, 2, 3):
        assert str(graph.value(_dataset(number), DCAT.version)) == str(number)
        title = str(graph.value(_dataset(number), DCTERMS.title))
        assert str(number) in title
        titles = graph.objects(_dataset(number), DCTERMS.title)
        languages = {each.language for each in titles if isinstance(each, Literal)}
        assert languages == {"en", "zh"}
    assert graph.value(_dataset(3), DCAT.previousVersion) == _dataset(2)
    assert graph.value(_dataset(1), DCAT.previousVersion) is None
    statuses = [str(graph.value(_dataset(number), ADMS.status)) for number in (1, 2, 3)]
    assert [status.rpartition("/")[2] for status in statuses] == [
        "COMPLETED",
        "WITHDRAWN",
        "COMPLETED",
    ]
    series = graph.value(_dataset(1), DCAT.inSeries)
    assert graph.value(series, DCAT.hasCurrentVersion) == _dataset(3)


def test_files_are_distributions_with_their_sums(graph: Graph) -> None:
    """Of complete tables; a withdrawn release has none left."""
    found = {}
    for node in graph.objects(_dataset(3), DCAT.distribution):
        address = str(graph.value(node, DCAT.downloadURL))
        assert str(node) == f"{address}#dist"
        checksum = graph.value(node, SPDX.checksum)
        found[address.removeprefix(f"{_ROOT}releases/3/")] = (
            int(str(graph.value(node, DCAT.byteSize))),
            str(graph.value(checksum, SPDX.checksumValue)),
        )
    assert found == {
        name: (len(_FILES[3][name]), hashlib.sha256(_FILES[3][name]).hexdigest()) for name in _NAMES
    }
    assert not list(graph.objects(_dataset(2), DCAT.distribution))


def test_the_harvest_of_the_guide_finds_all(portal: Access, tmp_path: Path) -> None:
    """The program of docs/catalogue.md prints every release with its files and their sums."""
    (block,) = (each for each in guide_blocks() if each.name == "docs/catalogue.md 1")
    with serving(portal, Settings(anonymous_quota=0, public_url=_ROOT)) as url:
        program = block.text.replace("http://127.0.0.1:8000", url)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    releases = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert releases == ["1", "2", "3"]
    files = [line.split() for line in lines if line.startswith(" ")]
    assert files == [
        [
            f"{_ROOT}releases/{release}/{name}",
            str(len(_FILES[release][name])),
            hashlib.sha256(_FILES[release][name]).hexdigest(),
        ]
        for release in (1, 3)
        for name in sorted(_NAMES)
    ]


def test_graphql_is_a_data_service(graph: Graph, client: httpx.Client) -> None:
    """It serves what can be read, and what describes it is there."""
    service = graph.value(predicate=RDF.type, object=DCAT.DataService)
    assert set(graph.objects(service, DCAT.servesDataset)) == {_dataset(1), _dataset(3)}
    assert str(graph.value(service, DCAT.endpointURL)) == f"{_ROOT}graphql"
    definition = str(graph.value(service, DCAT.endpointDescription)).removeprefix(_ROOT)
    assert client.get(f"/{definition}").status_code == 200


def test_a_restart_changes_no_byte(portal: Access, client: httpx.Client) -> None:
    """Another process makes the same documents."""
    settings = Settings(anonymous_quota=0, public_url=_ROOT, contact="mailto:data@example.org")
    paths = ("/catalog.ttl", "/catalog.jsonld", "/catalog.rdf", "/releases.atom", "/sitemap.xml")
    with serving(portal, settings) as url:
        for path in (*paths, "/releases/3/croissant.json", "/releases/3/dataset.jsonld"):
            assert httpx.get(url + path).content == client.get(path).content


def test_without_a_public_address_the_client_s_own_name_is_used(portal: Access) -> None:
    """So that it works out of the box; whoever lies about the name fools himself only."""
    with serving(portal) as url:
        own = httpx.get(f"{url}/catalog.ttl")
        assert f"<{url}/catalog>" in own.text
        other = httpx.get(f"{url}/catalog.ttl", headers={"host": "other.example"})
        assert "<http://other.example/catalog>" in other.text
        assert own.headers["etag"] != other.headers["etag"]
        for bad in ('x"><y', "zz yy", "x/zz/y"):
            answer = httpx.get(f"{url}/catalog.ttl", headers={"host": bad})
            assert bad not in answer.text
            assert f"<{url}/catalog>" in answer.text


def test_a_catalogue_is_never_empty(database: Access) -> None:
    """Before the first release it is refused: an empty one would empty its copies."""
    with serving(database) as url:
        for path in ("/catalog.ttl", "/catalog", "/releases.atom"):
            answer = httpx.get(url + path)
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "3600"
            assert answer.headers["content-type"] == "application/problem+json"
        assert httpx.get(f"{url}/sitemap.xml").status_code == 200
        assert "Nothing has been published" in httpx.get(f"{url}/releases/").text
        assert httpx.get(f"{url}/releases/latest/").status_code == 404


def test_data_that_may_be_stale_are_not_told(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away might have withdrawn something meanwhile."""

    def stale(_self: Newest) -> None:
        raise StaleError

    monkeypatch.setattr(Newest, "catalogue", property(stale))
    for path in ("/catalog.ttl", "/releases.atom", "/releases/", "/releases/3/units.parquet"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_the_feed_tells_of_releases_and_withdrawals(client: httpx.Client) -> None:
    """The newest first; ids depend on no address and never change."""
    answer = client.get("/releases.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own
    entries = feed.findall(f"{_ATOM}entry")
    titles = [entry.findtext(f"{_ATOM}title") for entry in entries]
    assert titles == ["Release 2 was withdrawn", "Release 3", "Release 2", "Release 1"]
    ids = [str(entry.findtext(f"{_ATOM}id")) for entry in (feed, *entries)]
    assert len(set(ids)) == len(ids)
    assert all(id_.startswith("tag:cordgraph,2026:") and "example" not in id_ for id_ in ids)
    links = {link.get("rel"): link.get("href") for link in entries[1].findall(f"{_ATOM}link")}
    assert links["alternate"] == f"{_ROOT}releases/3/"
    assert links["enclosure"] == f"{_ROOT}releases/3/units.csv.gz"
    assert entries[0].findtext(f"{_ATOM}summary") == 'Counts </script> were "wrong" & <b>late</b>.'


def test_the_feed_of_the_schema_has_whole_addresses(client: httpx.Client) -> None:
    """Feed readers take no relative ones."""
    feed = ET.fromstring(client.get("/schema/changes.atom").content)  # noqa: S314 - our own
    addresses = [str(link.get("href")) for link in feed.iter(f"{_ATOM}link")]
    assert addresses
    assert all(address.startswith(_ROOT) for address in addresses)


def test_the_sitemap_lists_what_can_be_read(client: httpx.Client) -> None:
    """And robots are told of it."""
    sitemap = client.get("/sitemap.xml")
    assert sitemap.headers["content-type"].startswith("application/xml")
    tree = ET.fromstring(sitemap.content)  # noqa: S314 - our own
    found = [str(each.text) for each in tree.iter() if each.tag.endswith("}loc")]
    assert f"{_ROOT}releases/3/" in found
    assert f"{_ROOT}releases/2/" not in found
    for address in found:
        assert client.get("/" + address.removeprefix(_ROOT)).status_code == 200
    assert client.get("/robots.txt").text.endswith(f"Sitemap: {_ROOT}sitemap.xml\n")


def test_a_page_holds_its_description(client: httpx.Client) -> None:
    """As search engines read it: schema.org in the page, equal to the document beside it."""
    page = client.get("/releases/3/").text
    start = page.index('<script type="application/ld+json">') + len(
        '<script type="application/ld+json">'
    )
    embedded = json.loads(page[start : page.index("</script>", start)])
    document = client.get("/releases/3/dataset.jsonld")
    assert document.headers["content-type"] == "application/ld+json"
    assert embedded == document.json()
    assert embedded["@type"] == "Dataset"
    assert embedded["version"] == "3"
    assert "release 3" in embedded["name"]
    assert "第3次发布" in embedded["alternateName"]
    sums = {each["contentUrl"]: each["sha256"] for each in embedded["distribution"]}
    assert (
        sums[f"{_ROOT}releases/3/units.parquet"]
        == hashlib.sha256(_FILES[3]["units.parquet"]).hexdigest()
    )


def test_croissant_names_files_and_columns(client: httpx.Client) -> None:
    """By whole addresses, as its readers need them."""
    found: dict[str, Any] = client.get("/releases/3/croissant.json").json()
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert all(each["contentUrl"].startswith(_ROOT) for each in found["distribution"])
    columns = {field["source"]["extract"]["column"] for field in found["recordSet"][0]["field"]}
    assert {"id", "bank", "abo"} <= columns
