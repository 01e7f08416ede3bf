"""Ranges at the edges of bands and periods: list, total and inventory draw the same line."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.changing_world import CD34, NONE, TNC, VOLUME, Ends, units_of
from tests.graphql_client import GraphQLClient

RELEASE = 3
UNITS: dict[str, dict[Ends, int]] = {
    "tnc": dict(zip((*TNC, NONE), (60, 38, 125, 57, 15), strict=True)),
    "cd34": dict(zip((*CD34, NONE), (74, 109, 72, 40), strict=True)),
    "volume": dict(zip((*VOLUME, NONE), (133, 81, 67, 14), strict=True)),
}
"""Units of each band in release 3; the last one stands for values that were not recorded."""

YEARS = {(2005, 2009): 81, (2010, 2014): 176, (2015, 2019): 38}

EDGES: dict[str, tuple[float, ...]] = {"tnc": (8, 10, 12.5), "cd34": (3, 6), "volume": (60, 90)}
HAIR = 0.001

LIST = """
query ($filter: UnitFilter) {
  units(release: 3, filter: $filter, first: 100) {
    totalCount
    nodes { id }
    inventory(groupBy: [%s]) { units %s }
  }
}
"""


def _cases() -> Iterator[tuple[str, dict[str, float], int, int]]:
    """Yield a measure, a condition, and the first band that it selects and the one after."""
    for name, edges in EDGES.items():
        top = len(edges) + 1
        yield name, {f"{name}AtLeast": 0}, 0, top
        yield name, {f"{name}AtLeast": HAIR}, 1, top
        yield name, {f"{name}AtLeast": 1000}, top, top
        yield name, {f"{name}Below": 1000}, 0, top - 1
        yield name, {f"{name}Below": 0}, 0, 0
        for band, edge in enumerate(edges, start=1):
            yield name, {f"{name}AtLeast": edge - HAIR}, band, top
            yield name, {f"{name}AtLeast": edge}, band, top
            yield name, {f"{name}AtLeast": edge + HAIR}, band + 1, top
            yield name, {f"{name}Below": edge - HAIR}, 0, band - 1
            yield name, {f"{name}Below": edge}, 0, band
            yield name, {f"{name}Below": edge + HAIR}, 0, band
        for low, least in enumerate(edges, start=1):
            for high, below in enumerate(edges, start=1):
                both = {f"{name}AtLeast": least, f"{name}Below": below}
                yield name, both, low, max(low, high)


def _id(case: object) -> str | None:
    if isinstance(case, dict):
        return "-".join(f"{name}={value:g}" for name, value in case.items())
    return None if isinstance(case, int) else str(case)


@pytest.mark.parametrize(("measure", "wanted", "first", "end"), list(_cases()), ids=_id)
def test_a_range_selects_the_bands_that_lie_inside(
    changing_client: GraphQLClient, measure: str, wanted: dict[str, float], first: int, end: int
) -> None:
    """A band that begins where the range does, or ends where it ends, is inside.

    The lowest band begins at 0, the highest never ends, and what was not recorded is never inside.
    """
    bands = list(UNITS[measure])[first:end]
    expected = {band: UNITS[measure][band] for band in bands}
    document = LIST % (measure.upper(), f"{measure} {{ min max }}")
    units = changing_client.ask(document, filter=wanted)["units"]
    cells = {(c[measure]["min"], c[measure]["max"]): c["units"] for c in units["inventory"]}
    held = units_of(RELEASE).items()
    ids = [id_ for id_, batch in held if getattr(batch, measure) in bands]
    assert units["totalCount"] == sum(expected.values())
    assert cells == expected
    assert [node["id"] for node in units["nodes"]] == ids[:100]


@pytest.mark.parametrize(
    ("wanted", "periods"),
    [
        ({"collectedFrom": 2004}, [(2005, 2009), (2010, 2014), (2015, 2019)]),
        ({"collectedFrom": 2005}, [(2005, 2009), (2010, 2014), (2015, 2019)]),
        ({"collectedFrom": 2006}, [(2010, 2014), (2015, 2019)]),
        ({"collectedFrom": 2010}, [(2010, 2014), (2015, 2019)]),
        ({"collectedFrom": 2015}, [(2015, 2019)]),
        ({"collectedFrom": 2016}, []),
        ({"collectedTo": 2008}, []),
        ({"collectedTo": 2009}, [(2005, 2009)]),
        ({"collectedTo": 2010}, [(2005, 2009)]),
        ({"collectedTo": 2013}, [(2005, 2009)]),
        ({"collectedTo": 2014}, [(2005, 2009), (2010, 2014)]),
        ({"collectedTo": 2019}, [(2005, 2009), (2010, 2014), (2015, 2019)]),
        ({"collectedFrom": 2010, "collectedTo": 2014}, [(2010, 2014)]),
        ({"collectedFrom": 2011, "collectedTo": 2014}, []),
        ({"collectedFrom": 2010, "collectedTo": 2013}, []),
    ],
    ids=_id,
)
def test_years_select_the_periods_that_lie_inside(
    changing_client: GraphQLClient, wanted: dict[str, Any], periods: list[tuple[int, int]]
) -> None:
    """A period that begins or ends with the year that is asked for is inside."""
    document = LIST % ("COLLECTION_PERIOD", "collectionPeriod { from to }")
    units = changing_client.ask(document, filter=wanted)["units"]
    cells = {
        (cell["collectionPeriod"]["from"], cell["collectionPeriod"]["to"]): cell["units"]
        for cell in units["inventory"]
    }
    ids = [id_ for id_, batch in units_of(RELEASE).items() if batch.period in periods]
    assert units["totalCount"] == sum(YEARS[period] for period in periods)
    assert cells == {period: YEARS[period] for period in periods}
    assert [node["id"] for node in units["nodes"]] == ids[:100]


@pytest.mark.parametrize("measure", EDGES)
@pytest.mark.parametrize("bound", ["AtLeast", "Below"])
def test_the_largest_number_of_a_range_is_a_thousand(
    changing_client: GraphQLClient, measure: str, bound: str
) -> None:
    """1000 is taken, what is larger by a hair is refused."""
    document = "query ($f: UnitFilter) { units(filter: $f, first: 0) { totalCount } }"
    changing_client.ask(document, f={f"{measure}{bound}": 1000})
    for value in (1000.001, -HAIR):
        wanted = {f"{measure}{bound}": value}
        (refusal,) = changing_client.refusals(document, f=wanted)
        assert (refusal.path, refusal.code) == ("units", "INVALID_ARGUMENT")


@pytest.mark.parametrize("name", ["collectedFrom", "collectedTo"])
def test_years_have_four_digits(changing_client: GraphQLClient, name: str) -> None:
    """1000 and 9999 are taken, 999 and 10000 are refused."""
    document = "query ($f: UnitFilter) { units(filter: $f, first: 0) { totalCount } }"
    for year in (1000, 9999):
        changing_client.ask(document, f={name: year})
    for year in (999, 10_000):
        (refusal,) = changing_client.refusals(document, f={name: year})
        assert (refusal.path, refusal.code) == ("units", "INVALID_ARGUMENT")
