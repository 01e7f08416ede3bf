"""Files of banks on their way into the intake zone, on a real database."""

import asyncio
import datetime as dt
import random
from pathlib import Path

from database.access import Access
from database.pool import Connection, connect
from publishing.intake.faults import Code
from publishing.intake.loading import take_in
from publishing.intake.submission_report import Changes, Outcome
from tests.bank_files import inventory, unit
from tests.intake_runs import NOW, everything_stored, stored_units, take_files, write_file

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
    path = write_file(
        tmp_path, "BJ.xml", unit("BJ-1"), unit("BJ-2", CONSENT_OPEN_DATA=None, ABO=None)
    )

    (report,) = await take_files(operator, path)

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
    assert (await stored_units(operator))["BJ/BJ-2"] == (report.submission, "AV", False)
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
    first = write_file(tmp_path, "BJ.xml", unit("BJ-1"))
    copy = write_file(tmp_path, "copy.xml", unit("BJ-1"))
    (loaded,) = await take_files(operator, first)
    before = await everything_stored(operator)

    reports = await take_files(operator, first, copy)

    assert [(report.outcome, report.submission) for report in reports] == [
        (Outcome.KNOWN, loaded.submission),
        (Outcome.KNOWN, loaded.submission),
    ]
    assert await everything_stored(operator) == before


async def test_dropped_values_are_stored_nowhere(operator: Connection, tmp_path: Path) -> None:
    """Of mother, markers, KIR, patient and other ids no byte is in a row or in the report."""
    good = unit("BJ-1", *_BLOCKS, ETHN="ASSE", CCR5="WW", **_PRIVATE)
    bad = unit("BJ-2", ABO="X", SEX="PRIVATE-SEX", **{**_PRIVATE, "GRID": "PRIVATE-SHORT"})
    path = write_file(tmp_path, "BJ.xml", good, bad)

    (report,) = await take_files(operator, path, tolerance=50)

    assert report.outcome is Outcome.LOADED
    assert "PRIVATE" not in await everything_stored(operator)
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
    other = write_file(tmp_path, "GD.xml", unit("GD-1", BANK_MANUF_ID="GD"))
    older = write_file(tmp_path, "1.xml", unit("BJ-1"), unit("BJ-2"), unit("BJ-3"))
    newer = write_file(tmp_path, "2.xml", unit("BJ-1"), unit("BJ-2", STATUS="RS"), unit("BJ-4"))
    first = await take_files(operator, other, older)
    (second,) = await take_files(operator, newer)

    assert second.changes == Changes(
        added=1, changed=1, unchanged=1, removed=1, changed_fields={"STATUS": 1}
    )
    assert await stored_units(operator) == {
        "GD/GD-1": (first[0].submission, "AV", True),
        "BJ/BJ-1": (first[1].submission, "AV", True),
        "BJ/BJ-2": (second.submission, "RS", True),
        "BJ/BJ-4": (second.submission, "AV", True),
    }


async def test_an_older_inventory_does_not_come_back(operator: Connection, tmp_path: Path) -> None:
    """A file that a newer one replaced is known; the report says that the newer one stays."""
    older = write_file(tmp_path, "1.xml", unit("BJ-1"))
    newer = write_file(tmp_path, "2.xml", unit("BJ-2"))
    await take_files(operator, older)
    (second,) = await take_files(operator, newer)

    (again,) = await take_files(operator, older)

    assert again.outcome is Outcome.KNOWN
    assert [finding.code for finding in again.warnings.kept] == [Code.SUPERSEDED]
    assert f"Submission {second.submission} is newer" in again.warnings.kept[0].message
    assert list(await stored_units(operator)) == ["BJ/BJ-2"]


async def test_published_units_are_left_untouched(operator: Connection, tmp_path: Path) -> None:
    """What a release holds is neither changed nor removed; the differences are counted."""
    numbers = [f"BJ-{number}" for number in range(1, 9)]
    older = write_file(tmp_path, "1.xml", *map(unit, numbers))
    await take_files(operator, older)
    for number in ("BJ-1", "BJ-2", "BJ-3", "BJ-4"):
        await _publish(operator, number, 1)
    for number in ("BJ-5", "BJ-6", "BJ-7"):
        await _publish(operator, number, None)
    before = await stored_units(operator)
    newer = write_file(
        tmp_path,
        "2.xml",
        unit("BJ-1"),
        unit("BJ-2", STATUS="RS"),
        unit("BJ-3", CONSENT_OPEN_DATA="N"),
        unit("BJ-5", STATUS="RS"),
        unit("BJ-6", CONSENT_OPEN_DATA="N"),
    )

    (report,) = await take_files(operator, newer)

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
    after = await stored_units(operator)
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


async def test_units_of_several_banks_stand_in_one_file(
    operator: Connection, tmp_path: Path
) -> None:
    """The same number at two banks is two units; the submission names both banks."""
    path = write_file(tmp_path, "all.xml", unit("1"), unit("1", BANK_MANUF_ID="GD"))

    (report,) = await take_files(operator, path)

    assert sorted(await stored_units(operator)) == ["BJ/1", "GD/1"]
    assert report.banks == {"BJ": 1, "GD": 1}
    assert await operator.fetchval("select banks from intake.submission") == ["BJ", "GD"]


async def test_two_intakes_do_not_mix(database: Access, tmp_path: Path) -> None:
    """Two runs with the same files at once: each file is loaded by one and known to the other."""
    files = [
        write_file(
            tmp_path,
            f"{bank}.xml",
            *(unit(str(number), BANK_MANUF_ID=bank) for number in range(300)),
        )
        for bank in ("BJ", "GD", "SC")
    ]
    connections = [await connect(database.require("operator")) for _ in range(2)]
    try:
        runs = await asyncio.gather(*(take_files(connection, *files) for connection in connections))
        rows = await connections[0].fetchval("select count(*) from intake.raw_unit")
    finally:
        for connection in connections:
            await connection.close()

    assert rows == 900
    for outcomes in zip(*([report.outcome for report in run] for run in runs), strict=True):
        assert sorted(outcomes) == [Outcome.KNOWN, Outcome.LOADED]


async def test_progress_is_told_in_bytes(operator: Connection, tmp_path: Path) -> None:
    """Each file is a stage that ends at its size."""
    path = write_file(tmp_path, "BJ.xml", unit("BJ-1"))
    told: list[tuple[str, int, int | None]] = []

    await take_in(operator, [path], now=NOW, report=lambda *news: told.append(news))

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
        before = await everything_stored(operator)
        (report,) = await take_files(operator, path)
        outcomes[report.outcome] += 1
        if report.outcome is Outcome.LOADED:
            assert len(await stored_units(operator)) == report.units_read == report.units_accepted
        else:
            assert await everything_stored(operator) == before

    assert outcomes[Outcome.LOADED] > 0
    assert outcomes[Outcome.REFUSED] > 0
