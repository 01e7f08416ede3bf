"""Tables of transplants in releases: what is shown, what stands, what waits, and who holds it."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from database.access import Access
from database.pool import Connection
from publishing.activity.loading import take_in_activity
from publishing.activity.verification import activity_faults
from publishing.gate import Profile
from publishing.plan import plan
from publishing.reference import load_reference
from tests.activity_files import write_report
from tests.attacks.transplants import ServedCell, leaks
from tests.database_copies import connection_to
from tests.inventories import add_inventory
from tests.published import BANKS, THREE_PERIODS, TODAY
from tests.published_activity import LAST, LATE, RAISED, REGIONS, YEARS, state_of

_SHOWN = """
select array(select distinct indication from open.activity_part p where p.cell = c.id order by 1)
       as indications, c.year_from as first, c.year_to as last, c.region, v.units, v.as_of
from open.activity_cell c
cross join lateral (select units, as_of from open.activity_value v
                    where v.cell = c.id and v.as_of <= $1 order by as_of desc limit 1) v
where c.since <= $1
order by c.id
"""


_TWO_RELEASES = """
set cordgraph.mirroring = 'on';
insert into intake.mirror (origin) values ('https://origin.example');
insert into open.scheme (number, k, levels) values (1, 11, '{}');
insert into open.release (number, scheme, profile, synthetic, licence, unit_count,
    added_unit_count, withdrawn_unit_count, bank_count, class_count, smallest_class, median_class,
    held_back_percent, digest)
select number, 1, 'synthetic', true, 'CC-BY-4.0', 11, 11, 0, 1, 1, 11, 11, 0, repeat('0', 64)
from generate_series(1, 2) as number;
"""


@pytest.fixture
async def reader(published: Access) -> AsyncIterator[Connection]:
    """A connection to `published` as the reader."""
    async with connection_to(published.require("reader")) as connection:
        yield connection


@pytest.fixture
async def owner(published: Access) -> AsyncIterator[Connection]:
    """A connection to `published` as its owner."""
    async with connection_to(published.require("owner")) as connection:
        yield connection


async def _table(connection: Connection, release: int) -> list[ServedCell]:
    rows = await connection.fetch(_SHOWN, release)
    return [ServedCell(**{**row, "indications": tuple(row["indications"])}) for row in rows]


async def test_everything_of_a_year_is_shown_once(reader: Connection) -> None:
    """The cells of a release are disjoint and add up to what all banks reported of the years."""
    for release, years in ((1, YEARS), (3, [LAST])):
        table = [cell for cell in await _table(reader, release) if cell.as_of == release]
        state = state_of(release)
        wanted = sum(units for (_, year, _), units in state.items() if year in years)
        new = [cell for cell in table if cell.first in years]
        assert sum(cell.units for cell in new) == wanted
        for place in state:
            holders = sum(cell.holds(place, REGIONS) for cell in new)
            assert holders == (place[1] in years), place


async def test_the_cells_are_as_fine_as_they_may_be(reader: Connection) -> None:
    """Frequent indications are told by year and region; rare ones by range, or in a group."""
    table = await _table(reader, 1)
    shapes = {(cell.indications, cell.first, cell.last, cell.region) for cell in table}

    assert {(("AML",), year, year, "NORTH") for year in YEARS if year != LATE[1]} <= shapes
    assert (("AML",), 2021, 2021, "NATION") in shapes  # one northern bank has not reported
    assert {cell.indications for cell in table if len(cell.indications) == 1} == {
        ("AML",),
        ("ALL",),
        ("CML",),
        ("SAA",),
        ("BTHAL",),
        ("FA",),
        ("WAS",),
        ("MPS1",),
    }


async def test_a_change_is_shown_if_it_is_large_and_of_three_banks(reader: Connection) -> None:
    """All banks raise a year: AML by 30 in each region is shown, ALL by 3 stands as it was."""
    first = {_shape(cell): cell for cell in await _table(reader, 1)}
    second = {_shape(cell): cell for cell in await _table(reader, 2)}

    for region in ("NORTH", "SOUTH"):
        aml = (("AML",), RAISED, RAISED, region)
        assert (second[aml].units - first[aml].units, second[aml].as_of) == (30, 2)
        everything = (("ALL",), RAISED, RAISED, region)
        assert second[everything] == first[everything]


async def test_one_bank_s_late_report_stands_aside(reader: Connection) -> None:
    """What it alone would change is as it was; the release says of which release it is."""
    for release in (2, 3):
        late = [cell for cell in await _table(reader, release) if cell.first == LATE[1]]
        assert late
        assert {cell.as_of for cell in late if cell.last == LATE[1]} == {1}


async def test_a_year_waits_for_the_banks_that_reported_before(reader: Connection) -> None:
    """The last year is shown when all of them have reported it, and not before."""
    assert [bool([c for c in await _table(reader, n) if c.last == LAST]) for n in (1, 2, 3)] == [
        False,
        False,
        True,
    ]


async def test_nothing_follows_from_all_releases(reader: Connection) -> None:
    """All cells of all releases, combined in every way, tell nothing small and nobody's own."""
    cells = [cell for release in (1, 2, 3) for cell in await _table(reader, release)]
    assert leaks(cells, {n: state_of(n) for n in (1, 2, 3)}, REGIONS) == []


async def test_the_verification_finds_what_is_wrong(owner: Connection) -> None:
    """Values that differ from the reports or are of two banks are found in the tables."""
    assert [await activity_faults(owner, release) for release in (3,)] == [[]]
    change = owner.transaction()
    await change.start()
    await owner.execute("set local session_replication_role = replica")
    await owner.execute(
        "update open.activity_value set units = units + 1 where as_of = 3 and cell = "
        "(select max(cell) from open.activity_value)"
    )
    faults = await activity_faults(owner, 3)
    await owner.execute(
        "delete from open.activity_part where cell = (select max(cell) from open.activity_part)"
        " and region = (select max(region) from open.activity_part where cell = "
        "(select max(cell) from open.activity_part))"
    )
    more = await activity_faults(owner, 3)
    await change.rollback()
    assert any("units, the reports" in fault for fault in faults)
    assert "1 activity values astray" in faults
    assert len(more) >= len(faults)


@pytest.mark.parametrize(
    "statement",
    [
        "update open.activity_value set units = 23",
        "delete from open.activity_cell",
        "truncate open.activity_part",
        "delete from intake.activity_origin",
        "insert into open.activity_value select min(cell), 2, 400 from open.activity_value",
        "insert into open.activity_part values ('XX', 2001, 'NORTH', 1)",
        "insert into open.activity_cell (since, year_from, year_to, region) values (1,9,9,'NORTH')",
        "insert into open.activity_value select 1, 3, units + 21 from open.activity_value limit 1",
    ],
)
async def test_the_database_holds_the_promises(owner: Connection, statement: str) -> None:
    """Nothing is changed, past releases are not added to, and no change is small."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(statement)


async def test_a_part_lies_in_one_cell(owner: Connection) -> None:
    """The key of the parts is what keeps cells of all releases apart."""
    again = """
        with made as (
            insert into open.activity_cell (since, year_from, year_to, region)
            select 3, year_from, year_to, region from open.activity_cell where id = 1 returning id)
        insert into open.activity_part select indication, year, region, made.id
        from open.activity_part, made where cell = 1
        """
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(again)


async def test_a_plan_names_its_table(operator: Connection, tmp_path: Path) -> None:
    """Other reports make another plan; synthetic ones do not pass as real; a year may wait."""
    await load_reference(operator)
    await add_inventory(operator, 8_000, seed=1, synthetic=False, banks=BANKS, days=THREE_PERIODS)
    keys = tmp_path / "keys"
    without = await plan(operator, keys=keys, today=TODAY)
    rows = [f"{bank},2020,AML,{units}" for bank, units in (("BJ", 9), ("GD", 9), ("SH", 9))]
    path = write_report(tmp_path, "1.csv", [*rows, "BJ,2024,AML,9"], synthetic=False)
    await take_in_activity(operator, [path])
    real = await plan(operator, keys=keys, today=TODAY)
    made = write_report(tmp_path, "2.csv", ["SC,2020,AML,9"])
    await take_in_activity(operator, [made])
    synthetic = await plan(operator, keys=keys, today=TODAY)

    assert without.activity.cells == 0
    assert "activity" not in {check.name for check in without.checks}
    assert len({without.digest, real.digest, synthetic.digest}) == 3
    assert real.activity.figures() | {"digest": ""} == {
        "cells": 1,
        "added": 1,
        "renewed": 0,
        "standing": 0,
        "outdated": 0,
        "unshown_units": 0,
        "waiting": [],
        "digest": "",
    }
    checks = {check.name: check for check in real.checks}
    assert (checks["activity"].measured, checks["activity-banks"].measured) == (36, 3)
    assert "origin" not in {check.name for check in real.failed}
    assert "origin" in {check.name for check in synthetic.failed}
    assert (real.synthetic, synthetic.synthetic) == (False, True)
    assert real.profile is Profile.STRICT


def _shape(cell: ServedCell) -> tuple[tuple[str, ...], int, int, str]:
    return cell.indications, cell.first, cell.last, cell.region


async def test_a_mirror_may_add_what_withdrawn_releases_began(database: Access) -> None:
    """Its origin withdrew release 1, and the cells of it come with release 2."""
    async with connection_to(database.require("owner")) as owner:
        await owner.execute(_TWO_RELEASES)
        await _add_late(owner)


async def _add_late(owner: Connection) -> None:
    added = """
        with made as (
            insert into open.activity_cell (since, year_from, year_to, region)
            values (1, 2019, 2019, 'SOUTH') returning id)
        insert into open.activity_part select 'AML', 2019, 'SOUTH', id from made"""
    await owner.execute(added)
    await owner.execute("insert into open.activity_value select id, 1, 40 from open.activity_cell")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(
            "insert into open.activity_value select id, 2, 61 from open.activity_cell"
        )
