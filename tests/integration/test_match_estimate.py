"""Match estimates: bands from the published tables of a release, over a real socket."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from database.access import Access
from domain.haplotypes import MATCH_LOCI
from domain.match_areas import match_areas
from domain.match_estimate import LocusTable, estimate_matches
from domain.match_model import Pair
from domain.regions import Region
from tests.changing_world import publish_world
from tests.database_copies import connection_to
from tests.graphql_client import GraphQLClient
from tests.serving import serving

VERSION = "2027-01"
ESTIMATE = """
query ($a: [String!]!, $b: [String!]!, $drb1: [String!]!, $region: Region! = NATION) {
  matchEstimate(a: $a, b: $b, drb1: $drb1, region: $region) {
    region regionName(language: ZH) typing typedUnits method hiddenGroups release { number }
    bands { matched atLeast atMost sentence chinese: sentence(language: ZH) }
    haplotypes { name studies { frequency population chromosomes source region } }
    sentences
  }
}
"""
PATIENT = {"a": ["A*02", "33"], "b": ["B58", "46"], "drb1": ["DRB1*03:01", "DR9"]}
PAIRS: list[Pair] = [("02", "33"), ("46", "58"), ("03", "09")]

SHARES = {
    "A": {"02": 0.30, "11": 0.28, "24": 0.17, "33": 0.15},
    "B": {"13": 0.08, "40": 0.16, "46": 0.13, "58": 0.08},
    "DRB1": {"03": 0.06, "07": 0.08, "09": 0.18, "12": 0.12},
}
TYPED = {"NORTH": 60_000, "SOUTH": 80_000, "NATION": 140_000}
TABLES = {1: ("NORTH", "SOUTH", "NATION"), 2: ("NORTH", "SOUTH", "NATION"), 3: ("NATION",)}
"""Regions with tables by release; releases 1 and 2 have the same tables and other units."""

_TABLE = """
insert into open.hla_table (release, locus, region, published_units, typed_units, as_of)
values ($1, $2, $3, $4, $5, $1)
"""
_ROW = """
insert into open.hla_frequency (release, locus, region, hla_group, units, copies, frequency, as_of)
values ($1, $2, $3, $4, $5, $6, $7, $1)
"""


@pytest.fixture(scope="module")
async def world(module_database: Access) -> Access:
    """Four releases, of which three have tables."""
    await publish_world(module_database)
    async with connection_to(module_database.require("operator")) as connection:
        for release, regions in TABLES.items():
            for region in regions:
                for locus in MATCH_LOCI:
                    typed = TYPED[region]
                    await connection.execute(_TABLE, release, locus, region, typed + 100, typed)
                    await connection.executemany(_ROW, list(_rows(release, locus, region)))
    return module_database


def _rows(release: int, locus: str, region: str) -> Iterator[tuple[Any, ...]]:
    for group, share in SHARES[locus].items():
        copies = round(share * TYPED[region] * 2)
        yield release, locus, region, group, copies, copies, share
    other = round(1 - sum(SHARES[locus].values()), 6)
    units = round(other * TYPED[region]) // 20 * 20
    yield release, locus, region, "OTHER", units, None, other


@pytest.fixture(scope="module")
def client(world: Access) -> Iterator[GraphQLClient]:
    """A client of a service over `world`."""
    with serving(world) as url, httpx.Client(base_url=url) as http:
        yield GraphQLClient(http)


def _ask(client: GraphQLClient, release: int, **variables: Any) -> Any:
    asked = {**PATIENT, **variables}
    return client.ask(ESTIMATE, version=VERSION, release=release, **asked)["matchEstimate"]


def _tables(release: int) -> dict[tuple[Region, str], LocusTable]:
    return {
        (Region(region), locus): LocusTable(
            TYPED[region] + 100,
            TYPED[region],
            SHARES[locus],
            round(1 - sum(SHARES[locus].values()), 6),
        )
        for region in TABLES[release]
        for locus in MATCH_LOCI
    }


@pytest.mark.parametrize("region", ["NORTH", "SOUTH", "NATION"])
@pytest.mark.parametrize("release", [1, 3])
def test_bands_follow_from_the_tables_alone(
    client: GraphQLClient, release: int, region: str
) -> None:
    """Whoever reads the tables can compute the same; without tables there is no estimate."""
    told = _ask(client, release, region=region)
    areas = match_areas(_tables(release), Region(region))
    if not areas:
        assert told is None
        return
    expected = estimate_matches(PAIRS, areas)
    assert [(band["matched"], band["atLeast"], band["atMost"]) for band in told["bands"]] == [
        (band.matched, band.least, band.most) for band in expected.bands
    ]
    assert told["typedUnits"] == expected.typed
    assert told["release"] == {"number": release}
    assert told["region"] == region


def test_an_estimate_says_what_it_rests_on(client: GraphQLClient) -> None:
    """The patient as understood, the method, the haplotypes with their studies."""
    told = _ask(client, 1, region="SOUTH")
    assert told["typing"] == ["A*02", "A*33", "B*46", "B*58", "DRB1*03", "DRB1*09"]
    assert (told["regionName"], told["method"], told["hiddenGroups"]) == ("南方", "HAPLOTYPES", [])
    assert [each["name"] for each in told["haplotypes"]] == [
        "A*33~B*58~DRB1*03",
        "A*02~B*46~DRB1*09",
    ]
    (study, *_) = (each for each in told["haplotypes"][1]["studies"] if each["region"] == "SOUTH")
    assert study["population"] == "Zhejiang cord blood"
    assert (study["frequency"], study["chromosomes"]) == (0.0305, 3468)
    assert told["bands"][0]["sentence"].startswith("6/6: about ")
    assert told["bands"][1]["sentence"].startswith("at least 5/6: about ")
    assert told["bands"][2]["chinese"].startswith("至少4/6相合:约")
    assert len(told["sentences"]) == 4


def test_loci_are_taken_apart_where_no_haplotype_is_published(client: GraphQLClient) -> None:
    """And a group that no table shows is named."""
    told = _ask(client, 1, a=["24", "24"], b=["40", "81"], drb1=["12", "12"])
    assert (told["method"], told["haplotypes"]) == ("LOCI_APART", [])
    assert told["hiddenGroups"] == ["B*81"]
    assert told["bands"][0]["atLeast"] == 0
    assert "B*81" in told["sentences"][2]


def test_units_are_not_looked_at(client: GraphQLClient) -> None:
    """Releases 1 and 2 have the same tables and different units: the estimate is the same."""
    one, other = _ask(client, 1), _ask(client, 2)
    assert one.pop("release") != other.pop("release")
    assert one == other


def test_a_release_without_tables_has_no_estimate(client: GraphQLClient) -> None:
    """Null, and no error."""
    assert _ask(client, 4) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": ["11"]}, 'Argument "a": two values are needed, not 1.'),
        ({"a": []}, 'Argument "a": two values are needed, not 0.'),
        ({"a": ["11"] * 100}, 'Argument "a": two values are needed, not 100.'),
        ({"b": ["A*02", "07"]}, 'Argument "b": "A*02" is not a group of HLA-B.'),
        ({"drb1": ["DR17", "09"]}, 'Argument "drb1": "DR17" is not a group of HLA-DRB1: there is'),
        ({"b": ["'; drop", "07"]}, "is not a group of HLA-B. Write its first field"),
        ({"a": ["9" * 90_000, "02"]}, f'Argument "a": "{"9" * 30}…" is not a group of HLA-A.'),
    ],
)
def test_nonsense_is_refused(
    client: GraphQLClient, given: dict[str, list[str]], message: str
) -> None:
    """The sentence names the argument, the value and the rule."""
    (refusal,) = client.refusals(ESTIMATE, version=VERSION, **{**PATIENT, **given})
    assert (refusal.path, refusal.code) == ("matchEstimate", "INVALID_ARGUMENT")
    assert message in refusal.message


def test_the_first_version_knows_no_estimates(client: GraphQLClient) -> None:
    """The field came with 2027-01."""
    asked = '{ matchEstimate(a: ["02", "11"], b: ["13", "46"], drb1: ["07", "09"]) { typing } }'
    answer = client.post(asked, version="2026-10")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"
