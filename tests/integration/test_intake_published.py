"""What banks say of units that are published already: the release stays, the operator learns."""

import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from database.access import Access
from database.pool import Connection, connect
from domain.failures import Refused
from publishing.gate import Profile
from publishing.intake.loading import take_in
from publishing.intake.published_difference import PublishedDifference, list_differences
from publishing.intake.submission_report import Changes, SubmissionReport
from publishing.intake.turn import hold_units
from publishing.plan import plan
from publishing.reference import load_reference
from publishing.release import publish
from publishing.withdrawal import Cause
from publishing.withdrawal_selection import Selection, plan_withdrawal
from tests.bank_tables import Fields, csv_text, deletion, fields

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_TODAY = _NOW.date()
_ROOT = Path(__file__).parents[2]
_BANKS = {"BJ": 2_000, "GD": 1_800, "SC": 1_500}
_TIMES = [f"2026-0{month}-01T00:00:00Z" for month in range(1, 8)]
_DATABASE_VARIABLES = ("DATABASE_URL", "CORDGRAPH_")


def _unit(bank: str, number: int, **changes: str | None) -> dict[str, str]:
    """Return a unit that is one of a class of many, and like no other donation."""
    cells = 1.1e9 + 1e6 * list(_BANKS).index(bank) + number
    same = {"BANK_MANUF_ID": bank, "TNC_FRZN": f"{cells:.0f}"}
    return fields(f"{bank}-{number}", **{**same, **changes})


async def _take(
    connection: Connection, folder: Path, units: Sequence[Fields], **attributes: str | None
) -> SubmissionReport:
    path = folder / "file.csv"
    path.write_text(csv_text(units, **attributes), encoding="utf-8")
    (report,) = await take_in(connection, [path], now=_NOW)
    assert not report.refused, report.faults.kept[:3]
    return report


async def _take_good(
    connection: Connection, folder: Path, units: Sequence[Fields], time: str
) -> SubmissionReport:
    """Take in a whole inventory although one per cent of it may be refused."""
    path = folder / "file.csv"
    path.write_text(csv_text(units, SNAPSHOT_TIME=time), encoding="utf-8")
    (report,) = await take_in(connection, [path], tolerance=1, now=_NOW)
    assert not report.refused, report.faults.kept[:3]
    return report


def _after(number: int) -> dict[str, str]:
    return {
        "UPDATE_MODE": "DIFF",
        "SNAPSHOT_TIME": _TIMES[number],
        "FOLLOWS": _TIMES[number - 1],
    }


@pytest.fixture
async def released(database: Access, tmp_path: Path) -> AsyncIterator[Connection]:
    """A database with one release of three banks, each of one class."""
    connection = await connect(database.require("operator"))
    try:
        await load_reference(connection)
        for bank, units in _BANKS.items():
            whole = [_unit(bank, number) for number in range(units)]
            await _take(connection, tmp_path, whole, SNAPSHOT_TIME=_TIMES[0])
        await publish(connection, keys=tmp_path / "keys", profile=Profile.SYNTHETIC, today=_TODAY)
        yield connection
    finally:
        await connection.close()


async def _everything_published(connection: Connection) -> str:
    tables = ("unit", "unit_class", "batch_class", "release")
    parts = [
        await connection.fetch(f"select t::text from open.{table} t order by 1")  # noqa: S608
        for table in tables
    ]
    raw = await connection.fetch(
        "select r::text from intake.raw_unit r join intake.unit_map on raw_unit_id = id "
        "where release is not null order by id"
    )
    return "\n".join(row[0] for rows in (*parts, raw) for row in rows)


async def _listed(
    connection: Connection, bank: str | None = None, *, consent_ended: bool = False
) -> list[tuple[object, ...]]:
    found: list[PublishedDifference] = await list_differences(
        connection, bank, consent_ended=consent_ended
    )
    return [
        (row.bank, row.unit_number, row.release, row.deleted, row.fields, row.consent_ended,
         row.submission)
        for row in found
    ]  # fmt: skip


_CHANGES = [
    deletion("BJ-1"),
    _unit("BJ", 2, CONSENT_OPEN_DATA="N", ABO="O"),
    _unit("BJ", 3, STATUS="RS"),
    _unit("BJ", 4),
    _unit("BJ", 9_999),
]
_NOTED = [
    ("BJ", "BJ-1", 1, True, [], False, 4),
    ("BJ", "BJ-2", 1, False, ["CONSENT_OPEN_DATA", "ABO"], True, 4),
    ("BJ", "BJ-3", 1, False, ["STATUS"], False, 4),
]


async def test_published_units_stay_and_are_reported(released: Connection, tmp_path: Path) -> None:
    """Not a byte that is published changes; deletions and corrections are counted by field."""
    before = await _everything_published(released)

    report = await _take(released, tmp_path, _CHANGES, **_after(1))

    assert await _everything_published(released) == before
    assert report.changes == Changes(
        added=1,
        unchanged=1,
        published_missing=1,
        published_differing=2,
        consent_withdrawn=1,
        published_fields={"ABO": 1, "CONSENT_OPEN_DATA": 1, "STATUS": 1},
    )
    assert report.as_json()["changes"]["published_fields"] == {
        "ABO": 1,
        "CONSENT_OPEN_DATA": 1,
        "STATUS": 1,
    }
    assert await _listed(released) == _NOTED
    assert await _listed(released, "GD") == []
    assert await _listed(released, "BJ", consent_ended=True) == [_NOTED[1]]


async def test_a_whole_inventory_reports_the_same(released: Connection, tmp_path: Path) -> None:
    """What it leaves out counts as deleted; what it says again is noted once."""
    await _take(released, tmp_path, _CHANGES, **_after(1))
    before = await _everything_published(released)
    ended = _unit("BJ", 2, CONSENT_OPEN_DATA="N", ABO="O")
    units = [ended, *(_unit("BJ", number) for number in range(3, 2_000))]

    report = await _take(released, tmp_path, units, SNAPSHOT_TIME=_TIMES[2])

    assert await _everything_published(released) == before
    assert report.changes == Changes(
        unchanged=1_997,
        removed=1,
        published_missing=2,
        published_differing=1,
        consent_withdrawn=1,
        published_fields={"ABO": 1, "CONSENT_OPEN_DATA": 1},
    )
    assert await _listed(released) == [
        ("BJ", "BJ-0", 1, True, [], False, 5),
        _NOTED[0],
        _NOTED[1],
    ]


async def test_what_is_taken_back_is_forgotten(released: Connection, tmp_path: Path) -> None:
    """A unit that is described as published again is listed no more; another difference is new."""
    await _take(released, tmp_path, _CHANGES, **_after(1))

    await _take(
        released,
        tmp_path,
        [_unit("BJ", 1), _unit("BJ", 2, ABO="O"), deletion("BJ-3")],
        **_after(2),
    )

    assert await _listed(released) == [
        ("BJ", "BJ-2", 1, False, ["ABO"], False, 5),
        ("BJ", "BJ-3", 1, True, [], False, 5),
    ]


async def test_the_gate_stays_closed_while_consent_has_ended(
    released: Connection, tmp_path: Path
) -> None:
    """A consent that a bank took back counts until its class is out, also once it is deleted."""
    await _take(released, tmp_path, _CHANGES, **_after(1))
    await _take(released, tmp_path, [deletion("BJ-2"), deletion("BJ-3")], **_after(2))

    assert await _listed(released, consent_ended=True) == [_NOTED[1]]
    planned = await plan(released, keys=tmp_path / "keys", profile=Profile.SYNTHETIC, today=_TODAY)

    assert "consent" in {check.name for check in planned.failed}


_CONSENT = "select consent from intake.raw_unit where unit_number = $1"


async def _end_consent(connection: Connection, number: str) -> None:
    with suppress(Refused):  # nothing of it is published
        await plan_withdrawal(connection, Selection("BJ", [number]), Cause.CONSENT, "Letter.")


@pytest.mark.parametrize("number", ["BJ-7", "BJ-9999"])
async def test_no_file_gives_back_a_consent_that_an_operator_ended(
    released: Connection, tmp_path: Path, number: str
) -> None:
    """A unit, published or not, is handed in again, changed, deleted and new, and has none."""
    said = fields(number, TNC_FRZN=_unit("BJ", int(number[3:]))["TNC_FRZN"])
    await _take(released, tmp_path, [said], **_after(1))
    await _end_consent(released, number)

    files = ([{**said, "ABO": "O"}], [deletion(number)], [said])
    for place, changes in enumerate(files, start=2):
        report = await _take(released, tmp_path, changes, **_after(place))
        assert await released.fetchval(_CONSENT, number) in (False, None)

    assert report.changes is not None
    assert report.changes.consent_withdrawn == 0
    assert await released.fetchval(_CONSENT, number) is False
    planned = await plan(released, keys=tmp_path / "keys", profile=Profile.SYNTHETIC, today=_TODAY)
    assert planned.inventory.without_consent == (number == "BJ-9999")


async def test_consent_that_ends_while_an_intake_runs_has_ended(
    released: Connection, operator: Connection
) -> None:
    """An operator's word waits for an intake that runs, which would else write over it."""
    async with asyncio.timeout(20):
        async with operator.transaction():
            await hold_units(operator)
            ending = asyncio.create_task(_end_consent(released, "BJ-7"))
            await asyncio.sleep(0.3)
            assert not ending.done()
        await ending
    assert await released.fetchval(_CONSENT, "BJ-7") is False


@pytest.mark.parametrize(
    "statement",
    [
        "delete from intake.ended_consent",
        "update intake.ended_consent set unit_number = 'x'",
        "truncate intake.ended_consent",
    ],
)
async def test_an_ended_consent_is_never_forgotten(
    released: Connection, owner: Connection, statement: str
) -> None:
    """Neither the operator nor the owner takes the record back."""
    await _end_consent(released, "BJ-7")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await released.execute(statement)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(statement)


async def test_a_refused_row_of_a_published_unit_is_no_deletion(
    released: Connection, tmp_path: Path
) -> None:
    """Under tolerance a consent that it does not give has ended; a row with consent says nothing.

    A row that is read stands beside a refused one of the same unit: the consent is gone as well.
    """
    before = await _everything_published(released)
    faulty: dict[str, str | None] = {"ABO": "Z"}
    units = [
        _unit("BJ", 1, **faulty, CONSENT_OPEN_DATA="N"),
        _unit("BJ", 2, **faulty, CONSENT_OPEN_DATA="?"),
        _unit("BJ", 3, **faulty, CONSENT_OPEN_DATA=None),
        _unit("BJ", 4, **faulty),
        _unit("BJ", 5, CONSENT_OPEN_DATA="N"),
        _unit("BJ", 5, **faulty),
        _unit("BJ", 6),
        _unit("BJ", 6, CONSENT_OPEN_DATA="N"),
        *(_unit("BJ", number) for number in range(7, 2_000)),
    ]

    report = await _take_good(released, tmp_path, units, _TIMES[1])

    assert await _everything_published(released) == before
    assert report.units_refused == 6
    assert report.changes == Changes(
        unchanged=1_993,
        published_missing=1,
        published_differing=5,
        consent_withdrawn=5,
        published_fields={"CONSENT_OPEN_DATA": 5},
    )
    ended = (False, ["CONSENT_OPEN_DATA"], True, 4)
    assert await _listed(released) == [
        ("BJ", "BJ-0", 1, True, [], False, 4),
        *(("BJ", f"BJ-{number}", 1, *ended) for number in (1, 2, 3, 5, 6)),
    ]
    planned = await plan(released, keys=tmp_path / "keys", profile=Profile.SYNTHETIC, today=_TODAY)
    assert "consent: 5 units" in " ".join(check.sentence for check in planned.failed)


async def test_a_refused_row_keeps_a_unit_of_another_bank_back(
    released: Connection, tmp_path: Path
) -> None:
    """The inventory of a bank of which no row is good stays, without the consent that ended."""
    await _take(released, tmp_path, [_unit("BJ", 9_999)], **_after(1))
    units = [_unit("BJ", 9_999, ABO="Z", CONSENT_OPEN_DATA="N")]
    units += [_unit("GD", number) for number in range(1_800)]

    await _take_good(released, tmp_path, units, _TIMES[2])

    assert await released.fetchval(_CONSENT, "BJ-9999") is False
    assert await _listed(released) == []


def _run(access: Access, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_DATABASE_VARIABLES)}
    return subprocess.run(
        [sys.executable, "-c", "from commands.main import main; main()", *arguments],
        cwd=_ROOT,
        env={**inherited, "CORDGRAPH_OPERATOR_URL": access.require("operator")},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_operator_lists_them(
    released: Connection, database: Access, tmp_path: Path
) -> None:
    """As a table, as numbers for a withdrawal, and as JSON; numbers need a bank."""
    empty = _run(database, "bank", "differences")
    await _take(released, tmp_path, _CHANGES, **_after(1))

    table = _run(database, "bank", "differences", "BJ")
    numbers = _run(database, "bank", "differences", "BJ", "--consent-ended", "--numbers")
    written = _run(database, "bank", "differences", "--json")
    wrong = _run(database, "bank", "differences", "--numbers")

    assert empty.stdout == "No published unit differs.\n"
    assert [
        line.replace("│", " ").split()[:5] for line in table.stdout.splitlines() if "BJ-" in line
    ] == [
        ["BJ", "BJ-1", "1", "deleted", "submission"],
        ["BJ", "BJ-2", "1", "CONSENT_OPEN_DATA,", "ABO"],
        ["BJ", "BJ-3", "1", "STATUS", "submission"],
    ]
    assert numbers.stdout == "BJ-2\n"
    rows = json.loads(written.stdout)
    assert {**rows[1], "receivedAt": None} == {
        "bank": "BJ",
        "unit": "BJ-2",
        "release": 1,
        "deleted": False,
        "fields": ["CONSENT_OPEN_DATA", "ABO"],
        "consentEnded": True,
        "submission": 4,
        "receivedAt": None,
    }
    assert [row["unit"] for row in rows] == ["BJ-1", "BJ-2", "BJ-3"]
    assert (wrong.returncode, "--numbers goes with CODE" in wrong.stderr) == (2, True)
