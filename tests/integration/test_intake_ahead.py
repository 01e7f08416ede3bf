"""Files that other processes read while this one loads those before them."""

from pathlib import Path
from typing import Any

import pytest

from database.pool import Connection
from domain.progress import silent
from publishing.intake import ahead as reading_ahead
from publishing.intake.loading import take_in
from publishing.synthesis.inventory import write_inventory

UNITS = "select bank, unit_number, line, abo, tnc_frozen, consent, hla from intake.raw_unit"


@pytest.fixture(autouse=True)
def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are read ahead too."""
    monkeypatch.setattr(reading_ahead, "_WORTH_BYTES", 0)


async def _outcome(
    connection: Connection, files: list[Path], tolerance: float = 0.0
) -> list[dict[str, Any]]:
    reports = await take_in(connection, files, tolerance=tolerance)
    return [report.as_json() for report in reports]


async def _both_ways(
    connection: Connection, files: list[Path], monkeypatch: pytest.MonkeyPatch, tolerance: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Take files in within transactions that are undone, ahead and one after the other."""
    outcomes = []
    for worth in (0, 10**12):
        monkeypatch.setattr(reading_ahead, "_WORTH_BYTES", worth)
        undone = connection.transaction()
        await undone.start()
        found = await _outcome(connection, files, tolerance)
        rows = [tuple(row) for row in await connection.fetch(f"{UNITS} order by 1, 2")]
        await undone.rollback()
        for report in found:
            for name in ("submission", "received_at"):
                report.pop(name, None)
        outcomes.append([*found, {"rows": rows}])
    return outcomes[0], outcomes[1]


@pytest.mark.parametrize("tolerance", [0.0, 5.0])
async def test_reports_and_units_are_the_same_either_way(
    operator: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tolerance: float
) -> None:
    """Good files, faulty units, a bank that comes twice and what is no XML make equal reports."""
    files = write_inventory(tmp_path / "inventory", units=3_000, seed=1)
    faulty = files[1].read_text(encoding="utf-8").replace("<ABO>A</ABO>", "<ABO>X</ABO>", 3)
    files[1].write_text(faulty, encoding="utf-8")
    again = tmp_path / "again.xml"
    again.write_bytes(files[0].read_bytes() + b"\n")
    broken = tmp_path / "broken.xml"
    broken.write_bytes(files[2].read_bytes()[:-400])
    files = [*files[:3], again, broken, tmp_path / "missing.xml", *files[3:]]
    ahead, plain = await _both_ways(operator, files, monkeypatch, tolerance)
    assert ahead == plain
    outcomes = [report["outcome"] for report in ahead[:-1]]
    assert outcomes.count("LOADED") == (7 if tolerance else 6)
    assert len(ahead[-1]["rows"]) > 2_000


async def test_a_process_that_is_killed_leaves_the_file_to_this_one(
    operator: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its units are void, and the file is read again here."""
    files = write_inventory(tmp_path, units=3_000, seed=2)
    started = reading_ahead._Helper.__init__

    def killed(self: Any, *arguments: Any) -> None:
        started(self, *arguments)
        self._process.kill()

    monkeypatch.setattr(reading_ahead._Helper, "__init__", killed)
    reports = await take_in(operator, files, report=silent)
    assert [report.outcome.value for report in reports] == ["LOADED"] * 7
    assert await operator.fetchval("select count(*) from intake.raw_unit") == 3_000


async def test_files_that_were_taken_in_before_end_their_processes(
    operator: Connection, tmp_path: Path
) -> None:
    """A second run of the same files changes nothing."""
    files = write_inventory(tmp_path, units=700, seed=3)
    await take_in(operator, files)
    reports = await take_in(operator, files)
    assert {report.outcome.value for report in reports} == {"KNOWN"}
