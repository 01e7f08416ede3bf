"""What the public learns of the gate: coarse words and a whole percent, live."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import parse

from database.pool import Connection
from publishing.gate import Profile
from publishing.history import History
from publishing.measures import measure_units, survey_units
from publishing.plan import plan, record_plan
from publishing.reference import load_reference
from publishing.release import publish
from schema.build import build_schema
from tests.executors import ask_by_sets, ask_stock
from tests.inventories import add_inventory
from tests.reading import context_of

CUTOFF = dt.date(2024, 12, 31)
DOCUMENT = """
{ service { gate { open reasons release checkedOn heldBackPercent
  sentences chinese: sentences(language: ZH) } } }
"""


async def _gate(reader: Connection) -> Any:
    """Return what both executors answer."""
    schema, document = build_schema("2027-01"), parse(DOCUMENT)
    context = await context_of(reader)
    answer = await ask_by_sets(schema, document, {}, context)
    assert answer.by_sets
    assert answer == replace(
        await ask_stock(schema, document, {}, await context_of(reader)), planned=True
    )
    assert context.live
    return orjson.loads(answer.data)["service"]["gate"]


async def test_nothing_is_told_before_the_first_look(reader: Connection) -> None:
    """Without any plan there is no gate to speak of."""
    assert await _gate(reader) is None


async def test_a_closed_gate_is_told_in_words(
    operator: Connection, reader: Connection, keys: Path
) -> None:
    """Each reason comes once, as a word and as a sentence; the failing numbers do not."""
    await load_reference(operator)
    await add_inventory(operator, 4_321, banks={"BJ": 9, "GD": 1})
    planned = await plan(operator, keys=keys)
    await record_plan(operator, planned)
    told = await _gate(reader)
    assert (told["open"], told["release"]) == (False, 1)
    assert told["reasons"] == ["BANKS", "BALANCE", "VOLUME", "GOVERNANCE"]
    assert told["sentences"][0] == "Too few banks or cities contribute."
    assert told["chinese"][0] == "参与的血库或城市过少。"
    assert told["heldBackPercent"] == planned.figures.held_back_percent
    measured = {f"{check.measured:g}" for check in planned.failed} - {"0", "1", "2"}
    assert not any(number in str(told["sentences"]) for number in measured)


async def test_an_open_gate_is_told(operator: Connection, reader: Connection, keys: Path) -> None:
    """A published release had passed; a later look at the same plan is told again."""
    await load_reference(operator)
    await add_inventory(operator, 12_000)
    closed = await plan(operator, keys=keys, profile=Profile.SYNTHETIC, at_most=2_000)
    ready = await plan(operator, keys=keys, profile=Profile.SYNTHETIC)
    for planned, is_open in ((ready, True), (closed, False), (ready, True)):
        await record_plan(operator, planned)
        assert (await _gate(reader))["open"] is is_open
    await publish(operator, keys=keys, profile=Profile.SYNTHETIC)
    told = await _gate(reader)
    assert (told["open"], told["reasons"], told["release"]) == (True, [], 1)
    assert await operator.fetchval("select count(*) from open.gate_status") == 1


async def test_the_older_version_has_no_gate(reader: Connection) -> None:
    """2026-10 stays as it was outlined."""
    result = await build_schema("2026-10").execute(DOCUMENT, context_value=await context_of(reader))
    assert result.errors is not None
    assert "Cannot query field 'gate'" in result.errors[0].message


async def test_gaps_in_published_values_are_measured(operator: Connection, keys: Path) -> None:
    """Completeness is that of the attribute of which most new units lack the value."""
    await load_reference(operator)
    await add_inventory(operator, 12_000)
    await operator.execute("update intake.raw_unit set abo = null where id % 5 = 0")
    planned = await plan(operator, keys=keys, profile=Profile.SYNTHETIC)
    (completeness,) = [check for check in planned.checks if check.name == "completeness"]
    rows = [unit.row for members in planned.batch.classes.values() for unit in members]
    rows += [unit.row for unit in planned.batch.deferred]
    recorded = await operator.fetchval(
        "select 100 * count(abo)::float8 / count(*) from intake.raw_unit "
        "where id = any($1::bigint[])",
        rows,
    )
    assert completeness.measured == pytest.approx(recorded)
    assert completeness.about == "ABO"
    assert completeness in planned.failed


async def test_donations_counted_twice_are_measured(operator: Connection, keys: Path) -> None:
    """A unit with birth date, cells and typing of another counts, in the batch or published.

    A plan leaves such units out; they are counted for themselves should one slip in.
    """
    await load_reference(operator)
    await add_inventory(operator, 12_000)
    planned = await plan(operator, keys=keys, profile=Profile.SYNTHETIC)
    await operator.execute(
        "update intake.raw_unit t set tnc_frozen = s.tnc_frozen, birth_date = s.birth_date, "
        "collection_date = null from intake.raw_unit s "
        "where t.id = s.id + 1 and s.id % 1000 = 0 and s.consent and s.tnc_frozen is not null"
    )
    await operator.execute("update intake.raw_unit set hla_key = '11,24 46 09', hla_normal = '{}'")
    pairs = await operator.fetchval(
        "select count(*) from intake.raw_unit t where id = any($1::bigint[]) and exists "
        "(select from intake.raw_unit s where s.id in (t.id - 1, t.id + 1) "
        "and s.birth_date = t.birth_date and s.tnc_frozen = t.tnc_frozen "
        "and s.id = any($1::bigint[]))",
        [unit.row for members in planned.batch.classes.values() for unit in members],
    )
    history = History(0, None, synthetic=False, classes=())
    survey = await survey_units(operator, history, planned.batch, CUTOFF)
    measured = measure_units(history, planned.batch, survey, CUTOFF, 0)["duplicates"]
    assert measured is not None
    assert measured.value == pairs
