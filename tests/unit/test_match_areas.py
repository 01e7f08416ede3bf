"""Which tables a region is estimated from."""

import pytest

from domain.haplotypes import MATCH_LOCI
from domain.match_areas import Tables, match_areas
from domain.match_estimate import LocusTable
from domain.regions import Region


def _tables(**typed: int) -> dict[tuple[Region, str], LocusTable]:
    """Return tables of each region with so many typed units; a tenth more are published."""
    shares = {"NORTH": 0.2, "SOUTH": 0.4, "NATION": 0.31}
    return {
        (Region(region), locus): LocusTable(
            units * 11 // 10, units, {"02": shares[region]}, 1 - shares[region]
        )
        for region, units in typed.items()
        for locus in MATCH_LOCI
    }


def test_a_part_is_estimated_from_its_own_tables() -> None:
    """And not at all without one of the three."""
    tables = _tables(NORTH=1_000, SOUTH=2_000, NATION=3_000)
    (north,) = match_areas(tables, Region.NORTH)
    assert (north.region, [each.typed for each in north.loci]) == (Region.NORTH, [1_000] * 3)
    del tables[Region.NORTH, "B"]
    assert match_areas(tables, Region.NORTH) == ()
    assert match_areas({}, Region.NATION) == ()


def test_the_nation_is_the_sum_of_its_parts() -> None:
    """Where both have tables; else it has its own, with the haplotypes of the nation."""
    tables = _tables(NORTH=1_000, SOUTH=2_000, NATION=3_000)
    assert [each.region for each in match_areas(tables, Region.NATION)] == [
        Region.NORTH,
        Region.SOUTH,
    ]
    alone: Tables = _tables(NATION=3_000)
    assert [each.region for each in match_areas(alone, Region.NATION)] == [Region.NATION]


def test_banks_of_no_part_are_not_forgotten() -> None:
    """What the nation has beyond its parts is an area of its own, with what is left of a group."""
    tables = _tables(NORTH=1_000, SOUTH=2_000, NATION=4_000)
    north, south, rest = match_areas(tables, Region.NATION)
    assert (north.region, south.region, rest.region) == tuple(Region)
    (table, *_) = rest.loci
    assert (table.published, table.typed, table.parts) == (1_100, 1_000, 3)
    assert table.frequencies == {"02": pytest.approx((0.31 * 4_000 - 200 - 800) / 1_000)}
    assert table.other == pytest.approx(1 - 0.24)
