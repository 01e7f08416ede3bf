"""What version 2027-01 changes, on published data; and every version on every release."""

from typing import Any

import pytest

from database.pool import Pool
from schema.build import build_schema
from schema.versions import VERSIONS
from tests.reading import context_of

NEW = "2027-01"


async def _ask(pool: Pool, version: str, document: str, **variables: Any) -> dict[str, Any]:
    result = await build_schema(version).execute(
        document, variable_values=variables, context_value=await context_of(pool)
    )
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


async def test_the_licence_has_become_an_object(pool: Pool) -> None:
    """One GraphQL name, two types; the identifier is the same."""
    early = await _ask(pool, "2026-10", "{ release { licence } }")
    late = await _ask(pool, NEW, "{ release { licence { spdx name url zh: name(language: ZH) } } }")
    assert early == {"release": {"licence": "CC-BY-4.0"}}
    assert late["release"]["licence"] == {
        "spdx": "CC-BY-4.0",
        "name": "Creative Commons Attribution 4.0 International",
        "url": "https://creativecommons.org/licenses/by/4.0/",
        "zh": "知识共享署名 4.0 国际",
    }


async def test_a_renamed_field_has_the_same_value_under_both_names(pool: Pool) -> None:
    """As long as the old name lives."""
    data = await _ask(
        pool,
        NEW,
        "{ releases { nodes { anonymity { judge confirmedBy maxRisk smallestClass } } } }",
    )
    for node in data["releases"]["nodes"]:
        measures = node["anonymity"]
        assert measures["judge"] == measures["confirmedBy"]
        assert measures["maxRisk"] == 1 / measures["smallestClass"]


async def test_banks_can_be_listed_by_region(pool: Pool) -> None:
    """The totals follow, and an unknown region has no banks."""
    query = "query ($r: String) { banks(region: $r) { totalCount nodes { code regionCode } } }"
    beijing = (await _ask(pool, NEW, query, r="CN-BJ"))["banks"]
    assert beijing == {"totalCount": 1, "nodes": [{"code": "BJ", "regionCode": "CN-BJ"}]}
    assert (await _ask(pool, NEW, query, r="CN-XJ"))["banks"] == {"totalCount": 0, "nodes": []}
    assert (await _ask(pool, NEW, query))["banks"]["totalCount"] == 7


async def test_a_text_that_is_no_region_is_refused(pool: Pool) -> None:
    """Rather than answered with an empty list."""
    result = await build_schema(NEW).execute(
        '{ banks(region: "Beijing") { totalCount } }', context_value=await context_of(pool)
    )
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "INVALID_ARGUMENT"}
    assert '"Beijing"' in result.errors[0].message


_PAGE = """
query ($order: UnitOrder!, $filter: UnitFilter, $first: Int, $after: String, $last: Int,
       $before: String) {
  units(orderBy: $order, filter: $filter, first: $first, after: $after, last: $last,
        before: $before) {
    totalCount
    nodes { id tnc { min max } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
_SHARE = {"bank": ["SH"], "addedIn": [1]}


async def _walk(pool: Pool, order: str, *, backward: bool) -> list[dict[str, Any]]:
    """Return the units of a filter in an order, page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        size, place = ("last", "before") if backward else ("first", "after")
        page = (
            await _ask(pool, NEW, _PAGE, order=order, filter=_SHARE, **{size: 100, place: cursor})
        )["units"]
        found = page["nodes"] + found if backward else found + page["nodes"]
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            assert len(found) == page["totalCount"]
            return found
        assert cursor != info["startCursor" if backward else "endCursor"], "the walk does not move"
        cursor = info["startCursor" if backward else "endCursor"]


@pytest.mark.parametrize("backward", [False, True])
async def test_units_can_be_listed_from_the_fewest_cells_up(pool: Pool, *, backward: bool) -> None:
    """The bands of TNC_DESC in the opposite order; uncounted units stay last; by id within one."""
    rising = await _walk(pool, "TNC_ASC", backward=backward)
    falling = await _walk(pool, "TNC_DESC", backward=False)

    def key(unit: dict[str, Any], sign: int) -> tuple[bool, float, str]:
        band = unit["tnc"]
        known = band is not None and (band["min"] is not None or band["max"] is not None)
        return not known, sign * ((band or {}).get("min") or 0), unit["id"]

    assert len(rising) > 200
    assert {unit["id"] for unit in rising} == {unit["id"] for unit in falling}
    assert rising == sorted(rising, key=lambda unit: key(unit, 1))
    assert falling == sorted(falling, key=lambda unit: key(unit, -1))


_EVERYTHING = """
query ($number: Int!) {
  release(number: $number) {
    id number publishedAt synthetic unitCount addedUnitCount withdrawnUnitCount bankCount digest
    title state previous { number }
    anonymity { scheme k smallestClass classCount medianClass meanRisk heldBackPercent
      levels { attribute published level } }
    files { path }
    units(first: 2, orderBy: TNC_DESC) {
      totalCount
      inventory(groupBy: [BANK, ABO_GROUP]) { units aboGroup bank { code } }
      nodes { id aboGroup processing collectionPeriod { from to } tnc { min max unit }
        cd34 { min max unit } volume { min max } bank { code } addedIn { number } }
    }
  }
  banks(release: $number) { totalCount nodes { id code name city regionCode unitCount } }
  indications(release: $number, first: 3) { totalCount nodes { id code group name } }
}
"""


@pytest.mark.parametrize("version", [version.name for version in VERSIONS.served])
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_every_version_reads_every_release(pool: Pool, version: str, number: int) -> None:
    """What all versions share, they answer alike."""
    data = await _ask(pool, version, _EVERYTHING, number=number)
    assert data == await _ask(pool, "2026-10", _EVERYTHING, number=number)
    assert data["release"]["number"] == number
