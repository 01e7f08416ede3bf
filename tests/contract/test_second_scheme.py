"""Batches of three schemes in one history: nothing twice, and no join that shows fewer than k."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from database.access import Access
from database.pool import Connection, connect, open_pool
from domain.identifiers import unit_id
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from publishing.scheme_freeze import freeze_proposal
from publishing.scheme_key import key_path
from publishing.scheme_proposal import propose, record_proposal
from schema.build import build_schema
from tests.inventories import THREE_BANKS, add_inventory
from tests.reading import context_of

K = 11
TODAY = dt.date(2026, 11, 22)
FAKE = Profile.SYNTHETIC
LEFT_OUT = {2: ("abo", "volume"), 3: ("bank",)}
"""What the later schemes do not publish."""
RELEASES = (1, 2, 3)
DOCUMENT = """
{
  release(number: 3) { anonymity { scheme k levels { attribute published level } } bankCount }
  units(release: 3, first: 100) {
    totalCount
    nodes { bank { code } aboGroup volume { min max } addedIn { number } }
    inventory(groupBy: [BANK, ABO_GROUP]) { bank { code } aboGroup units }
  }
}
"""
_UNITS = """
select u.id, b.added, b.withdrawn, c.bank, c.period_from, c.period_to, c.abo,
       array[c.tnc_min, c.tnc_max] as tnc, array[c.cd34_min, c.cd34_max] as cd34,
       array[c.volume_min, c.volume_max] as volume, c.processing
from open.unit u join open.batch_class b on b.id = u.batch_class_id
join open.unit_class c on c.id = b.class_id
"""
Values = tuple[Any, ...]


class History(NamedTuple):
    """Three releases, each under a scheme of its own, as a reader sees them."""

    access: Access
    keys: Path
    units: dict[int, dict[str, Values]]
    waiting: dict[int, set[int]]
    withdrawn: set[int]


async def _freeze(connection: Connection, keys: Path, number: int) -> None:
    proposal = await propose(connection, without=LEFT_OUT[number], today=TODAY)
    await record_proposal(connection, proposal)
    scheme = await freeze_proposal(connection, proposal.digest, keys=keys, profile=FAKE)
    assert scheme.number == number


async def _rows(connection: Connection, query: str) -> set[int]:
    return {row[0] for row in await connection.fetch(query)}


async def _withdraw_one_class(connection: Connection) -> set[int]:
    """Withdraw a class of release 1 and return the rows of its members."""
    members = await connection.fetch(
        "select m.raw_unit_id from intake.unit_map m join open.unit u on u.id = m.unit_id "
        "where u.batch_class_id = (select min(id) from open.batch_class)"
    )
    await connection.execute(
        "update open.batch_class set withdrawn = 2 "
        "where id = (select min(id) from open.batch_class)"
    )
    return {row[0] for row in members}


@pytest.fixture(scope="module")
async def history(
    module_database: Access, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[History]:
    """An inventory that grows, published under scheme 1, then 2, then 3."""
    keys = tmp_path_factory.mktemp("data") / "keys"
    operator = await connect(module_database.require("operator"))
    reader = await connect(module_database.require("reader"))
    waiting: dict[int, set[int]] = {}
    withdrawn: set[int] = set()
    try:
        await load_reference(operator)
        for number, units in zip(RELEASES, (9_000, 4_000, 4_000), strict=True):
            await add_inventory(operator, units, seed=number, banks=THREE_BANKS)
            if number > 1:
                await _freeze(operator, keys, number)
            published = await publish(operator, keys=keys, profile=FAKE, today=TODAY)
            assert published.number == number
            waiting[number] = await _rows(
                operator, "select raw_unit_id from intake.unit_map where release is null"
            )
            if number == 2:
                withdrawn = await _withdraw_one_class(operator)
        rows = await reader.fetch(_UNITS)
        yield History(
            access=module_database,
            keys=keys,
            units={number: _seen(rows, number) for number in RELEASES},
            waiting=waiting,
            withdrawn=withdrawn,
        )
    finally:
        await operator.close()
        await reader.close()


def _seen(rows: list[Any], number: int) -> dict[str, Values]:
    """Return values by id of the units of release ``number``."""
    return {
        row["id"]: (row["added"], *(_plain(value) for value in tuple(row)[3:]))
        for row in rows
        if row["added"] <= number and (row["withdrawn"] is None or row["withdrawn"] > number)
    }


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _tables(units: list[Values]) -> Iterator[Counter[Values]]:
    """Count ``units`` by every subset of the published values."""
    classes = Counter(units)
    width = len(units[0])
    for size in range(width + 1):
        for columns in itertools.combinations(range(width), size):
            table: Counter[Values] = Counter()
            for values, members in classes.items():
                table[tuple(values[column] for column in columns)] += members
            yield table


@pytest.mark.parametrize("number", RELEASES)
def test_every_combination_has_k_units(history: History, number: int) -> None:
    """In a release that mixes schemes no filter, however composed, finds 1 to 10 units."""
    assert min(min(table.values()) for table in _tables([*history.units[number].values()])) >= K


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3), (1, 3)])
def test_joins_of_releases_show_k_units(history: History, old: int, new: int) -> None:
    """What two tables share, what was added and what was removed is 0 or at least k units."""
    before, after = history.units[old], history.units[new]
    shared = [(*before[unit], *after[unit]) for unit in before.keys() & after.keys()]
    assert all(values[: len(values) // 2] == values[len(values) // 2 :] for values in shared)
    added = [values for unit, values in after.items() if unit not in before]
    removed = [values for unit, values in before.items() if unit not in after]
    for units in (list(before.values()), added, removed):
        for table in _tables(units) if units else ():
            assert min(table.values()) >= K
    assert len(added) > 1_000


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3), (1, 3)])
def test_joins_on_values_show_k_units(history: History, old: int, new: int) -> None:
    """Tables joined on any attributes, instead of ids, pair groups of at least k units."""
    for before, after in zip(
        _tables([*history.units[old].values()]),
        _tables([*history.units[new].values()]),
        strict=True,
    ):
        for values in before.keys() | after.keys():
            change = abs(after[values] - before[values])
            assert change == 0 or change >= K or min(before[values], after[values]) >= K


async def test_nothing_is_issued_twice(history: History) -> None:
    """Under the keys of all schemes, each unit's id appears at most once, and under its own."""
    operator = await connect(history.access.require("operator"))
    try:
        raw = await operator.fetch(
            "select r.bank, r.unit_number, m.scheme, m.release, m.unit_id "
            "from intake.raw_unit r left join intake.unit_map m on m.raw_unit_id = r.id"
        )
        public = {row[0] for row in await operator.fetch("select id from open.unit")}
    finally:
        await operator.close()
    keys = {number: key_path(history.keys, number).read_bytes() for number in RELEASES}
    assert len(set(keys.values())) == 3
    found = 0
    for bank, unit_number, scheme, release, stored in raw:
        issued = {
            number for number, key in keys.items() if unit_id(key, bank, unit_number) in public
        }
        assert issued == ({scheme} if release else set())
        assert release is None or (release == scheme and stored in public)
        found += len(issued)
    assert found == len(public)


def test_ids_of_schemes_share_nothing(history: History) -> None:
    """What a release adds has ids of its own; those of earlier batches stay as they are."""
    assert history.units[1].keys() - history.units[3].keys()
    for old, new in itertools.pairwise(RELEASES):
        kept = history.units[old].keys() & history.units[new].keys()
        assert all(history.units[old][unit] == history.units[new][unit] for unit in kept)


async def test_waiting_units_move_to_the_scheme_in_force(history: History) -> None:
    """Units that waited under one scheme were never public; they go on under the next one."""
    operator = await connect(history.access.require("operator"))
    try:
        rows = await operator.fetch("select raw_unit_id, scheme, release from intake.unit_map")
    finally:
        await operator.close()
    standing = {row[0]: (row[1], row[2]) for row in rows}
    moved = {standing[row] for row in history.waiting[1]}
    assert (2, 2) in moved
    assert moved <= {(2, 2), (3, 3), (3, None)}
    assert {standing[row] for row in history.waiting[3]} == {(3, None)}


async def test_members_of_a_withdrawn_class_never_come_back(history: History) -> None:
    """A later scheme takes none of them, whether the class was large or not."""
    assert len(history.withdrawn) >= K
    operator = await connect(history.access.require("operator"))
    try:
        standing = await operator.fetch(
            "select distinct scheme, release from intake.unit_map "
            "where raw_unit_id = any($1::bigint[])",
            list(history.withdrawn),
        )
    finally:
        await operator.close()
    assert [tuple(row) for row in standing] == [(1, 1)]


async def test_the_api_tells_what_is_not_published(history: History) -> None:
    """Attributes that a scheme leaves out are null in its batch, and the levels say so."""
    pool = await open_pool(history.access.require("reader"), size=2)
    try:
        result = await build_schema("2026-10").execute(
            DOCUMENT, context_value=await context_of(pool)
        )
    finally:
        await pool.close()
    assert result.errors is None
    assert result.data is not None
    release, units = result.data["release"], result.data["units"]
    levels = {row["attribute"]: row for row in release["anonymity"]["levels"]}
    assert release["anonymity"]["scheme"] == 3
    assert levels["bank"] == {"attribute": "bank", "published": False, "level": "not published"}
    assert levels["aboGroup"]["level"] == "each group"
    assert release["bankCount"] == 3
    for node in units["nodes"]:
        added = node["addedIn"]["number"]
        assert (node["bank"] is None) == (added == 3)
        assert (node["aboGroup"] is None) == (added == 2)
    assert {node["addedIn"]["number"] for node in units["nodes"]} == {1, 2, 3}
    cells = units["inventory"]
    assert sum(cell["units"] for cell in cells) == units["totalCount"] == len(history.units[3])
    assert any(cell["bank"] is None for cell in cells)
    assert any(cell["aboGroup"] is None for cell in cells)
