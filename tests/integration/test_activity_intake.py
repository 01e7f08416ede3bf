"""`cordgraph intake activity`: reports are only ever added, and the newest of a year counts."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from database.access import Access
from database.pool import Connection
from publishing.activity.loading import take_in_activity
from publishing.activity.submission import ActivitySubmission, ReportChanges
from publishing.audit import read_log
from publishing.intake.faults import Code
from publishing.intake.submission_report import Outcome
from publishing.synthesis.activity import write_activity
from tests.activity_files import write_report
from tests.command_line import Runner

_NEWEST = """
select bank, year, coalesce(sum(units), 0) from intake.newest_activity_report n
left join intake.activity_count c on c.report_id = n.id group by bank, year order by bank, year
"""


async def _load(operator: Connection, *paths: Path, **options: Any) -> list[ActivitySubmission]:
    return await take_in_activity(operator, paths, **options)


async def test_the_newest_report_counts_and_nothing_is_lost(
    operator: Connection, tmp_path: Path
) -> None:
    """A correction replaces the report of its bank and year; what it says anew is stored once."""
    first = write_report(tmp_path, "1.csv", ["GD,2023,AML,40", "GD,2024,AML,41", "SH,2024,AML,9"])
    second = write_report(
        tmp_path,
        "2.csv",
        ["GD,2023,AML,40", "GD,2024,AML,44", "GD,2024,ALL,2", "BJ,2024,AML,7"],
        created="2026-02-02T00:00:00Z",
    )

    one, two = await _load(operator, first, second)

    assert one.changes == ReportChanges(added=3)
    assert two.changes == ReportChanges(added=1, replaced=1, unchanged=1)
    assert [tuple(row) for row in await operator.fetch(_NEWEST)] == [
        ("BJ", 2024, 7),
        ("GD", 2023, 40),
        ("GD", 2024, 46),
        ("SH", 2024, 9),
    ]
    assert await operator.fetchval("select count(*) from intake.activity_report") == 5
    entries = [each for each in await read_log(operator) if each.action == "activity.load"]
    assert [each.subject for each in entries] == ["activity submission 1", "activity submission 2"]
    assert entries[1].details["replaced"] == 1


async def test_the_same_file_twice_changes_nothing(operator: Connection, tmp_path: Path) -> None:
    """By its content, whatever its name; if a newer report is in force, that is said."""
    path = write_report(tmp_path, "1.csv", ["GD,2024,AML,41"])
    again = write_report(tmp_path, "again.csv", ["GD,2024,AML,41"])
    newer = write_report(tmp_path, "2.csv", ["GD,2024,AML,42"], created="2026-02-02T00:00:00Z")

    outcomes = [each.outcome for each in await _load(operator, path, again, newer)]
    (last,) = await _load(operator, path)

    assert outcomes == [Outcome.LOADED, Outcome.KNOWN, Outcome.LOADED]
    assert last.outcome is Outcome.KNOWN
    assert last.warnings.counts == {Code.SUPERSEDED: 1}
    assert await operator.fetchval("select count(*) from intake.activity_submission") == 2
    assert await operator.fetchval("select sum(units) from intake.activity_count") == 83


async def test_an_older_report_never_replaces_a_newer_one(
    operator: Connection, tmp_path: Path
) -> None:
    """By CREATION_TIME; nothing of the file is loaded."""
    new = write_report(tmp_path, "new.csv", ["GD,2024,AML,41"])
    old = write_report(
        tmp_path, "old.csv", ["GD,2024,AML,40", "SH,2024,AML,5"], created="2026-01-01T00:00:00Z"
    )

    _, refused = await _load(operator, new, old)

    assert refused.outcome is Outcome.REFUSED
    assert refused.faults.kept[0].message == (
        "A report of GD for 2024 that was written at 2026-02-01 00:00:00 UTC was loaded, and this "
        "file is of 2026-01-01 00:00:00 UTC; an older report never replaces a newer one."
    )
    assert await operator.fetchval("select count(*) from intake.activity_report") == 1


async def test_a_synthetic_report_never_replaces_a_real_one(
    operator: Connection, tmp_path: Path
) -> None:
    """Unless it is said that it is meant."""
    real = write_report(tmp_path, "real.csv", ["GD,2024,AML,41"], synthetic=False)
    made = write_report(tmp_path, "made.csv", ["GD,2024,AML,40"], created="2026-02-02T00:00:00Z")

    _, refused = await _load(operator, real, made)
    (loaded,) = await _load(operator, made, allow_removals=True)

    assert refused.faults.counts == {Code.ORIGIN_CHANGES: 1}
    assert loaded.changes == ReportChanges(replaced=1)


async def test_tolerated_rows_are_recorded(operator: Connection, tmp_path: Path) -> None:
    """The report without the faulty row is loaded, and why the other one is not is kept."""
    path = write_report(
        tmp_path, "1.csv", [*(f"SH,{year},AML,9" for year in range(2000, 2024)), "GD,2024,XX,4"]
    )

    (submission,) = await _load(operator, path, tolerance=10)

    assert submission.outcome is Outcome.LOADED
    assert [tuple(row) for row in await operator.fetch("table intake.activity_rejection")] == [
        (
            1,
            29,
            "INDICATION",
            "VALUE_UNKNOWN",
            "INDICATION must be the code of an indication, for instance AML.",
        )
    ]


async def test_reports_are_append_only(
    owner: Connection, operator: Connection, tmp_path: Path
) -> None:
    """The database refuses to change or remove what a bank reported, to the owner too."""
    await _load(operator, write_report(tmp_path, "1.csv", ["GD,2024,AML,41"]))

    for table in ("activity_submission", "activity_report", "activity_count"):
        for statement in ("delete from intake.{}", "truncate intake.{} cascade"):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await owner.execute(statement.format(table))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute("update intake.activity_count set units = 1")


def test_the_command(database: Access, tmp_path: Path) -> None:
    """Synthetic reports of all banks are loaded, a faulty file is told of, exit code 1."""
    files = write_activity(tmp_path, units=7_000, seed=1)
    bad = write_report(tmp_path, "bad.csv", ["GD,2024,AML,-4"])
    report = tmp_path / "report.json"

    run = Runner(database, tmp_path, "intake", "activity")
    result = run(*map(str, files), str(bad), "--report", str(report), code=1)

    assert "BJ_ACTIVITY.csv: loaded as activity submission 1: 22 reports (BJ 22)" in result.stdout
    assert 'line 5, GD, NUMBER_OUT_OF_RANGE, "-4": UNITS must lie between 0' in result.stdout
    written = json.loads(report.read_text("utf-8"))
    assert [file["outcome"] for file in written["files"]] == ["LOADED"] * 7 + ["REFUSED"]
    assert written["files"][7]["faults"][0]["file"] == str(bad)
