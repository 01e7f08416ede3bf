"""Pages joined by their cursors, in every direction, order and release, and places between them."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.changing_world import BATCHES
from tests.graphql_client import GraphQLClient
from tests.oracle import PLACES, matches, selected

RELEASES = (1, 2, 3, 4)
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "two-banks": {"bank": ["BJ", "SC"]},
    "band": {"tncAtLeast": 10, "tncBelow": 12.5},
    "narrow": {"aboGroup": ["UNKNOWN"]},
    "nothing": {"bank": ["ZZ"]},
}
VERSION = "2027-01"
"""The version that has all three orders."""

PAGE = """
query ($release: Int, $filter: UnitFilter, $order: UnitOrder!,
       $first: Int, $after: String, $last: Int, $before: String) {
  units(release: $release, filter: $filter, orderBy: $order,
        first: $first, after: $after, last: $last, before: $before) {
    totalCount
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def _cursor(scope: str, rank: float, id_: str) -> str:
    text = f"{scope}|{rank:g}:{id_}".encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _pages(
    client: GraphQLClient, number: int, size: int, *, backward: bool, **variables: Any
) -> Iterator[dict[str, Any]]:
    """Yield ``number`` pages, each from where the one before ended."""
    size_name, cursor_name = ("last", "before") if backward else ("first", "after")
    paging: dict[str, Any] = {size_name: size}
    for _ in range(number):
        units = client.ask(PAGE, version=VERSION, **variables, **paging)["units"]
        yield units
        info = units["pageInfo"]
        paging[cursor_name] = info["startCursor" if backward else "endCursor"]


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("order", PLACES)
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    ("name", "size"),
    [("all", 100), ("all", 9), ("two-banks", 100), ("two-banks", 10), ("band", 5), ("narrow", 1)],
)
def test_pages_joined_are_the_whole_list(
    changing_client: GraphQLClient,
    release: int,
    name: str,
    order: str,
    size: int,
    *,
    backward: bool,
) -> None:
    """As many pages as the total needs; each is exact, and so is what it says of both sides.

    The number of pages is fixed beforehand, so that a walk that does not move fails.
    """
    wanted = FILTERS[name]
    expected = selected(release, wanted, order)
    number = -(-len(expected) // size)
    pages = list(
        _pages(
            changing_client,
            number,
            size,
            backward=backward,
            release=release,
            filter=wanted,
            order=order,
        )
    )
    if backward:
        pages.reverse()
        starts = [max(0, len(expected) - size * (number - n)) for n in range(number)]
    else:
        starts = [n * size for n in range(number)]
    ends = [*starts[1:], len(expected)]
    for page, start, end in zip(pages, starts, ends, strict=True):
        info = page["pageInfo"]
        assert [edge["node"]["id"] for edge in page["edges"]] == expected[start:end]
        assert page["totalCount"] == len(expected)
        assert info["hasPreviousPage"] is (start > 0)
        assert info["hasNextPage"] is (end < len(expected))
        assert info["startCursor"] == page["edges"][0]["cursor"]
        assert info["endCursor"] == page["edges"][-1]["cursor"]
    assert [edge["node"]["id"] for page in pages for edge in page["edges"]] == expected


@pytest.mark.parametrize("order", PLACES)
@pytest.mark.parametrize("release", RELEASES)
def test_a_cursor_says_order_release_rank_and_id(
    changing_client: GraphQLClient, release: int, order: str
) -> None:
    """Equal on every mirror: the same bytes for the same place."""
    units = changing_client.ask(PAGE, version=VERSION, release=release, order=order, first=100)
    batches = {id_: batch for batch in BATCHES for id_ in batch.ids}
    assert len(units["units"]["edges"]) == 100
    for edge in units["units"]["edges"]:
        id_ = edge["node"]["id"]
        rank = 0.0 if order == "ID" else batches[id_].tnc_rank
        assert edge["cursor"] == _cursor(f"units@{release}/{order}", rank, id_)


def _foreign_cursors(release: int, order: str) -> dict[tuple[float, str], str]:
    """Return cursors at units of every batch, held or not, with the places that they mark."""
    place, scope = PLACES[order], f"units@{release}/{order}"
    return {
        place(batch.tnc_rank, id_): _cursor(scope, 0.0 if order == "ID" else batch.tnc_rank, id_)
        for batch in BATCHES
        for id_ in (batch.ids[0], batch.ids[-1])
    }


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("order", PLACES)
@pytest.mark.parametrize("release", [3, 4])
def test_a_cursor_at_a_unit_outside_the_list_is_a_place_all_the_same(
    changing_client: GraphQLClient, release: int, order: str, name: str, *, backward: bool
) -> None:
    """Units withdrawn, not published yet or of another filter: page and page info are exact.

    A page of none knows of both sides too.
    """
    wanted = FILTERS[name]
    ids = selected(release, wanted, order)
    ranks = {
        id_: batch.tnc_rank for batch in BATCHES if matches(batch, wanted) for id_ in batch.ids
    }
    places = [PLACES[order](ranks[id_], id_) for id_ in ids]
    size_name, cursor_name = ("last", "before") if backward else ("first", "after")
    cursors = _foreign_cursors(release, order)
    for size in (0, 2):
        answers = _ask_from_all(
            changing_client,
            list(cursors.values()),
            release,
            wanted,
            order,
            size_name,
            cursor_name,
            size,
        )
        for place, units in zip(cursors, answers, strict=True):
            start = sum(1 for each in places if each <= place)
            end = min(len(ids), start + size)
            if backward:
                end = sum(1 for each in places if each < place)
                start = max(0, end - size)
            assert [node["id"] for node in units["nodes"]] == ids[start:end]
            assert units["pageInfo"] == {
                "hasPreviousPage": start > 0,
                "hasNextPage": end < len(ids),
            }


def _ask_from_all(
    client: GraphQLClient,
    cursors: list[str],
    release: int,
    wanted: dict[str, Any],
    order: str,
    size_name: str,
    cursor_name: str,
    size: int,
) -> list[dict[str, Any]]:
    """Return the pages at all cursors, asked for in requests of 14."""
    found: list[dict[str, Any]] = []
    for first in range(0, len(cursors), 14):
        some = cursors[first : first + 14]
        fields = " ".join(
            f"u{n}: units(release: {release}, filter: $f, orderBy: {order}, {size_name}: {size},"
            f' {cursor_name}: "{cursor}")'
            " { nodes { id } pageInfo { hasPreviousPage hasNextPage } }"
            for n, cursor in enumerate(some)
        )
        document = f"query ($f: UnitFilter) {{ {fields} }}"
        data = client.ask(document, version=VERSION, f=wanted)
        found += [data[f"u{n}"] for n in range(len(some))]
    return found


@pytest.mark.parametrize("name", ["first", "last"])
def test_a_page_holds_at_most_a_hundred_units(changing_client: GraphQLClient, name: str) -> None:
    """100 are given, 101 and fewer than none are refused, and none is a page."""
    document = f"query ($n: Int) {{ units({name}: $n) {{ totalCount nodes {{ id }} }} }}"
    expected = [{"id": id_} for id_ in selected(4)]
    for size in (0, 1, 99, 100):
        units = changing_client.ask(document, n=size)["units"]
        page = expected[:size] if name == "first" else expected[len(expected) - size :]
        assert units == {"totalCount": 215, "nodes": page}
    default = changing_client.ask(document)["units"]["nodes"]
    assert default == expected[:20]
    for size in (101, -1):
        (refusal,) = changing_client.refusals(document, n=size)
        assert refusal == (
            "units",
            "INVALID_ARGUMENT",
            f'Argument "{name}" must be between 0 and 100, not {size}.',
        )


@pytest.mark.parametrize("name", ["releases", "banks", "indications"])
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_short_lists_joined_are_the_whole_list(
    changing_client: GraphQLClient, name: str, size: int, *, backward: bool
) -> None:
    """The same for lists that are read whole: 4 releases, 3 banks, 3 indications."""
    expected = {
        "releases": ["rel_1", "rel_2", "rel_3", "rel_4"],
        "banks": ["bnk_BJ", "bnk_GD", "bnk_SH"],
        "indications": ["ind_AML", "ind_SCD", "ind_WAS"],
    }[name]
    size_name, cursor_name = ("last", "before") if backward else ("first", "after")
    document = (
        f"query ($n: Int, $c: String) {{ {name}({size_name}: $n, {cursor_name}: $c) {{ totalCount"
        " edges { cursor node { id } } pageInfo { hasPreviousPage hasNextPage startCursor"
        " endCursor } } }"
    )
    seen: list[str] = []
    cursor = None
    for number in range(1, -(-len(expected) // size) + 1):
        page = changing_client.ask(document, n=size, c=cursor)[name]
        ids = [edge["node"]["id"] for edge in page["edges"]]
        seen = ids + seen if backward else seen + ids
        ahead = number * size < len(expected)
        info = page["pageInfo"]
        assert page["totalCount"] == len(expected)
        assert info["hasPreviousPage"] is (ahead if backward else number > 1)
        assert info["hasNextPage"] is (number > 1 if backward else ahead)
        cursor = info["startCursor" if backward else "endCursor"]
        assert cursor == page["edges"][0 if backward else -1]["cursor"]
    assert seen == expected
