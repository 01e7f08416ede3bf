"""HLA tables from intake to the open zone: counted, kept, verified, approved or left out."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import patch

import asyncpg
import pytest

from database.access import Access
from database.pool import Connection
from domain.failures import Refused
from domain.hla import LOCI
from publishing.gate import Outcome, Profile
from publishing.hla import count
from publishing.hla.approvals import approve_hla, list_hla_approvals, revoke_hla
from publishing.hla.verification import verify_hla
from publishing.plan import Plan, plan
from publishing.reference import load_reference
from publishing.verification import BrokenPromiseError
from tests.database_copies import connection_to
from tests.hla_world import BANKS, TODAY, publish_hla_world, publish_synthetic
from tests.inventories import add_inventory, place_key

_TYPES = """
select r.bank, r.hla_normal from open.unit u
join open.batch_class b on b.id = u.batch_class_id
join intake.unit_map m on m.unit_id = u.id join intake.raw_unit r on r.id = m.raw_unit_id
where b.added <= $1 and (b.withdrawn is null or b.withdrawn > $1)
"""
_NORTH = {"BJ", "TJ", "SD"}


@pytest.fixture(scope="module")
async def world(
    module_database: Access, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Connection]:
    """The releases of `tests.hla_world`, seen by the operator."""
    async with connection_to(module_database.require("operator")) as connection:
        await publish_hla_world(connection, tmp_path_factory.mktemp("hla") / "keys")
        yield connection


async def test_units_are_counted_once_each(world: Connection) -> None:
    """Counted by hand: distinct units with a group, and those that have it twice."""
    units: Counter[tuple[str, str, str]] = Counter()
    twice: Counter[tuple[str, str, str]] = Counter()
    typed: Counter[tuple[str, str]] = Counter()
    for bank, normal in await world.fetch(_TYPES, 1):
        part = "NORTH" if bank in _NORTH else "SOUTH"
        for locus, (one, other) in normal.items():
            if one is None or other is None:
                continue
            groups = {one.split(":")[0], other.split(":")[0]}
            for region in (part, "NATION"):
                typed[locus, region] += 1
                for group in groups:
                    units[locus, region, group] += 1
                    twice[locus, region, group] += len(groups) == 1
    rows = await world.fetch(
        "select locus, region, hla_group, units, copies, frequency, typed_units "
        "from open.hla_frequency join open.hla_table using (release, locus, region) "
        "where release = 1 and hla_group <> 'OTHER'"
    )
    assert {row["locus"] for row in rows} == set(LOCI)
    assert len(rows) > 80
    for row in rows:
        key = row["locus"], row["region"], row["hla_group"]
        parts = 2 if row["region"] == "NATION" else 1
        assert row["units"] == units[key]
        assert abs(row["copies"] - row["units"] - twice[key]) <= 20 * parts
        assert 0 <= typed[key[:2]] - row["typed_units"] < 20 * parts
        assert row["frequency"] == round(row["copies"] / (2 * row["typed_units"]), 6)


async def test_what_one_bank_adds_changes_no_table(world: Connection) -> None:
    """Release 3 adds units of one bank: its tables are those of release 2, and say so."""
    tables = """
        select locus, region, published_units, typed_units, as_of from open.hla_table
        where release = $1 order by 1, 2
    """
    before, after = [await world.fetch(tables, number) for number in (2, 3)]
    assert len(before) == 15
    assert before == after
    assert {row["as_of"] for row in after} == {2}
    assert await world.fetchval("select count(*) from intake.hla_count where release = 3") == 0
    newest = await world.fetch("select distinct as_of from open.hla_table where release = 4")
    assert [row["as_of"] for row in newest] == [4]


async def test_no_row_of_any_release_changes_by_few(world: Connection) -> None:
    """Any two releases, each region: units differ by nothing or by at least 20."""
    few = """
        select count(*) from open.hla_frequency a join open.hla_frequency b
        using (locus, region, hla_group) where abs(a.units - b.units) between 1 and 19
    """
    assert await world.fetchval(few) == 0
    kept = """
        select count(*) from open.hla_frequency f join open.hla_table t
        using (release, locus, region) where f.as_of < t.as_of
    """
    assert await world.fetchval(kept) > 0


async def test_the_database_refuses_few_units(world: Connection) -> None:
    """A cell of 19, a count that differs by 19, and a change of a published row."""
    row = "insert into open.hla_frequency values (4, 'A', 'NATION', '99', $1, $1, 0.1, 4)"
    with pytest.raises(asyncpg.CheckViolationError):
        await world.execute(row, 19)
    near = """
        insert into open.hla_table values (5, 'A', 'NATION', 100, 20, 4);
        insert into open.hla_frequency
        select 5, locus, region, hla_group, units + 19, copies + 19, 0.1, as_of
        from open.hla_frequency where release = 1 and hla_group = '02' and region = 'NATION'
          and locus = 'A';
    """
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="fewer than 20"):
        await world.execute(near)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.execute("update open.hla_frequency set units = 20")


async def _plan(connection: Connection, keys: Path, profile: Profile = Profile.STRICT) -> Plan:
    return await plan(connection, keys=keys, profile=profile, today=TODAY)


def _outcome(planned: Plan) -> Outcome:
    (check,) = [check for check in planned.checks if check.name == "hla-approval"]
    return check.outcome


async def test_nothing_of_donors_leaves_without_approval(
    operator: Connection, tmp_path: Path
) -> None:
    """The check leaves tables out and stops no release, under any profile; the plan binds them."""
    place_key(tmp_path / "keys")
    await load_reference(operator)
    await add_inventory(operator, 16_000, banks=BANKS)
    for profile in Profile:
        without = await _plan(operator, tmp_path / "keys", profile)
        assert _outcome(without) is Outcome.LEFT_OUT
        assert without.hla.tables == ()
        assert "hla-approval" not in {check.name for check in without.failed}
    await approve_hla(operator, "filing 1")
    approved = await _plan(operator, tmp_path / "keys", Profile.SYNTHETIC)
    assert _outcome(approved) is Outcome.PASS
    assert len(approved.hla.tables) == 15
    assert approved.digest != without.digest
    with pytest.raises(Refused, match="in force already"):
        await approve_hla(operator, "filing 2")
    await publish_synthetic(operator, tmp_path / "keys")
    await revoke_hla(operator, "letter 1")
    await add_inventory(operator, 6_000, seed=2, banks=BANKS)
    await publish_synthetic(operator, tmp_path / "keys")
    assert await operator.fetchval("select max(release) from open.hla_table") == 1
    with pytest.raises(Refused, match="no approval to open HLA data to revoke"):
        await revoke_hla(operator, "letter 2")
    (recorded,) = await list_hla_approvals(operator)
    assert (recorded.reference, recorded.revoked_reference) == ("filing 1", "letter 1")
    log = "select action from intake.audit_log where action like 'hla.%' order by id"
    assert [row[0] for row in await operator.fetch(log)] == ["hla.approve", "hla.revoke"]


async def test_half_a_typing_counted_as_homozygous_is_not_committed(
    operator: Connection, tmp_path: Path
) -> None:
    """Whoever takes an unknown value for the known one again is stopped by counting anew."""
    place_key(tmp_path / "keys")
    await load_reference(operator)
    await add_inventory(operator, 16_000, synthetic=True, banks=BANKS)
    known = r"coalesce(\g<0>, hla_normal #>> '{\1,0}')"
    careless = re.sub(r"hla_normal #>> '\{(\w+),1\}'", known, count._GENOTYPES)
    with (
        patch.object(count, "_GENOTYPES", careless),
        pytest.raises(BrokenPromiseError, match="a group is miscounted"),
    ):
        await publish_synthetic(operator, tmp_path / "keys")
    assert await operator.fetchval("select count(*) from open.release") == 0


@pytest.mark.parametrize(
    ("careless", "message"),
    [
        (
            "update open.hla_frequency set units = units + 40 where hla_group = '02'",
            "a group is miscounted: [A-Z0-9]+.02 in",
        ),
        (
            "update open.hla_table set typed_units = typed_units - 60 where region = 'SOUTH'",
            "typed units are miscounted",
        ),
        (
            "delete from open.hla_frequency where locus = 'DQB1' and hla_group = '03'",
            "OTHER is miscounted: DQB1 in",
        ),
        (
            "delete from open.hla_frequency where region = 'NORTH' and hla_group = '46'",
            "(OTHER is miscounted|the nation is not the sum)",
        ),
        (
            "update intake.raw_unit set synthetic = false",
            "there is no approval",
        ),
        (
            "update intake.raw_unit set bank = 'BJ' where bank in ('TJ', 'SD')",
            "of fewer than three banks",
        ),
    ],
)
async def test_a_careless_table_is_not_committed(
    operator: Connection, owner: Connection, tmp_path: Path, careless: str, message: str
) -> None:
    """What a publication would write wrongly is found by counting anew, each by its own check."""
    place_key(tmp_path / "keys")
    await load_reference(operator)
    await add_inventory(operator, 16_000, synthetic=True, banks=BANKS)
    await publish_synthetic(operator, tmp_path / "keys")
    async with operator.transaction():
        await verify_hla(operator, 1)
    await owner.execute("set session_replication_role = replica")
    await owner.execute(careless)
    with pytest.raises(BrokenPromiseError, match=message):
        async with operator.transaction():
            await verify_hla(operator, 1)
