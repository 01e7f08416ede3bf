"""Units whose class a release withdrew: gone from every read of it, still there in older ones."""

from collections import Counter
from typing import Any

import pytest

from tests.changing_world import BATCHES, units_of
from tests.graphql_client import GraphQLClient
from tests.oracle import matches, selected

RELEASES = (1, 2, 3, 4)
TOTALS = {1: 155, 2: 254, 3: 295, 4: 215}
ADDED = {1: 155, 2: 115, 3: 110, 4: 61}
WITHDRAWN = {1: 0, 2: 16, 3: 69, 4: 141}
BANK_TOTALS = {
    1: {"BJ": 65, "GD": 51, "SC": 39},
    2: {"BJ": 86, "GD": 80, "SC": 88, "SH": 0},
    3: {"BJ": 87, "GD": 80, "SC": 73, "SH": 55},
    4: {"BJ": 87, "GD": 71, "SH": 57},
}
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "bank": {"bank": ["SC", "GD"]},
    "abo": {"aboGroup": ["O", "B"]},
    "processing": {"processing": ["RBC_REDUCED"]},
    "from": {"collectedFrom": 2010},
    "to": {"collectedTo": 2014},
    "tnc-least": {"tncAtLeast": 8},
    "tnc-below": {"tncBelow": 10},
    "cd34-least": {"cd34AtLeast": 3},
    "cd34-below": {"cd34Below": 6},
    "volume-least": {"volumeAtLeast": 60},
    "volume-below": {"volumeBelow": 90},
    "added": {"addedIn": [1, 3]},
    "two": {"bank": ["BJ", "SC"], "tncAtLeast": 8},
    "none": {"bank": []},
}

LISTS = """
query ($release: Int, $filter: UnitFilter) {
  units(release: $release, filter: $filter, first: 100) {
    totalCount nodes { id } inventory(groupBy: []) { units }
  }
  release(number: $release) {
    units(filter: $filter, last: 100) {
      totalCount nodes { id } inventory(groupBy: []) { units }
    }
  }
}
"""


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_counts_what_it_holds(changing_client: GraphQLClient, release: int) -> None:
    """Totals, inventory and the figures of the release agree, and units withdrawn are in none."""
    data = changing_client.ask(
        "query ($n: Int) { units(release: $n, first: 0) { totalCount inventory(groupBy: [])"
        " { units } } release(number: $n) { unitCount addedUnitCount withdrawnUnitCount"
        " units(first: 0) { totalCount inventory(groupBy: []) { units } } } }",
        n=release,
    )
    total = {"totalCount": TOTALS[release], "inventory": [{"units": TOTALS[release]}]}
    assert data == {
        "units": total,
        "release": {
            "unitCount": TOTALS[release],
            "addedUnitCount": ADDED[release],
            "withdrawnUnitCount": WITHDRAWN[release],
            "units": total,
        },
    }


def test_the_latest_and_a_pinned_release_hold_their_own_units(
    changing_client: GraphQLClient,
) -> None:
    """Without an argument the latest is read, or the one that the address pins."""
    document = "{ units(first: 0) { totalCount release { number } } }"
    for pinned, number in ((None, 4), (1, 1), (2, 2), (3, 3), (4, 4)):
        assert changing_client.ask(document, release=pinned)["units"] == {
            "totalCount": TOTALS[number],
            "release": {"number": number},
        }


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("release", RELEASES)
def test_any_filter_leaves_out_what_was_withdrawn(
    changing_client: GraphQLClient, release: int, wanted: dict[str, Any]
) -> None:
    """The root's list and the release's have the same total, the right ends and an exact sum."""
    data = changing_client.ask(LISTS, release=release, filter=wanted)
    expected = selected(release, wanted)
    for units, ids in (
        (data["units"], expected[:100]),
        (data["release"]["units"], expected[-100:]),
    ):
        assert units["totalCount"] == len(expected)
        assert [node["id"] for node in units["nodes"]] == ids
        assert sum(cell["units"] for cell in units["inventory"]) == len(expected)


@pytest.mark.parametrize("release", RELEASES)
def test_a_bank_counts_what_its_release_holds(changing_client: GraphQLClient, release: int) -> None:
    """Count, total and list of each bank; one whose units are all withdrawn has none."""
    data = changing_client.ask(
        "query ($n: Int) { banks(release: $n, first: 4) { nodes { code unitCount units(first: 100)"
        " { totalCount nodes { id bank { code } } inventory(groupBy: [BANK])"
        " { bank { code } units } } } } }",
        n=release,
    )
    assert {bank["code"]: bank["unitCount"] for bank in data["banks"]["nodes"]} == (
        BANK_TOTALS[release]
    )
    for bank in data["banks"]["nodes"]:
        code, count, units = bank["code"], bank["unitCount"], bank["units"]
        ids = selected(release, {"bank": [code]})
        assert units["totalCount"] == count
        assert units["nodes"] == [{"id": id_, "bank": {"code": code}} for id_ in ids]
        cells = [{"bank": {"code": code}, "units": count}] if count else []
        assert units["inventory"] == cells


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("release", RELEASES)
def test_a_cross_table_leaves_out_what_was_withdrawn(
    changing_client: GraphQLClient, release: int, wanted: dict[str, Any]
) -> None:
    """Every cell by release of origin and blood group is exact; a cell without units is left out.

    One class was withdrawn in one batch and kept in another: only the kept batch is counted.
    """
    data = changing_client.ask(
        "query ($n: Int, $f: UnitFilter) { units(release: $n, filter: $f, first: 0)"
        " { inventory(groupBy: [ADDED_IN, ABO_GROUP]) { addedIn { number } aboGroup units } } }",
        n=release,
        f=wanted,
    )
    expected: Counter[tuple[int, str]] = Counter()
    for batch in BATCHES:
        if batch.held_by(release) and matches(batch, wanted):
            expected[batch.added, batch.abo] += batch.size
    cells = data["units"]["inventory"]
    found = {(cell["addedIn"]["number"], cell["aboGroup"]): cell["units"] for cell in cells}
    assert found == dict(expected)
    assert len(cells) == len(expected)


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"batch-{batch.number}")
def test_a_unit_is_found_by_id_only_where_it_is_held(
    changing_client: GraphQLClient, batch: Any
) -> None:
    """From the release that added it to the one before it was withdrawn, and in no other."""
    id_ = batch.ids[0]
    data = changing_client.ask(
        "query ($id: ID!) {"
        + " ".join(
            f"unit{n}: unit(id: $id, release: {n}) {{ id addedIn {{ number }} }} "
            f"node{n}: node(id: $id, release: {n}) {{ id }} "
            f"nodes{n}: nodes(ids: [$id], release: {n}) {{ id }}"
            for n in RELEASES
        )
        + "}",
        id=id_,
    )
    for release in RELEASES:
        held = batch.added <= release < (batch.withdrawn or 5)
        unit = {"id": id_, "addedIn": {"number": batch.added}}
        node = {"id": id_} if held else None
        assert data[f"unit{release}"] == (unit if held else None)
        assert data[f"node{release}"] == node
        assert data[f"nodes{release}"] == [node]


@pytest.mark.parametrize("release", RELEASES)
def test_units_withdrawn_are_null_in_their_place_among_nodes(
    changing_client: GraphQLClient, release: int
) -> None:
    """One unit of each batch is asked for in one request that pins the release."""
    ids = [batch.ids[-1] for batch in BATCHES]
    data = changing_client.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on CordBloodUnit { aboGroup } } }",
        release=release,
        ids=ids,
    )
    assert data["nodes"] == [
        {"id": id_, "aboGroup": batch.abo} if batch.held_by(release) else None
        for id_, batch in zip(ids, BATCHES, strict=True)
    ]


def test_the_world_is_what_these_tests_take_it_for() -> None:
    """The figures above, once more from the batches: 16, 69 and 141 units are withdrawn."""
    assert {release: len(units_of(release)) for release in RELEASES} == TOTALS
    assert [sum(b.size for b in BATCHES if b.withdrawn == n) for n in (2, 3, 4)] == [16, 69, 141]
