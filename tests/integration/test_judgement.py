"""Releases judged by a program that is not ours, and what everybody reads of it."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from database.access import Access
from database.pool import Connection, connect
from domain.failures import Refused, Unavailable
from loaders.catalogue import load_catalogue, read_fingerprint
from loaders.class_figures import ClassFigures, class_figures
from loaders.request import Loaders, Store
from publishing.judgement import Judgement, judge_release, record_judgement
from schema.build import build_schema
from schema.context import Context

ROOT = Path(__file__).parents[2]
JUDGE = ROOT / ".venv-judge" / "bin" / "python"
FOUND = Judgement(3, "pycanon", "1.3.5", units=33_583, k=11, k_of_batches=11, confirmed=True)
DOCUMENT = """
query ($release: Int) { release(number: $release) { unitCount addedUnitCount anonymity {
  k smallestClass classCount meanClass averageClassRatio discernibility smallestDifference
  heldBackPercent worstBankHeldBackPercent worstAboGroupHeldBackPercent lossPercent
  levels { attribute lossPercent } judge confirmedBy
  judgements { judge version verdict units k kOfBatches sentence chinese: sentence(language: ZH) }
} } }
"""


@pytest.fixture
async def publisher(published: Access) -> AsyncIterator[Connection]:
    """The operator's connection to the three releases of `tests.published`."""
    connection = await connect(published.require("operator"))
    yield connection
    await connection.close()


async def _asked(connection: Connection, release: int, version: str = "2027-01") -> Any:
    context = Context(Loaders(Store(connection, await load_catalogue(connection))))
    document = DOCUMENT if version == "2027-01" else "{ release { anonymity { judge } } }"
    result = await build_schema(version).execute(
        document, variable_values={"release": release}, context_value=context
    )
    assert result.errors is None
    assert result.data is not None
    return context, result.data["release"]


async def test_an_unjudged_release_says_so(publisher: Connection) -> None:
    """The list is empty and nobody confirmed it; a later judgement changes that, so it is live."""
    context, release = await _asked(publisher, 1)
    assert release["anonymity"]["judgements"] == []
    assert release["anonymity"]["confirmedBy"] is None
    assert context.live


async def test_figures_follow_from_what_is_published(publisher: Connection) -> None:
    """Each figure equals what a reader computes from the classes of the release."""
    for number in (1, 2, 3):
        sizes = [
            row["units"]
            for row in await publisher.fetch(
                "select units from open.batch_class where added <= $1", number
            )
        ]
        added = await publisher.fetchval(
            "select min(units) from open.batch_class where added = $1", number
        )
        _, release = await _asked(publisher, number)
        told = release["anonymity"]
        assert told["meanClass"] == sum(sizes) / len(sizes)
        assert told["averageClassRatio"] == sum(sizes) / len(sizes) / 11
        assert told["discernibility"] == sum(size**2 for size in sizes)
        assert told["smallestDifference"] == added >= 11
        assert told["lossPercent"] == 20
        losses = {level["attribute"]: level["lossPercent"] for level in told["levels"]}
        assert losses == {
            "bank": 0,
            "collectionPeriod": 0,
            "aboGroup": 0,
            "tnc": 20,
            "cd34": 32,
            "volume": 100,
            "processing": 100,
        }
        assert told["worstBankHeldBackPercent"] >= told["heldBackPercent"]
        assert told["worstAboGroupHeldBackPercent"] is not None


@pytest.mark.judge
async def test_pycanon_confirms_a_release(publisher: Connection) -> None:
    """It reads every published unit, and finds the smallest class that the release tells."""
    judged = await judge_release(publisher, 2, JUDGE)
    _, release = await _asked(publisher, 2)
    assert judged.confirmed
    assert release["anonymity"]["judgements"] == [
        {
            "judge": "pycanon",
            "version": "1.3.5",
            "verdict": "CONFIRMED",
            "units": release["unitCount"],
            "k": judged.k,
            "kOfBatches": release["anonymity"]["smallestClass"],
            "sentence": f"pycanon 1.3.5 read {release['unitCount']:,} units, found {judged.k} in "
            "the smallest class, and confirms the release.",
            "chinese": f"pycanon 1.3.5 检查了 {release['unitCount']} 个单位,"
            f"最小类有 {judged.k} 个单位:确认。",
        }
    ]
    assert release["anonymity"]["confirmedBy"] == "pycanon 1.3.5"
    assert release["anonymity"]["judge"] is None
    log = await publisher.fetchrow("select * from intake.audit_log order by id desc limit 1")
    assert log is not None
    assert (log["action"], log["subject"]) == ("release.judge", "release 2")
    assert log["details"] == judged.as_json()


async def test_the_newest_judgement_counts_and_none_is_lost(publisher: Connection) -> None:
    """A refutation takes the confirmation back, and both stay to be read."""
    before = await read_fingerprint(publisher)
    await record_judgement(publisher, FOUND)
    _, release = await _asked(publisher, 3)
    assert release["anonymity"]["confirmedBy"] == "pycanon 1.3.5"
    await record_judgement(publisher, replace(FOUND, k_of_batches=3, confirmed=False))
    _, release = await _asked(publisher, 3)
    assert release["anonymity"]["confirmedBy"] is None
    verdicts = [each["verdict"] for each in release["anonymity"]["judgements"]]
    assert verdicts == ["CONFIRMED", "REFUTED"]
    assert release["anonymity"]["judgements"][1]["sentence"].endswith("and refutes the release.")
    assert before != await read_fingerprint(publisher)


async def test_the_older_version_keeps_its_pinned_answer(publisher: Connection) -> None:
    """`judge` says what was known at publication: an answer that is pinned does not change."""
    await record_judgement(publisher, FOUND)
    context, release = await _asked(publisher, 3, "2026-10")
    assert release["anonymity"] == {"judge": None}
    assert not context.live


async def test_what_was_found_is_never_changed(publisher: Connection, published: Access) -> None:
    """Neither the operator nor the owner changes or removes a judgement."""
    await record_judgement(publisher, FOUND)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await publisher.execute("delete from open.judgement")
    owner = await connect(published.require("owner"))
    try:
        for statement in (
            "delete from open.judgement",
            "update open.judgement set confirmed = true",
            "truncate open.judgement",
        ):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
                await owner.execute(statement)
    finally:
        await owner.close()


async def test_a_judge_that_fails_records_nothing(publisher: Connection, tmp_path: Path) -> None:
    """A judge that is missing, or breaks, is told of; the release stays as it was."""
    rows = await publisher.fetchval("select count(*) from open.judgement")
    with pytest.raises(Unavailable, match="the judge cannot be started"):
        await judge_release(publisher, 1, tmp_path / "python")
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'no pandas' >&2\nexit 7\n")
    broken.chmod(0o755)
    with pytest.raises(Unavailable, match="failed with status 7: no pandas"):
        await judge_release(publisher, 1, broken)
    for said in ("Hello!", "[]", '{"k": [11]}'):
        broken.write_text(f"#!/bin/sh\necho '{said}'\n")
        with pytest.raises(Unavailable, match="did not say what it found"):
            await judge_release(publisher, 1, broken)
    assert rows == await publisher.fetchval("select count(*) from open.judgement")


async def test_what_does_not_exist_is_not_judged(publisher: Connection) -> None:
    """A number without a release is refused."""
    with pytest.raises(Refused, match="there is no release 9"):
        await judge_release(publisher, 9, JUDGE)


async def test_a_judge_that_misses_units_refutes(publisher: Connection, tmp_path: Path) -> None:
    """All units must be read, and the smallest class must have k; the rest is refuted."""
    units = await publisher.fetchval("select unit_count from open.release where number = 1")
    liar = tmp_path / "liar"
    for read, k, confirmed in ((units, 11, True), (units - 1, 11, False), (units, 10, False)):
        said = {"judge": "liar", "version": "1", "units": read, "k": [12, k]}
        liar.write_text(f"#!/bin/sh\necho '{json.dumps(said)}'\n")
        liar.chmod(0o755)
        judged = await judge_release(publisher, 1, liar)
        assert (judged.k, judged.k_of_batches, judged.confirmed) == (12, k, confirmed)


async def test_classes_that_a_release_leaves_out_count_as_a_difference(
    publisher: Connection,
) -> None:
    """The smallest of what was added or left out is told; nothing at all has none."""
    table = (await load_catalogue(publisher)).classes
    table.withdrawn[int(table.units.argmin())] = 4
    smallest = int(table.units.min())
    assert class_figures(table, 4) == ClassFigures(
        units=int(table.units.sum()) - smallest,
        classes=len(table) - 1,
        discernibility=int((table.units.astype(int) ** 2).sum()) - smallest**2,
        smallest_difference=smallest,
    )
    assert class_figures(table, 5).smallest_difference is None
