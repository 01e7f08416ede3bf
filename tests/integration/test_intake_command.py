"""`cordgraph intake` as a user runs it: exit codes, what it prints, and how it dies."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from database.access import Access
from database.pool import Connection
from tests.bank_files import inventory, unit

_ROOT = Path(__file__).parents[2]
_SCRIPT = """
from commands.intake import intake
from commands.shell import Shell
Shell(name="cordgraph", commands={"intake": intake})()
"""
_COMMAND = (sys.executable, "-c", _SCRIPT, "intake")
_DATABASE_VARIABLES = ("DATABASE_URL", "CORDGRAPH_")
_DEATHS = 4
_IS_UNDER_WAY = """
select exists (select from pg_locks l join pg_database d on d.oid = l.database
               where l.locktype = 'advisory' and l.granted and d.datname = current_database())
from pg_sleep(0.01)
"""


def _environ(**environ: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_DATABASE_VARIABLES)}
    return {**inherited, **environ}


def _run(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_COMMAND, *map(str, arguments)],
        cwd=_ROOT,
        env=_environ(**environ),
        capture_output=True,
        text=True,
        check=False,
    )


def _write(folder: Path, name: str, *units: str) -> Path:
    path = folder / name
    path.write_text(inventory(*units), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A valid inventory and one with two faults."""
    return (
        _write(tmp_path, "BJ full.xml", unit("BJ-1"), unit("BJ-2", CONSENT_OPEN_DATA="N")),
        _write(tmp_path, "GD.xml", unit("GD-1", BANK_MANUF_ID="GD", ABO="X", VOL="5")),
    )


def test_a_refused_file_exits_with_1_and_the_other_is_loaded(
    database: Access, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Both files are told of, with line, unit, code and sentence; the report has the same."""
    good, bad = files
    report = tmp_path / "report.json"

    result = _run(
        good, bad, "--report", report, CORDGRAPH_OPERATOR_URL=database.require("operator")
    )

    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        f"{good}: loaded as submission 1: 2 units (BJ 2), 1 with consent; synthetic.",
        "  2 added, 0 changed, 0 unchanged, 0 removed",
        f"{bad}: REFUSED; nothing of it is loaded: 1 of 1 units read have faults.",
        "  faults: VALUE_UNKNOWN 1, NUMBER_OUT_OF_RANGE 1",
        '    line 8, GD GD-1, VALUE_UNKNOWN, "X": ABO must be one of A, B, O, AB.',
        '    line 17, GD GD-1, NUMBER_OUT_OF_RANGE, "5": VOL must lie between 10 and 999.9.',
    ]
    written: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert written["format"] == 1
    assert [file["outcome"] for file in written["files"]] == ["LOADED", "REFUSED"]
    assert written["files"][1]["fault_counts"] == {"VALUE_UNKNOWN": 1, "NUMBER_OUT_OF_RANGE": 1}
    assert written["files"][1]["faults"][0] == {
        "file": str(bad),
        "code": "VALUE_UNKNOWN",
        "message": "ABO must be one of A, B, O, AB.",
        "line": 8,
        "field": "ABO",
        "value": "X",
        "bank": "GD",
        "unit": "GD-1",
    }
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.json"]


def test_all_loaded_exits_with_0_and_again(database: Access, files: tuple[Path, Path]) -> None:
    """The second run of the same file is a no-op that says so."""
    operator = {"CORDGRAPH_OPERATOR_URL": database.require("operator")}

    first, second = _run(files[0], **operator), _run(files[0], **operator)

    assert (first.returncode, second.returncode) == (0, 0)
    assert "nothing to do: submission 1 of " in second.stdout


def test_an_unreadable_file_does_not_stop_the_others(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    """A file without the right to read it is a fault of that file; the other one is taken."""
    closed = _write(tmp_path, "closed.xml", unit("GD-1", BANK_MANUF_ID="GD"))
    closed.chmod(0)
    powers = "-dac_override,-dac_read_search"
    as_others = ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"]

    result = subprocess.run(
        [*(as_others if os.geteuid() == 0 else []), *_COMMAND, closed, files[0], "--dry-run"],
        cwd=_ROOT,
        env=_environ(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        f"{closed}: REFUSED; nothing of it is loaded.",
        "  faults: FILE_UNREADABLE 1",
        "    FILE_UNREADABLE: The file cannot be read: Permission denied.",
        f"{files[0]}: valid, not loaded: 2 units (BJ 2), 1 with consent; synthetic.",
    ]


def test_a_removal_has_to_be_allowed(database: Access, tmp_path: Path) -> None:
    """A file of one unit after one of 1,002 is refused without --allow-removals."""
    operator = {"CORDGRAPH_OPERATOR_URL": database.require("operator")}
    whole = _write(tmp_path, "whole.xml", *(unit(f"BJ-{number}") for number in range(1_002)))
    part = _write(tmp_path, "part.xml", unit("BJ-1"))
    _run(whole, **operator)

    refused, loaded = _run(part, **operator), _run(part, "--allow-removals", **operator)

    assert (refused.returncode, loaded.returncode) == (1, 0)
    assert "SNAPSHOT_SHRINKS 1" in refused.stdout
    assert "0 added, 0 changed, 1 unchanged, 1,001 removed" in loaded.stdout


def test_many_faults_are_counted_and_20_are_shown(tmp_path: Path) -> None:
    """The terminal shows the first, and says how many more there are."""
    path = _write(tmp_path, "BJ.xml", *(unit(f"BJ-{number}", ABO="X") for number in range(25)))

    lines = _run(path, "--dry-run").stdout.splitlines()

    assert len(lines) == 23
    assert lines[1] == "  faults: VALUE_UNKNOWN 25"
    assert lines[22] == "    ... and 5 more; --report FILE.json lists them"


def test_a_dry_run_needs_no_database(files: tuple[Path, Path]) -> None:
    """It exits with 0 for a valid file and with 1 for another, and reaches no server."""
    nowhere = {"CORDGRAPH_OPERATOR_URL": "postgresql://operator@127.0.0.1:1/nowhere"}

    valid, refused = _run(files[0], "--dry-run", **nowhere), _run(*files, "--dry-run", **nowhere)

    assert (valid.returncode, refused.returncode) == (0, 1)
    assert valid.stdout == (
        f"{files[0]}: valid, not loaded: 2 units (BJ 2), 1 with consent; synthetic.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Missing argument 'FILE...'"),
        (["{file}", "--bank", "XX"], "'XX' is not one of"),
        (["{file}", "--tolerance", "101"], "not a percentage from 0 to 100"),
        (["{file}", "--tolerance", "nan"], "not a percentage from 0 to 100"),
        (["{file}", "--report", "/nowhere/r.json"], "does not exist"),
        (["{file}", "--report", "{file}"], "is an inventory to read"),
    ],
)
def test_wrong_usage_exits_with_2(
    files: tuple[Path, Path], arguments: list[str], says: str
) -> None:
    """Nothing is read or written before the options make sense."""
    before = files[0].read_bytes()

    result = _run(*(argument.format(file=files[0]) for argument in arguments))

    assert (result.returncode, says in result.stderr) == (2, True)
    assert files[0].read_bytes() == before


def test_no_database_exits_with_3(files: tuple[Path, Path]) -> None:
    """An address without a server is told in one sentence, without a traceback."""
    result = _run(
        files[0], CORDGRAPH_OPERATOR_URL="postgresql://operator:secret@127.0.0.1:1/nowhere"
    )

    assert result.returncode == 3
    assert "error: cannot connect to operator@127.0.0.1:1/nowhere" in result.stderr
    assert "Traceback" not in result.stderr
    assert "secret" not in result.stderr


def test_the_embedded_server_is_made_ready(home: Path, files: tuple[Path, Path]) -> None:
    """On a machine where nothing was set up, intake migrates, loads and stops the server."""
    result = _run(files[0], CORDGRAPH_HOME=str(home))

    assert (result.returncode, result.stdout.splitlines()[1]) == (
        0,
        "  2 added, 0 changed, 0 unchanged, 0 removed",
    )
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_help_has_an_example() -> None:
    """The help shows how to call it and what the exit codes mean."""
    text = _run("--help").stdout

    assert "Examples:\n    cordgraph intake inventory/*.xml --report intake.json\n" in text
    assert "Exit code 0:" in text


@asynccontextmanager
async def _loading(operator: Connection, path: Path, access: Access) -> AsyncIterator[int]:
    """Start the command and give its process id once its transaction is under way; then wait."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        str(path),
        cwd=_ROOT,
        env=_environ(CORDGRAPH_OPERATOR_URL=access.require("operator")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        while not await operator.fetchval(_IS_UNDER_WAY):
            assert process.returncode is None
        yield process.pid
        async with asyncio.timeout(60):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _counts(operator: Connection) -> tuple[int, ...]:
    row = await operator.fetchrow(
        "select (select count(*) from intake.raw_unit), "
        "(select count(*) from intake.submission), (select count(*) from intake.audit_log)"
    )
    assert row is not None
    return tuple(row)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_an_intake_that_dies_leaves_nothing(
    database: Access, owner: Connection, operator: Connection, tmp_path: Path, number: int
) -> None:
    """A signal at random moments of the transaction: no row of the file, and the next run loads.

    A lock on the table that is written last keeps the command from coming to its end before.
    """
    chance = random.Random(number)
    units = 4_000
    path = _write(tmp_path, "BJ.xml", *(unit(f"BJ-{number}") for number in range(units)))
    for _ in range(_DEATHS):
        async with owner.transaction():
            await owner.execute("lock table intake.audit_log in share mode")
            async with _loading(operator, path, database) as process:
                await asyncio.sleep(chance.uniform(0, 1.2))
                os.kill(process, number)
        assert await _counts(operator) == (0, 0, 0)

    result = _run(path, CORDGRAPH_OPERATOR_URL=database.require("operator"))

    assert result.returncode == 0
    assert await _counts(operator) == (units, 1, 1)
