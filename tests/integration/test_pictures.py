"""Pictures over HTTP: drawn from the contract's own answers, in each language and theme."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from api.pages.language import Language
from api.pages.pictures import studio
from api.pages.pictures.picture import LATITUDES, MOST_BARS, OTHERS, PICTURES
from api.pages.pictures.studio import THEMES
from api.pages.texts import texts
from database.access import Access
from tests.page_links import HTML
from tests.serving import serving

_OTHERS = ("doses", "transplants", "hla_a", "hla_b", "hla_drb1")
"""Pictures whose numbers are no parts of the units of a release."""
_QUERY = re.compile(r'<li><a href="(/graphql/[^"]+)">')


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a service with three releases."""
    with serving(published) as url, httpx.Client(base_url=url, timeout=90) as opened:
        yield opened


@pytest.mark.parametrize("language", Language)
def test_every_picture_is_there_in_every_language_and_theme(
    client: httpx.Client, language: Language
) -> None:
    """As SVG with the words of the language, small, and kept by its tag."""
    for picture in PICTURES:
        for theme in THEMES:
            path = f"/pictures/2/{picture.name}.{language.value}.{theme}.svg"
            answer = client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
            assert answer.headers["content-security-policy"].startswith("default-src 'none'; base")
            assert int(answer.headers["content-length"]) < 6_000  # compressed
            again = client.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert again.status_code == 304
    cities = client.get(f"/pictures/2/cities.{language.value}.light.svg").text
    assert f">{texts(language)['cities']['Guangzhou']}<" in cities


def test_every_picture_has_its_data_one_click_away(client: httpx.Client) -> None:
    """The CSV and the query on the page say the same as the picture and the table beside it."""
    page = client.get("/releases/2/", headers={"accept": HTML}).text
    figures = page.split('<figure class="picture">')[1:]
    assert len(figures) == len(PICTURES)
    query = "{ release { unitCount } }"
    total = client.get("/graphql", params={"query": query, "release": "2"}).json()
    units = total["data"]["release"]["unitCount"]
    for picture, figure in zip(PICTURES, figures, strict=True):
        rows = list(csv.reader(client.get(f"/pictures/2/{picture.name}.csv").text.splitlines()))
        assert rows[0] == [*picture.columns, "units"]
        counts = [int(row[-1]) for row in rows[1:]]
        if picture.name == "growth":
            assert counts[-1] == units
        elif picture.name not in _OTHERS:
            assert sum(counts) == units
        shown = re.findall(r'<td class="n">([0-9,]+)</td>', figure)
        assert [int(each.replace(",", "")) for each in shown] == counts
        drawn = client.get(f"/pictures/2/{picture.name}.en.light.svg").text
        if picture.name != "doses":
            assert all(f">{each:,}<" in drawn for each in counts[:MOST_BARS])
        address = unescape(_QUERY.findall(figure)[0])
        answer = client.get(address).json()
        assert "errors" not in answer
        if picture.name not in ("growth", *_OTHERS):
            found = sum(cell["units"] for cell in answer["data"]["units"]["inventory"])
            assert (found, answer["extensions"]["cordgraph"]["releases"]) == (units, [2])
        (alternative,) = re.findall(r'<img [^>]*alt="([^"]+)"', figure)
        assert f"{max(counts):,} units" in alternative


def test_doses_are_those_of_the_contract(client: httpx.Client) -> None:
    """Certain and possible units of each weight, as the field itself answers."""
    rows = list(csv.reader(client.get("/pictures/3/doses.csv").text.splitlines()))[1:]
    drawn = client.get("/pictures/3/doses.en.light.svg").text
    for certain, possible in zip(rows[::2], rows[1::2], strict=True):
        document = f"{{ cellDose(weightKg: {certain[0]}) {{ certain possible }} }}"
        answer = client.get("/graphql/2027-01", params={"query": document, "release": "3"})
        dose = answer.json()["data"]["cellDose"]
        assert (certain[1], int(certain[2])) == ("certain", dose["certain"])
        assert (possible[1], int(possible[2])) == ("possible", dose["possible"] - dose["certain"])
        assert f">{dose['certain']:,}  –  {dose['possible']:,}<" in drawn  # noqa: RUF001 - a range
    assert len(rows) == 14


def test_transplants_are_those_of_the_contract(client: httpx.Client) -> None:
    """The rows add up to all units that were released, of single indications first."""
    rows = list(csv.reader(client.get("/pictures/3/transplants.csv").text.splitlines()))[1:]
    document = "{ release { activity(first: 0) { units } } }"
    answer = client.get("/graphql/2027-01", params={"query": document, "release": "3"}).json()
    assert sum(int(row[1]) for row in rows) == answer["data"]["release"]["activity"]["units"] > 0
    single = ["+" not in row[0] for row in rows]
    assert single == sorted(single, reverse=True)


def test_hla_groups_are_those_of_the_contract(client: httpx.Client) -> None:
    """The most common first, all that have no row last, each with its units."""
    rows = list(csv.reader(client.get("/pictures/3/hla_b.csv").text.splitlines()))[1:]
    document = "{ hlaFrequencies(locus: B, region: NATION) { frequencies { group units } } }"
    answer = client.get("/graphql/2027-01", params={"query": document, "release": "3"}).json()
    (table,) = answer["data"]["hlaFrequencies"]
    told = {each["group"]: each["units"] for each in table["frequencies"]}
    assert {group: int(units) for group, units in rows} == told
    counts = [told[group] for group, _ in rows if group != OTHERS]
    assert counts == sorted(counts, reverse=True)
    assert rows[-1][0] == OTHERS or OTHERS not in told
    assert len(counts) > 5


def test_cities_come_from_north_to_south(client: httpx.Client) -> None:
    """By latitude, whatever their units."""
    rows = list(csv.reader(client.get("/pictures/3/cities.csv").text.splitlines()))[1:]
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=lambda c: -LATITUDES[c])
    assert len(rows) == 4


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/9/banks.csv", "/pictures/0/banks.csv", "/pictures/x/banks.csv",
        "/pictures/3/nothing.csv", "/pictures/3/nothing.en.light.svg",
        "/pictures/3/banks.fr.light.svg",
        "/pictures/3/banks.en.blue.svg", "/pictures/3/banks.svg", "/pictures/3/..%2f..%2fbanks.csv",
    ],
)  # fmt: skip
def test_what_is_no_picture_is_not_found(client: httpx.Client, path: str) -> None:
    """A problem in JSON."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_whoever_draws_knows_no_address_of_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that draws gets none of our environment but where Python finds its modules."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    seen: list[dict[str, str]] = []

    def run(_command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        environment = options["env"]
        assert isinstance(environment, dict)
        seen.append(environment)
        return subprocess.CompletedProcess([], 0, stdout=b"[]")

    monkeypatch.setattr(subprocess, "run", run)
    studio._drawn_apart([])
    assert [each.keys() for each in seen] == [{"PATH", "PYTHONPATH"}]
    assert "secret" not in "".join(seen[0].values())


def test_pages_stay_when_nothing_can_be_drawn(
    published: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture is refused with when to try again; page, table and CSV are there."""
    monkeypatch.setattr(sys, "executable", os.devnull)
    with serving(published) as url, httpx.Client(base_url=url, timeout=90) as client:
        refused = client.get("/pictures/3/banks.en.light.svg")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert client.get("/releases/3/", headers={"accept": HTML}).status_code == 200
        assert client.get("/pictures/3/banks.csv").status_code == 200
