"""How large an inventory may be: what fits exactly is answered, one cell more is refused."""

from collections.abc import Iterator
from itertools import islice, product

import httpx
import pytest

from database.access import Access
from tests.changing_world import CD34, NONE, TNC, Batch, publish_world
from tests.graphql_client import GraphQLClient, Refusal
from tests.serving import serving

MOST = 5_000
BANKS = [f"B{number:02d}" for number in range(10)]
YEARS = range(1980, 2020, 5)
GROUPS = ("A", "B", "O", "AB", "UNKNOWN")
COMBINATIONS = product(YEARS, GROUPS, (*TNC, NONE), (*CD34, NONE), BANKS)

FINE = "BANK, COLLECTION_PERIOD, ABO_GROUP, TNC, CD34"
LIST = (
    "query ($n: Int, $f: UnitFilter) { units(release: $n, filter: $f, first: 0)"
    " { totalCount inventory(groupBy: [%s]) { units } } }"
)


def _batches() -> Iterator[Batch]:
    """Yield 5,000 cells in release 1, one more in release 2, an eleventh bank in release 3."""
    cells = [*islice(COMBINATIONS, MOST + 1), (2010, "A", TNC[0], CD34[0], "B10")]
    for number, (year, abo, tnc, cd34, bank) in enumerate(cells):
        added = 1 + max(0, number - MOST + 1)
        yield Batch(number, bank, year, abo, tnc, cd34, NONE, "UNKNOWN", added, None, 11)


@pytest.fixture(scope="module")
async def large(module_database: Access) -> Access:
    """A database with the three releases of this module."""
    await publish_world(module_database, list(_batches()))
    return module_database


@pytest.fixture(scope="module")
def client(large: Access) -> Iterator[GraphQLClient]:
    """A client of a service over `large`."""
    with serving(large) as url, httpx.Client(base_url=url) as http:
        yield GraphQLClient(http)


def _too_many(cells: int, most: int) -> Refusal:
    return Refusal(
        "units/inventory",
        "LIMIT_EXCEEDED",
        f"This inventory has {cells} cells; at most {most} are allowed. Group by fewer dimensions "
        "or filter the units.",
    )


def test_five_thousand_cells_are_answered(client: GraphQLClient) -> None:
    """All of them, each with its units."""
    units = client.ask(LIST % FINE, n=1)["units"]
    assert units == {"totalCount": 55_000, "inventory": [{"units": 11}] * 5_000}


def test_one_cell_more_is_refused(client: GraphQLClient) -> None:
    """The message counts the cells and says what to do; a filter helps."""
    assert client.refusals(LIST % FINE, n=2) == [_too_many(5_001, 5_000)]
    units = client.ask(LIST % FINE, n=2, f={"addedIn": [1]})["units"]
    assert units == {"totalCount": 55_000, "inventory": [{"units": 11}] * 5_000}


def test_a_dimension_has_no_more_values_than_it_counts_as(client: GraphQLClient) -> None:
    """Ten banks are ten cells; with eleven the answer would be larger than it was priced."""
    units = client.ask(LIST % "BANK", n=2)["units"]
    assert units["inventory"] == [{"units": 5_511}, *[{"units": 5_500}] * 9]
    assert client.refusals(LIST % "BANK", n=3) == [_too_many(11, 10)]
    assert client.ask(LIST % "BANK", n=3, f={"bank": BANKS})["units"] == units
