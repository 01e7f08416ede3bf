"""Files of banks on their way into the intake zone, on a real database."""

import asyncio
import datetime as dt
import gzip
import os
import random
from pathlib import Path
from typing import Any

import pytest

from database.access import Access
from database.pool import Connection, connect
from publishing.intake.faults import Code
from publishing.intake.loading import check, take_in
from publishing.intake.submission_report import Changes, Outcome, SubmissionReport
from tests.bank_files import inventory, unit

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_PRIVATE = {
    "GRID": "PRIVATE9999999GRID9",
    "ATTR": "PAT",
    "LOCAL_ID": "PRIVATE-LOCAL",
    "BAG_ID": "PRIVATE-BAG",
    "RSV_PAT": "PRIVATE-PATIENT",
}
_BLOCKS = (
    "<MAT><ID>PRIVATE-MOTHER</ID></MAT>",
    "<IDM><CMV>PRIVATE-CMV</CMV></IDM>",
    "<KIR><KIR2DL1>PRIVATE-KIR</KIR2DL1></KIR>",
    "<NEW>PRIVATE-NEW</NEW>",
)


def _write(folder: Path, name: str, *units: str, **attributes: str | None) -> Path:
    path = folder / name
    path.write_text(inventory(*units, **attributes), encoding="utf-8")
    return path


async def _take(
    connection: Connection, *files: Path, bank: str | None = None, tolerance: float = 0.0
) -> list[SubmissionReport]:
    return await take_in(connection, files, bank=bank, tolerance=tolerance, now=_NOW)


async def _stored(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """Return submission, status and consent of each unit by bank and number."""
    rows = await connection.fetch(
        "select bank || '/' || unit_number, submission_id, status, consent from intake.raw_unit"
    )
    return {row[0]: tuple(row)[1:] for row in rows}


async def _everything(connection: Connection) -> str:
    """Return all rows of the tables that intake writes, as text."""
    tables = ("submission", "raw_unit", "rejection", "unit_map", "audit_log")
    parts = [await connection.fetch(f"select t::text from intake.{table} t") for table in tables]  # noqa: S608
    return "\n".join(row[0] for rows in parts for row in rows)


async def _publish(connection: Connection, number: str, release: int | None) -> None:
    await connection.execute(
        "insert into intake.unit_map (raw_unit_id, scheme, unit_id, release) "
        "select id, 1, 'cbu_' || lpad(id::text, 20, '0'), $2 from intake.raw_unit "
        "where unit_number = $1",
        number,
        release,
    )


async def test_a_valid_file_is_loaded(operator: Connection, tmp_path: Path) -> None:
    """Its units become rows as submitted, with the submission and one audit row of counts."""
    path = _write(tmp_path, "BJ.xml", unit("BJ-1"), unit("BJ-2", CONSENT_OPEN_DATA=None, ABO=None))

    (report,) = await _take(operator, path)

    row = await operator.fetchrow("select * from intake.raw_unit where unit_number = 'BJ-1'")
    assert row is not None
    assert {name: value for name, value in row.items() if name != "id"} == {
        "submission_id": report.submission,
        "line": 4,
        "bank": "BJ",
        "unit_number": "BJ-1",
        "birth_date": dt.date(2015, 6, 1),
        "collection_date": dt.date(2015, 6, 1),
        "status": "AV",
        "consent": True,
        "synthetic": True,
        "abo": "AB",
        "tnc_frozen": 1.2e9,
        "cd34_frozen": 4.2e6,
        "volume_ml": 98.5,
        "product_modification": "PRR",
        "hla": {
            "A": {"DNA": ["11:01", "24:02"]},
            "B": {"DNA": ["46:01", None]},
            "DRB1": {"SER": ["9", None], "DNA": ["09:01", None]},
        },
        "hla_normal": {
            "A": ["11:01", "24:02"],
            "B": ["46:01", None],
            "DRB1": ["09:01", None],
        },
        "hla_key": "11,24 46 09",
    }
    assert (await _stored(operator))["BJ/BJ-2"] == (report.submission, "AV", False)
    submission = await operator.fetchrow(
        "select file_name, content_sha256, update_mode, synthetic, banks, snapshot_time, "
        "units_read, units_rejected from intake.submission"
    )
    assert submission is not None
    assert tuple(submission) == (
        "BJ.xml",
        report.sha256,
        "FULL",
        True,
        ["BJ"],
        dt.datetime(2025, 12, 31, 16, tzinfo=dt.UTC),
        2,
        0,
    )
    audit = await operator.fetchrow("select action, subject, details from intake.audit_log")
    assert audit is not None
    assert tuple(audit) == (
        "intake.load",
        f"submission {report.submission}",
        {
            "content_sha256": report.sha256,
            "format": "XML",
            "update_mode": "FULL",
            "banks": ["BJ"],
            "units_read": 2,
            "units_refused": 0,
            "added": 2,
            "changed": 0,
            "unchanged": 0,
            "removed": 0,
            "published_missing": 0,
            "published_differing": 0,
            "consent_withdrawn": 0,
            "changed_fields": {},
            "published_fields": {},
        },
    )
    assert report.outcome is Outcome.LOADED
    assert report.changes == Changes(added=2)
    assert report.units_consented == 1
    assert report.banks == {"BJ": 2}


async def test_the_same_content_again_is_a_no_op(operator: Connection, tmp_path: Path) -> None:
    """By its bytes, whatever its name; it says which submission it was, and changes no row."""
    first = _write(tmp_path, "BJ.xml", unit("BJ-1"))
    copy = _write(tmp_path, "copy.xml", unit("BJ-1"))
    (loaded,) = await _take(operator, first)
    before = await _everything(operator)

    reports = await _take(operator, first, copy)

    assert [(report.outcome, report.submission) for report in reports] == [
        (Outcome.KNOWN, loaded.submission),
        (Outcome.KNOWN, loaded.submission),
    ]
    assert await _everything(operator) == before


async def test_dropped_values_are_stored_nowhere(operator: Connection, tmp_path: Path) -> None:
    """Of mother, markers, KIR, patient and other ids no byte is in a row or in the report."""
    good = unit("BJ-1", *_BLOCKS, ETHN="ASSE", CCR5="WW", **_PRIVATE)
    bad = unit("BJ-2", ABO="X", SEX="PRIVATE-SEX", **{**_PRIVATE, "GRID": "PRIVATE-SHORT"})
    path = _write(tmp_path, "BJ.xml", good, bad)

    (report,) = await _take(operator, path, tolerance=50)

    assert report.outcome is Outcome.LOADED
    assert "PRIVATE" not in await _everything(operator)
    assert "PRIVATE" not in str(report.as_json())
    rejections = await operator.fetch(
        "select line, unit_number, field, code, message from intake.rejection order by line, code"
    )
    assert [tuple(row) for row in rejections] == [
        (37, "BJ-2", "SEX", "VALUE_UNKNOWN", "SEX must be one of M, F."),
        (38, "BJ-2", "ABO", "VALUE_UNKNOWN", "ABO must be one of A, B, O, AB. Found: X"),
        (52, "BJ-2", "GRID", "LENGTH_WRONG", "GRID must have exactly 19 characters."),
    ]


async def test_a_newer_inventory_replaces_the_older(operator: Connection, tmp_path: Path) -> None:
    """Units are added, changed and removed; unchanged rows and other banks stay as they are."""
    other = _write(tmp_path, "GD.xml", unit("GD-1", BANK_MANUF_ID="GD"))
    older = _write(tmp_path, "1.xml", unit("BJ-1"), unit("BJ-2"), unit("BJ-3"))
    newer = _write(tmp_path, "2.xml", unit("BJ-1"), unit("BJ-2", STATUS="RS"), unit("BJ-4"))
    first = await _take(operator, other, older)
    (second,) = await _take(operator, newer)

    assert second.changes == Changes(
        added=1, changed=1, unchanged=1, removed=1, changed_fields={"STATUS": 1}
    )
    assert await _stored(operator) == {
        "GD/GD-1": (first[0].submission, "AV", True),
        "BJ/BJ-1": (first[1].submission, "AV", True),
        "BJ/BJ-2": (second.submission, "RS", True),
        "BJ/BJ-4": (second.submission, "AV", True),
    }


async def test_an_older_inventory_does_not_come_back(operator: Connection, tmp_path: Path) -> None:
    """A file that a newer one replaced is known; the report says that the newer one stays."""
    older = _write(tmp_path, "1.xml", unit("BJ-1"))
    newer = _write(tmp_path, "2.xml", unit("BJ-2"))
    await _take(operator, older)
    (second,) = await _take(operator, newer)

    (again,) = await _take(operator, older)

    assert again.outcome is Outcome.KNOWN
    assert [finding.code for finding in again.warnings.kept] == [Code.SUPERSEDED]
    assert f"Submission {second.submission} is newer" in again.warnings.kept[0].message
    assert list(await _stored(operator)) == ["BJ/BJ-2"]


async def test_published_units_are_left_untouched(operator: Connection, tmp_path: Path) -> None:
    """What a release holds is neither changed nor removed; the differences are counted."""
    numbers = [f"BJ-{number}" for number in range(1, 9)]
    older = _write(tmp_path, "1.xml", *map(unit, numbers))
    await _take(operator, older)
    for number in ("BJ-1", "BJ-2", "BJ-3", "BJ-4"):
        await _publish(operator, number, 1)
    for number in ("BJ-5", "BJ-6", "BJ-7"):
        await _publish(operator, number, None)
    before = await _stored(operator)
    newer = _write(
        tmp_path,
        "2.xml",
        unit("BJ-1"),
        unit("BJ-2", STATUS="RS"),
        unit("BJ-3", CONSENT_OPEN_DATA="N"),
        unit("BJ-5", STATUS="RS"),
        unit("BJ-6", CONSENT_OPEN_DATA="N"),
    )

    (report,) = await _take(operator, newer)

    assert report.changes == Changes(
        added=0,
        changed=2,
        unchanged=1,
        removed=2,
        published_missing=1,
        published_differing=2,
        consent_withdrawn=1,
        changed_fields={"CONSENT_OPEN_DATA": 1, "STATUS": 1},
        published_fields={"CONSENT_OPEN_DATA": 1, "STATUS": 1},
    )
    after = await _stored(operator)
    assert {number: after[number] for number in sorted(after)} == {
        "BJ/BJ-1": before["BJ/BJ-1"],
        "BJ/BJ-2": before["BJ/BJ-2"],
        "BJ/BJ-3": before["BJ/BJ-3"],
        "BJ/BJ-4": before["BJ/BJ-4"],
        "BJ/BJ-5": (report.submission, "RS", True),
        "BJ/BJ-6": (report.submission, "AV", False),
    }
    mapped = await operator.fetch(
        "select r.unit_number, m.release from intake.unit_map m "
        "join intake.raw_unit r on r.id = m.raw_unit_id order by 1"
    )
    assert [tuple(row) for row in mapped] == [
        ("BJ-1", 1),
        ("BJ-2", 1),
        ("BJ-3", 1),
        ("BJ-4", 1),
        ("BJ-5", None),
    ]


async def test_one_fault_refuses_the_file(operator: Connection, tmp_path: Path) -> None:
    """Without tolerance nothing is loaded, every fault is told, and other files are loaded."""
    faulty = _write(tmp_path, "BJ.xml", unit("BJ-1"), unit("BJ-2", ABO="X"), unit("BJ-1"))
    fine = _write(tmp_path, "GD.xml", unit("GD-1", BANK_MANUF_ID="GD"))

    refused, loaded = await _take(operator, faulty, fine)

    assert refused.refused
    assert (refused.units_read, refused.units_refused) == (3, 2)
    assert [(fault.code, fault.line, fault.message) for fault in refused.faults.kept] == [
        (Code.VALUE_UNKNOWN, 27, "ABO must be one of A, B, O, AB."),
        (
            Code.DUPLICATE_ID,
            43,
            "ID must be unique in its bank; the unit that begins on line 4 has it.",
        ),
    ]
    assert not loaded.refused
    assert list(await _stored(operator)) == ["GD/GD-1"]
    assert await operator.fetchval("select count(*) from intake.submission") == 1
    assert await operator.fetchval("select count(*) from intake.rejection") == 0


@pytest.mark.parametrize(("tolerance", "outcome"), [(25, Outcome.LOADED), (24.9, Outcome.REFUSED)])
async def test_tolerance_is_a_share_of_the_units(
    operator: Connection, tmp_path: Path, tolerance: float, outcome: Outcome
) -> None:
    """One of four units may be refused at 25 %, and is listed as a rejection."""
    numbers = ("BJ-1", "BJ-2", "BJ-3")
    path = _write(tmp_path, "BJ.xml", *map(unit, numbers), unit("BJ-4", ABO="X", VOL="0"))

    (report,) = await _take(operator, path, tolerance=tolerance)

    loaded = outcome is Outcome.LOADED
    assert report.outcome is outcome
    assert sorted(await _stored(operator)) == (["BJ/BJ-1", "BJ/BJ-2", "BJ/BJ-3"] if loaded else [])
    submissions = await operator.fetch("select units_read, units_rejected from intake.submission")
    assert [tuple(row) for row in submissions] == ([(4, 1)] if loaded else [])
    assert await operator.fetchval("select count(*) from intake.rejection") == 2 * loaded


async def test_a_file_without_an_accepted_unit_is_refused(
    operator: Connection, tmp_path: Path
) -> None:
    """Not even full tolerance turns an inventory of faults into an empty one."""
    await _take(operator, _write(tmp_path, "1.xml", unit("BJ-1")))
    empty = _write(tmp_path, "2.xml")
    faulty = _write(tmp_path, "3.xml", unit("BJ-2", ABO="X"))

    reports = await _take(operator, empty, faulty, tolerance=100, bank="BJ")

    assert [report.outcome for report in reports] == [Outcome.REFUSED, Outcome.REFUSED]
    assert reports[0].faults.counts == {Code.NO_UNITS: 1}
    assert list(await _stored(operator)) == ["BJ/BJ-1"]


async def test_a_fault_of_the_file_is_told_first(operator: Connection, tmp_path: Path) -> None:
    """What ends the reading comes before the faults of units that were read until then."""
    path = _write(tmp_path, "BJ.xml", unit("BJ-1", ABO="X"), "<CBU><ID>", POOL="1")

    (report,) = await _take(operator, path)

    assert [fault.code for fault in report.faults.kept] == [
        Code.ATTRIBUTE_INVALID,
        Code.XML_SYNTAX,
        Code.VALUE_UNKNOWN,
    ]
    assert (report.units_read, report.units_refused) == (1, 1)


async def test_a_wrong_attribute_refuses_the_file(operator: Connection, tmp_path: Path) -> None:
    """No tolerance covers faults of the file itself."""
    path = _write(tmp_path, "BJ.xml", unit("BJ-1"), POOL="1")

    (report,) = await _take(operator, path, tolerance=100)

    assert report.refused
    assert report.faults.counts == {Code.ATTRIBUTE_INVALID: 1}
    assert await _stored(operator) == {}


async def test_a_bank_comes_once_in_a_run(operator: Connection, tmp_path: Path) -> None:
    """A second inventory of a bank that was loaded is refused and names the first file."""
    first = _write(tmp_path, "first.xml", unit("BJ-1"))
    second = _write(tmp_path, "second.xml", unit("GD-1", BANK_MANUF_ID="GD"), unit("BJ-2"))

    loaded, refused = await _take(operator, first, second)

    assert (loaded.outcome, refused.outcome) == (Outcome.LOADED, Outcome.REFUSED)
    assert [(fault.code, fault.line, fault.bank) for fault in refused.faults.kept] == [
        (Code.BANK_TWICE, 23, "BJ")
    ]
    assert "came from first.xml" in refused.faults.kept[0].message
    assert list(await _stored(operator)) == ["BJ/BJ-1"]


async def test_a_refused_file_does_not_stand_in_the_way_of_its_bank(
    operator: Connection, tmp_path: Path
) -> None:
    """The broken and the mended file of a bank can be submitted together."""
    broken = _write(tmp_path, "broken.xml", unit("BJ-1", ABO="X"))
    mended = _write(tmp_path, "mended.xml", unit("BJ-1"))

    reports = await _take(operator, broken, mended)

    assert [report.outcome for report in reports] == [Outcome.REFUSED, Outcome.LOADED]


async def test_units_of_several_banks_stand_in_one_file(
    operator: Connection, tmp_path: Path
) -> None:
    """The same number at two banks is two units; the submission names both banks."""
    path = _write(tmp_path, "all.xml", unit("1"), unit("1", BANK_MANUF_ID="GD"))

    (report,) = await _take(operator, path)

    assert sorted(await _stored(operator)) == ["BJ/1", "GD/1"]
    assert report.banks == {"BJ": 1, "GD": 1}
    assert await operator.fetchval("select banks from intake.submission") == ["BJ", "GD"]


async def test_a_known_file_is_not_given_to_another_bank(
    operator: Connection, tmp_path: Path
) -> None:
    """Content that was loaded for one bank cannot be named another's afterwards."""
    path = _write(tmp_path, "file.xml", unit("1", BANK_MANUF_ID="4912"))
    (loaded,) = await _take(operator, path, bank="SH")

    (again,) = await _take(operator, path, bank="SH")
    (other,) = await _take(operator, path, bank="ZJ")

    assert (loaded.outcome, again.outcome) == (Outcome.LOADED, Outcome.KNOWN)
    assert other.refused
    assert [fault.code for fault in other.faults.kept] == [Code.KNOWN_UNDER_OTHER_BANK]
    assert list(await _stored(operator)) == ["SH/1"]


def _unfit_files(folder: Path) -> dict[Code, Path]:
    text = inventory(unit("BJ-1"))
    (folder / "folder.xml").mkdir()
    (folder / "empty.xml").touch()
    (folder / "packed.xml").write_bytes(gzip.compress(text.encode()))
    (folder / "cut.xml").write_text(text[:-9], encoding="utf-8")
    os.mkfifo(folder / "pipe.xml")
    return {
        Code.FILE_MISSING: folder / "none.xml",
        Code.NOT_A_FILE: folder / "folder.xml",
        Code.FILE_EMPTY: folder / "empty.xml",
        Code.NOT_XML: folder / "packed.xml",
        Code.XML_TRUNCATED: folder / "cut.xml",
    }


async def test_what_is_no_inventory_is_refused(operator: Connection, tmp_path: Path) -> None:
    """Missing, empty, packed and cut files and folders give one fault each, and no row."""
    files = _unfit_files(tmp_path)

    reports = await _take(operator, *files.values(), tmp_path / "pipe.xml", tmp_path / "a\0b")

    assert [report.outcome for report in reports] == [Outcome.REFUSED] * 7
    assert [[fault.code for fault in report.faults.kept] for report in reports] == [
        *([code] for code in files),
        [Code.NOT_A_FILE],
        [Code.FILE_UNREADABLE],
    ]
    assert await _everything(operator) == ""


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"ID,BIRTH_DATE\n1,2015-06-01\n", "text without tags, perhaps CSV"),
        (b'{"ID": "1"}\n', "JSON"),
        (b"PK\x03\x04abc", "a ZIP archive or spreadsheet"),
        (b"\0" * 600, "text without tags, perhaps CSV"),
    ],
)
def test_other_kinds_of_file_are_named(tmp_path: Path, content: bytes, kind: str) -> None:
    """The fault says what the file seems to be."""
    path = tmp_path / "file.xml"
    path.write_bytes(content)

    (report,) = check([path])

    assert [fault.message for fault in report.faults.kept] == [
        f"The file is {kind}; send the inventory as plain XML."
    ]


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    """What was hashed and what was read must be the same bytes."""
    path = _write(tmp_path, "BJ.xml", *(unit(f"BJ-{number}") for number in range(1_000)))
    text = path.read_text(encoding="utf-8")

    def change(_stage: str, done: int, total: int | None) -> None:
        if done != total:
            path.write_text(text.replace("AV", "RS"), encoding="utf-8")

    (report,) = check([path], now=_NOW, report=change)

    assert report.refused
    assert report.faults.counts == {Code.FILE_CHANGED: 1}


def test_checking_tells_the_same_without_a_database(tmp_path: Path) -> None:
    """A dry run names the same faults, counts the same units and loads nothing."""
    good = _write(tmp_path, "1.xml", unit("BJ-1"))
    bad = _write(tmp_path, "2.xml", unit("GD-1", ABO="X", BANK_MANUF_ID="GD"))
    twice = _write(tmp_path, "3.xml", unit("BJ-2"))

    reports = check([good, bad, twice], now=_NOW)

    assert [report.outcome for report in reports] == [
        Outcome.VALID,
        Outcome.REFUSED,
        Outcome.REFUSED,
    ]
    assert [dict(report.faults.counts) for report in reports] == [
        {},
        {Code.VALUE_UNKNOWN: 1},
        {Code.BANK_TWICE: 1},
    ]


@pytest.mark.parametrize(("bank", "tolerance"), [("XX", 0), (None, -1), (None, float("nan"))])
def test_senseless_conditions_are_refused(bank: str | None, tolerance: float) -> None:
    """A bank that is none of ours and a tolerance that is no percentage raise at once."""
    with pytest.raises(ValueError, match="must be"):
        check([], bank=bank, tolerance=tolerance)


async def test_two_intakes_do_not_mix(database: Access, tmp_path: Path) -> None:
    """Two runs with the same files at once: each file is loaded by one and known to the other."""
    files = [
        _write(
            tmp_path,
            f"{bank}.xml",
            *(unit(str(number), BANK_MANUF_ID=bank) for number in range(300)),
        )
        for bank in ("BJ", "GD", "SC")
    ]
    connections = [await connect(database.require("operator")) for _ in range(2)]
    try:
        runs = await asyncio.gather(*(_take(connection, *files) for connection in connections))
        rows = await connections[0].fetchval("select count(*) from intake.raw_unit")
    finally:
        for connection in connections:
            await connection.close()

    assert rows == 900
    for outcomes in zip(*([report.outcome for report in run] for run in runs), strict=True):
        assert sorted(outcomes) == [Outcome.KNOWN, Outcome.LOADED]


async def test_progress_is_told_in_bytes(operator: Connection, tmp_path: Path) -> None:
    """Each file is a stage that ends at its size."""
    path = _write(tmp_path, "BJ.xml", unit("BJ-1"))
    told: list[tuple[str, int, int | None]] = []

    await take_in(operator, [path], now=_NOW, report=lambda *news: told.append(news))

    size = path.stat().st_size
    assert told == [("Reading BJ.xml", size, size)]


async def test_damaged_files_load_whole_or_not_at_all(operator: Connection, tmp_path: Path) -> None:
    """Of 150 files with damaged bytes, each leaves either all its units or no trace."""
    chance = random.Random(7)
    whole = inventory(*(unit(f"BJ-{number}") for number in range(5))).encode()
    outcomes: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
    for attempt in range(150):
        data = bytearray(whole)
        if attempt % 3 == 0:
            del data[chance.randrange(len(data)) :]
        else:
            data[chance.randrange(len(data))] = chance.choice((0, 60, 62, 38, 65, 200, 255))
        path = tmp_path / f"{attempt}.xml"
        path.write_bytes(data)
        before = await _everything(operator)
        (report,) = await _take(operator, path)
        outcomes[report.outcome] += 1
        if report.outcome is Outcome.LOADED:
            assert len(await _stored(operator)) == report.units_read == report.units_accepted
        else:
            assert await _everything(operator) == before

    assert outcomes[Outcome.LOADED] > 0
    assert outcomes[Outcome.REFUSED] > 0
