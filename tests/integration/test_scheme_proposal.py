"""Proposing schemes: which units are compared, and that the figures are what a plan would do."""

import datetime as dt
from pathlib import Path

import asyncpg
import pytest

from database.pool import Connection
from domain.failures import Refused
from publishing.combinations import Combinations, read_combinations
from publishing.gate import Profile
from publishing.hierarchy import configured_hierarchies
from publishing.intake.loading import take_in
from publishing.plan import plan
from publishing.reference import load_reference
from publishing.release import publish
from publishing.scheme import first_scheme
from publishing.scheme_freeze import freeze_proposal
from publishing.scheme_proposal import (
    Proposal,
    document_digest,
    list_proposals,
    propose,
    read_proposal,
    record_proposal,
)
from publishing.synthesis.inventory import write_inventory
from tests.inventories import SEVEN_BANKS, add_inventory

TODAY = dt.date(2026, 11, 22)
UNITS = 12_000
YEARS = (dt.date(1998, 1, 1), dt.date(2019, 12, 31))

# Values at, just below and far from the cut points, and values that were not recorded.
_EDGES = """
update intake.raw_unit set
    tnc_frozen = (array[8e8, 7.999999e8, 10e8, 12.5e8, 15e8, 20e8, 19.999e8, null])[1 + id % 8],
    cd34_frozen = (array[2e6, 3e6, 2.999e6, 4e6, 6e6, 8e6, null])[1 + id % 7],
    volume_ml = (array[60, 59.9, 80, 100, 120, 119.99, null])[1 + id / 8 % 7],
    product_modification = (array['PRR', 'RBR', 'XYZ', null, 'OTH'])[1 + id / 56 % 5]
"""


@pytest.fixture
async def inventory(operator: Connection) -> Connection:
    """An operator's connection to reference data and 12,000 units of 22 years."""
    await load_reference(operator)
    await add_inventory(operator, UNITS, banks=SEVEN_BANKS, days=YEARS)
    return operator


async def _frozen(connection: Connection, keys: Path, proposal: Proposal) -> None:
    await record_proposal(connection, proposal)
    await freeze_proposal(connection, proposal.digest, keys=keys, profile=Profile.SYNTHETIC)


async def test_a_plan_holds_back_what_was_proposed(inventory: Connection, keys: Path) -> None:
    """Units at every cut point fall into the classes that the search counted, to the unit."""
    await inventory.execute(_EDGES)
    proposal = await propose(inventory, today=TODAY)
    await _frozen(inventory, keys, proposal)
    planned = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    assert planned.scheme == proposal.scheme
    holding = proposal.found.holding
    assert planned.batch.considered == proposal.units
    assert len(planned.batch.deferred) == holding.overall.held_back
    assert len(planned.batch.classes) == holding.classes
    assert min(map(len, planned.batch.classes.values())) == holding.smallest_class
    checks = {check.name: check for check in planned.checks}
    assert checks["held-back-bank"].measured == holding.bank.percent
    assert checks["held-back-abo"].measured == holding.abo.percent


async def test_only_eligible_units_are_compared(inventory: Connection, keys: Path) -> None:
    """Neither units without consent nor recent nor published ones take part; waiting ones do."""
    eligible = await inventory.fetchval("select count(*) from intake.raw_unit where consent")
    await add_inventory(inventory, 500, seed=2, days=(dt.date(2025, 1, 1), dt.date(2026, 6, 30)))
    assert (await propose(inventory, today=TODAY)).units == eligible
    await _frozen(inventory, keys, await propose(inventory, today=TODAY))
    published = await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    assert published.deferred > 0
    assert (await propose(inventory, today=TODAY)).units == published.deferred


async def test_a_proposal_is_kept_once(inventory: Connection) -> None:
    """Equal inventories make equal proposals, and reading one gives what was shown."""
    first, second = [await propose(inventory, today=TODAY) for _ in range(2)]
    for proposal in (first, second):
        await record_proposal(inventory, proposal)
    assert first.document == second.document
    assert [row["digest"] for row in await list_proposals(inventory)] == [first.digest]
    assert await read_proposal(inventory, first.digest) == first.document
    assert document_digest(first.document) == first.digest


async def test_a_proposal_cannot_be_altered(
    inventory: Connection, owner: Connection, keys: Path
) -> None:
    """Not even the owner changes one, and one that is not what its digest names is refused."""
    proposal = await propose(inventory, today=TODAY)
    await record_proposal(inventory, proposal)
    for statement in (
        "update intake.scheme_proposal set document = '{}'",
        "delete from intake.scheme_proposal",
        "truncate intake.scheme_proposal cascade",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(statement)
    forged = {**proposal.document, "levels": first_scheme().as_json()}
    await inventory.execute(
        "insert into intake.scheme_proposal (digest, scheme, document) values ($1, 2, $2)",
        "f" * 64,
        forged,
    )
    with pytest.raises(Refused, match="was altered"):
        await freeze_proposal(inventory, "f" * 64, keys=keys, profile=Profile.SYNTHETIC)


async def test_an_attribute_can_be_left_out(inventory: Connection) -> None:
    """A search without the bank publishes none, and measures the limit for banks all the same."""
    proposal = await propose(inventory, without=("bank", "volume"), today=TODAY)
    assert proposal.scheme.bank is False
    assert proposal.scheme.volume_cuts is None
    assert proposal.found.holding.bank.group in SEVEN_BANKS
    bank = proposal.document["attributes"][0]
    assert (bank["attribute"], bank["next_finer"]) == ("bank", None)


async def test_limits_hold_for_banks_that_are_not_published(
    inventory: Connection, keys: Path
) -> None:
    """The gate measures contributors and what is held back by bank and group all the same."""
    proposal = await propose(inventory, without=("bank", "abo"), today=TODAY)
    await _frozen(inventory, keys, proposal)
    holding = proposal.found.holding
    planned = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    checks = {check.name: check for check in planned.checks}
    assert checks["contributors"].measured == len(SEVEN_BANKS)
    assert checks["held-back-bank"].measured == holding.bank.percent
    assert checks["held-back-abo"].measured == holding.abo.percent
    assert "volume-bank" not in checks
    assert checks["waivers"].measured == 0
    await publish(inventory, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    await add_inventory(inventory, 2_000, seed=2, banks={"BJ": 1}, days=YEARS)
    later = await plan(inventory, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    checks = {check.name: check for check in later.checks}
    assert checks["contributors"].measured == len(SEVEN_BANKS)
    assert (later.figures.units, later.figures.banks) == (
        planned.figures.units + later.figures.added,
        0,
    )


async def test_each_explanation_names_a_broken_limit(inventory: Connection) -> None:
    """For each attribute that lost something, the next finer level would break a limit."""
    proposal = await propose(inventory, today=TODAY)
    steps = proposal.document["attributes"]
    coarser = [step for step in steps if step["loss"]]
    assert coarser
    assert sum(step["loss"] for step in steps) == proposal.document["loss"]
    for step in steps:
        assert (step["next_finer"] is None) == (step["loss"] == 0)
    for step in coarser:
        held = step["next_finer"]["held_back"]
        shares = {"overall": held["overall"], "bank": held["worst_bank"], "abo": held["worst_abo"]}
        broken = {
            name
            for name, share in shares.items()
            if 100 * share["held_back"] > proposal.document["limits"][name] * share["units"]
        }
        breaks = set(step["next_finer"]["breaks"])
        assert breaks
        assert breaks - {"recorded"} == broken


async def test_nothing_eligible_is_refused(operator: Connection) -> None:
    """Without units there is nothing to search, and the refusal says why."""
    await add_inventory(operator, 40, days=(dt.date(2025, 1, 1), dt.date(2026, 6, 30)), consent=1.0)
    with pytest.raises(Refused, match="no unit is eligible: 40 are too recent, 0 look like one"):
        await propose(operator, today=TODAY)


async def test_too_few_units_are_refused(operator: Connection) -> None:
    """Ten units have no levels that keep k."""
    await add_inventory(operator, 10, consent=1.0)
    with pytest.raises(Refused, match="no levels keep the limits for 10 eligible units"):
        await propose(operator, today=TODAY)


async def test_chunks_add_up(inventory: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the inventory in pieces comes to the same combinations, and progress is told."""
    told: list[tuple[str, int, int | None]] = []

    async def read() -> Combinations:
        return await read_combinations(
            inventory,
            configured_hierarchies(),
            TODAY,
            lambda *progress: told.append(progress),
        )

    async with inventory.transaction():
        whole = await read()
        monkeypatch.setattr("publishing.combinations._CHUNK", 5_000)
        pieces = await read()
    assert whole.values == pieces.values
    assert [codes.tolist() for codes in whole.codes] == [codes.tolist() for codes in pieces.codes]
    assert whole.counts.tolist() == pieces.counts.tolist()
    assert [done for _, done, _ in told] == [UNITS, 5_000, 10_000, UNITS]
    assert {total for *_, total in told} == {UNITS}


async def test_a_small_inventory_finds_its_scheme(
    operator: Connection, keys: Path, tmp_path: Path
) -> None:
    """20,000 realistic units do not pass the gate under scheme 1, and pass under a proposal."""
    await load_reference(operator)
    files = write_inventory(tmp_path / "inventory", units=20_000, seed=1)
    reports = await take_in(operator, files)
    assert not any(report.refused for report in reports)
    by_hand = await plan(operator, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    assert {check.name for check in by_hand.failed} == {
        "held-back",
        "held-back-bank",
        "held-back-abo",
    }
    proposal = await propose(operator, today=TODAY)
    await _frozen(operator, keys, proposal)
    published = await publish(operator, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    assert published.added == proposal.units - proposal.found.holding.overall.held_back
    assert 20 * published.deferred <= proposal.units
