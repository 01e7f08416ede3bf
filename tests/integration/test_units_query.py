"""Lists of units, against an oracle that knows every unit and filters in plain Python."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database.pool import Pool

Ask = Callable[..., Awaitable[dict[str, Any]]]

_OPEN = {"tnc": 0.0, "cd34": 0.0}


@dataclass(frozen=True)
class Unit:
    """Everything that is published of one unit, as stored."""

    id: str
    bank: str
    period: tuple[int, int]
    abo: str
    tnc: tuple[float | None, float | None]
    cd34: tuple[float | None, float | None]
    added: int


@pytest.fixture(scope="module")
async def world(pool: Pool) -> list[Unit]:
    """Every published unit, in the order of ids."""
    rows = await pool.fetch(
        "select u.id, c.*, b.added from open.unit u join open.batch_class b "
        "on b.id = u.batch_class_id join open.unit_class c on c.id = b.class_id order by u.id"
    )
    return [
        Unit(
            row[0],
            row["bank"],
            (row["period_from"], row["period_to"]),
            row["abo"],
            (row["tnc_min"], row["tnc_max"]),
            (row["cd34_min"], row["cd34_max"]),
            row["added"],
        )
        for row in rows
    ]


def band_inside(
    band: tuple[float | None, float | None], least: float | None, below: float | None
) -> bool:
    """Tell whether the whole band lies in the range; an unrecorded value never does."""
    if least is None and below is None:
        return True
    low, high = band
    if low is None and high is None:
        return False
    lowest = 0.0 if low is None else low
    return (least is None or lowest >= least) and (
        below is None or (high is not None and high <= below)
    )


def matches(unit: Unit, wanted: dict[str, Any]) -> bool:
    """Evaluate a GraphQL filter on one unit."""
    checks = [
        "bank" not in wanted or unit.bank in wanted["bank"],
        "aboGroup" not in wanted or unit.abo in wanted["aboGroup"],
        "addedIn" not in wanted or unit.added in wanted["addedIn"],
        unit.period[0] >= wanted.get("collectedFrom", 0),
        unit.period[1] <= wanted.get("collectedTo", 9999),
        band_inside(unit.tnc, wanted.get("tncAtLeast"), wanted.get("tncBelow")),
        band_inside(unit.cd34, wanted.get("cd34AtLeast"), wanted.get("cd34Below")),
        wanted.get("volumeAtLeast") is None,
        "processing" not in wanted,
    ]
    return all(checks)


def tnc_rank(unit: Unit) -> float:
    """Return what TNC_DESC orders by."""
    low, high = unit.tnc
    if low is not None:
        return low
    return -1.0 if high is None else 0.0


def select(
    world: list[Unit], release: int, wanted: dict[str, Any], order: str = "ID"
) -> list[Unit]:
    """Return the units of a list in its order."""
    found = [unit for unit in world if unit.added <= release and matches(unit, wanted)]
    return found if order == "ID" else sorted(found, key=lambda unit: (-tnc_rank(unit), unit.id))


def subsets(values: list[Any]) -> st.SearchStrategy[list[Any]]:
    """Lists of some of the values, the empty one included."""
    return st.lists(st.sampled_from(values), unique=True, max_size=3)


CUTS = st.sampled_from([0, 3, 6, 7, 8, 9, 10, 12.5, 13])
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "bank": subsets(["BJ", "TJ", "SH", "GD", "SC", "ZJ"]),
        "aboGroup": subsets(["A", "B", "O", "AB", "UNKNOWN"]),
        "addedIn": subsets([1, 2, 3, 4]),
        "collectedFrom": st.sampled_from([1999, 2005, 2010, 2011, 2015]),
        "collectedTo": st.sampled_from([2009, 2014, 2017, 2019]),
        "tncAtLeast": CUTS,
        "tncBelow": CUTS,
        "cd34AtLeast": CUTS,
        "cd34Below": CUTS,
    },
)
REAL = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

LIST = """
query ($release: Int, $filter: UnitFilter, $order: UnitOrder!,
       $first: Int, $after: String, $last: Int, $before: String) {
  units(release: $release, filter: $filter, orderBy: $order,
        first: $first, after: $after, last: $last, before: $before) {
    totalCount
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


@REAL
@given(wanted=FILTERS, release=st.integers(1, 3), order=st.sampled_from(["ID", "TNC_DESC"]))
async def test_any_filter_selects_what_the_oracle_selects(
    ask: Ask, world: list[Unit], wanted: dict[str, Any], release: int, order: str
) -> None:
    """Total, first page, last page and page info are right for any filter, order and release."""
    expected = [unit.id for unit in select(world, release, wanted, order)]
    head = await ask(LIST, release=release, filter=wanted, order=order, first=7)
    tail = await ask(LIST, release=release, filter=wanted, order=order, last=7)
    for units in (head["units"], tail["units"]):
        assert units["totalCount"] == len(expected)
        assert [edge["node"] for edge in units["edges"]] == units["nodes"]
    assert [node["id"] for node in head["units"]["nodes"]] == expected[:7]
    assert [node["id"] for node in tail["units"]["nodes"]] == expected[-7:]
    assert head["units"]["pageInfo"]["hasNextPage"] == (len(expected) > 7)
    assert head["units"]["pageInfo"]["hasPreviousPage"] is False
    assert tail["units"]["pageInfo"]["hasPreviousPage"] == (len(expected) > 7)


@pytest.mark.parametrize("order", ["ID", "TNC_DESC"])
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize(
    "wanted",
    [
        {"bank": ["SH"], "aboGroup": ["AB"]},
        {"bank": ["SH", "SC"], "addedIn": [1], "collectedTo": 2009},
        {"cd34AtLeast": 6, "collectedFrom": 2015},
    ],
    ids=["narrow", "few-classes", "bands"],
)
async def test_walking_pages_visits_every_unit_once(
    ask: Ask, world: list[Unit], wanted: dict[str, Any], order: str, *, backward: bool
) -> None:
    """Pages joined by cursors are the whole list, in order, without gaps or repetition."""
    expected = [unit.id for unit in select(world, 2, wanted, order)]
    seen: list[str] = []
    cursor = None
    for place in range(97, len(expected) + 97, 97):
        paging = {"last": 97, "before": cursor} if backward else {"first": 97, "after": cursor}
        units = (await ask(LIST, release=2, filter=wanted, order=order, **paging))["units"]
        ids = [node["id"] for node in units["nodes"]]
        seen = ids + seen if backward else seen + ids
        info = units["pageInfo"]
        behind = info["hasNextPage"] if backward else info["hasPreviousPage"]
        assert behind == (cursor is not None)
        cursor = info["startCursor"] if backward else info["endCursor"]
        ahead = info["hasPreviousPage"] if backward else info["hasNextPage"]
        assert ahead == (place < len(expected))
    assert seen == expected


async def test_deep_unfiltered_pages_are_right(ask: Ask, world: list[Unit]) -> None:
    """An old release, walked from the middle, is not disturbed by what was published later."""
    expected = [unit.id for unit in select(world, 1, {})]
    middle = await ask(LIST, release=1, order="ID", first=100)
    for start in range(100, 1000, 100):
        cursor = middle["units"]["pageInfo"]["endCursor"]
        middle = await ask(LIST, release=1, order="ID", first=100, after=cursor)
        assert [node["id"] for node in middle["units"]["nodes"]] == expected[start : start + 100]


INVENTORY = """
query ($release: Int, $filter: UnitFilter, $groupBy: [InventoryDimension!]!) {
  units(release: $release, filter: $filter, first: 0) {
    totalCount
    inventory(groupBy: $groupBy) {
      bank { code } collectionPeriod { from to } aboGroup
      tnc { min max } cd34 { min max } volume { min max } processing addedIn { number } units
    }
  }
}
"""
DIMENSIONS: dict[str, Callable[[Unit], Any]] = {
    "BANK": lambda unit: {"code": unit.bank},
    "COLLECTION_PERIOD": lambda unit: {"from": unit.period[0], "to": unit.period[1]},
    "ABO_GROUP": lambda unit: unit.abo,
    "TNC": lambda unit: {"min": unit.tnc[0], "max": unit.tnc[1]},
    "CD34": lambda unit: {"min": unit.cd34[0], "max": unit.cd34[1]},
    "VOLUME": lambda _: None,
    "PROCESSING": lambda _: None,
    "ADDED_IN": lambda unit: {"number": unit.added},
}
FIELDS = {
    "BANK": "bank",
    "COLLECTION_PERIOD": "collectionPeriod",
    "ABO_GROUP": "aboGroup",
    "TNC": "tnc",
    "CD34": "cd34",
    "VOLUME": "volume",
    "PROCESSING": "processing",
    "ADDED_IN": "addedIn",
}


@REAL
@given(
    wanted=FILTERS,
    release=st.integers(1, 3),
    dimensions=st.lists(st.sampled_from(sorted(DIMENSIONS)), unique=True),
)
async def test_any_inventory_counts_what_the_oracle_counts(
    ask: Ask, world: list[Unit], wanted: dict[str, Any], release: int, dimensions: list[str]
) -> None:
    """Every cell of any cross-table is exact, cells add up to the total, others are null."""
    units = (await ask(INVENTORY, release=release, filter=wanted, groupBy=dimensions))["units"]
    selected = select(world, release, wanted)
    expected = Counter(repr([DIMENSIONS[name](unit) for name in dimensions]) for unit in selected)
    if not dimensions:
        expected["[]"] += 0  # the total is a cell also when it is zero
    cells = units["inventory"]
    assert {repr([cell[FIELDS[name]] for name in dimensions]): cell["units"] for cell in cells} == (
        dict(expected)
    )
    assert len(cells) == len(expected)
    assert sum(cell["units"] for cell in cells) == units["totalCount"] == len(selected)
    others = [field for name, field in FIELDS.items() if name not in dimensions]
    assert all(cell[field] is None for cell in cells for field in others)


async def test_inventory_cells_are_ordered_by_their_dimensions(ask: Ask, world: list[Unit]) -> None:
    """Groups come in the order of the enum, bands from low to high, unrecorded ones last."""
    data = await ask(INVENTORY, groupBy=["ABO_GROUP", "CD34"])
    cells = [
        (cell["aboGroup"], (cell["cd34"]["min"], cell["cd34"]["max"]))
        for cell in data["units"]["inventory"]
    ]
    groups = ["A", "B", "O", "AB", "UNKNOWN"]
    bands = [(None, 3.0), (3.0, 6.0), (6.0, None), (None, None)]
    there = {(unit.abo, unit.cd34) for unit in world}
    assert cells == [(group, band) for group in groups for band in bands if (group, band) in there]
    assert {cd34 for _, cd34 in there} == set(bands)


async def test_a_unit_says_what_was_published_of_it(ask: Ask, world: list[Unit]) -> None:
    """Every field of a unit is the stored value; what the scheme leaves out is null."""
    unit = world[1234]
    data = await ask(
        "query ($id: ID!) { unit(id: $id) { __typename id bank { code } aboGroup"
        " collectionPeriod { from to } tnc { min max unit } cd34 { min max unit }"
        " volume { min } processing addedIn { number } } }",
        id=unit.id,
    )
    assert data["unit"] == {
        "__typename": "CordBloodUnit",
        "id": unit.id,
        "bank": {"code": unit.bank},
        "collectionPeriod": {"from": unit.period[0], "to": unit.period[1]},
        "aboGroup": unit.abo,
        "tnc": {"min": unit.tnc[0], "max": unit.tnc[1], "unit": "E8"},
        "cd34": {"min": unit.cd34[0], "max": unit.cd34[1], "unit": "E6"},
        "volume": None,
        "processing": None,
        "addedIn": {"number": unit.added},
    }


async def test_a_release_does_not_hold_units_of_later_ones(ask: Ask, world: list[Unit]) -> None:
    """By id, as by list, a unit is there from the release that added it."""
    unit = next(unit for unit in world if unit.added == 2)
    data = await ask(
        "query ($id: ID!) { one: unit(id: $id, release: 1) { id } two: unit(id: $id, release: 2)"
        " { id } three: node(id: $id, release: 3) { id } }",
        id=unit.id,
    )
    assert data == {"one": None, "two": {"id": unit.id}, "three": {"id": unit.id}}


async def test_the_lists_of_banks_and_releases_are_the_same_lists(
    ask: Ask, world: list[Unit]
) -> None:
    """A bank's units and a release's units are filters of the root's, in the same release."""
    data = await ask(
        '{ bank(code: "GD", release: 2) { unitCount units(filter: {aboGroup: [O]}) { totalCount'
        " release { number } } } release(number: 1) { unitCount units(first: 0) { totalCount } } }"
    )
    guangdong = select(world, 2, {"bank": ["GD"]})
    assert data["bank"]["unitCount"] == len(guangdong)
    assert data["bank"]["units"] == {
        "totalCount": sum(unit.abo == "O" for unit in guangdong),
        "release": {"number": 2},
    }
    first = len(select(world, 1, {}))
    assert data["release"] == {"unitCount": first, "units": {"totalCount": first}}
