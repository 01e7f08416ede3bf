"""Inventories in XML, CSV and NDJSON on their way into the intake zone, on a real database."""

import datetime as dt
import random
from pathlib import Path

import pytest

from database.pool import Connection
from publishing.intake.columns import VALUES
from publishing.intake.faults import Code
from publishing.intake.loading import check, take_in
from publishing.intake.submission_report import Outcome, SubmissionReport
from tests.bank_tables import csv_text, deletion, fields, ndjson_text, xml_text

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_WRITERS = {"xml": xml_text, "csv": csv_text, "ndjson": ndjson_text}


async def _take(
    connection: Connection, folder: Path, name: str, text: str, tolerance: float = 0.0
) -> SubmissionReport:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    (report,) = await take_in(connection, [path], tolerance=tolerance, now=_NOW)
    return report


async def _rows(connection: Connection) -> list[tuple[object, ...]]:
    names = ", ".join(column.name for column in VALUES)
    rows = await connection.fetch(
        f"select unit_number, {names} from intake.raw_unit order by 1"  # noqa: S608
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("ending", ["csv", "ndjson"])
async def test_another_format_changes_nothing(
    operator: Connection, tmp_path: Path, ending: str
) -> None:
    """What came as XML and comes again in another format is unchanged, row by row."""
    units = [
        fields("BJ-1"),
        fields("BJ-2", ABO=None, CONSENT_OPEN_DATA=None, VOL="100"),
        fields("BJ-3", **{"HLA/DRB1/SER/FIELD1": None, "HLA/A/DNA/FIELD2": None}),
    ]
    await _take(operator, tmp_path, "a.xml", xml_text(units))
    before = await _rows(operator)

    report = await _take(operator, tmp_path, f"a.{ending}", _WRITERS[ending](units))

    assert report.outcome is Outcome.LOADED
    assert report.changes is not None
    assert (report.changes.unchanged, report.changes.changed, report.changes.added) == (3, 0, 0)
    assert len(before) == 3
    assert await _rows(operator) == before
    formats = await operator.fetch("select details ->> 'format' from intake.audit_log order by id")
    assert [row[0] for row in formats] == ["XML", ending.upper()]


async def test_a_row_that_cannot_be_read_is_tolerated_and_kept(
    operator: Connection, tmp_path: Path
) -> None:
    """A short row is one refused unit, listed with its line; the others are loaded."""
    text = csv_text([fields("BJ-1"), fields("BJ-2")], UNITS="3") + "BJ-3,2015-06-01\n"

    report = await _take(operator, tmp_path, "a.csv", text, tolerance=40)

    assert report.outcome is Outcome.LOADED
    assert (report.units_read, report.units_refused) == (3, 1)
    assert [row[0] for row in await _rows(operator)] == ["BJ-1", "BJ-2"]
    rejections = await operator.fetch(
        "select line, unit_number, field, code, message from intake.rejection"
    )
    assert [tuple(row) for row in rejections] == [
        (12, None, None, "ROW_LENGTH", "The row has 2 values, and the header 21 columns.")
    ]


@pytest.mark.parametrize("ending", list(_WRITERS))
def test_faults_are_told_alike(tmp_path: Path, ending: str) -> None:
    """Field, value, rule, bank and unit are the same in each format; so is a second ID."""
    path = tmp_path / f"a.{ending}"
    units = [fields("BJ-1", ABO="X"), fields("BJ-1", SEX="X"), fields("BJ-3", VOL="5")]
    path.write_text(_WRITERS[ending](units), encoding="utf-8")

    (report,) = check([path], now=_NOW)

    first = {"xml": 3, "csv": 10, "ndjson": 2}[ending]
    assert [
        (found.line, found.unit, found.bank, found.code, found.field, found.value, found.message)
        for found in report.faults.kept
    ] == [
        (
            first,
            "BJ-1",
            "BJ",
            Code.VALUE_UNKNOWN,
            "ABO",
            "X",
            "ABO must be one of A, B, O, AB.",
        ),
        (first + 1, "BJ-1", "BJ", Code.VALUE_UNKNOWN, "SEX", None, "SEX must be one of M, F."),
        (
            first + 1,
            "BJ-1",
            "BJ",
            Code.DUPLICATE_ID,
            "ID",
            "BJ-1",
            f"ID must be unique in its bank; the unit that begins on line {first} has it.",
        ),
        (
            first + 2,
            "BJ-3",
            "BJ",
            Code.NUMBER_OUT_OF_RANGE,
            "VOL",
            "5",
            "VOL must lie between 10 and 999.9.",
        ),
    ]


@pytest.mark.parametrize("ending", list(_WRITERS))
async def test_a_fault_at_the_end_loads_nothing(
    operator: Connection, tmp_path: Path, ending: str
) -> None:
    """A file that was cut or whose last unit is wrong leaves no row, in each format."""
    units = [fields(f"BJ-{number}") for number in range(5_000)]
    writer = _WRITERS[ending]
    cut = await _take(operator, tmp_path, f"a.{ending}", writer(units)[:-100])
    wrong = await _take(
        operator, tmp_path, f"b.{ending}", writer([*units, fields("BJ-X", ABO="X")])
    )
    deleted = await _take(operator, tmp_path, f"c.{ending}", writer([*units, deletion("BJ-X")]))

    assert [report.refused for report in (cut, wrong, deleted)] == [True, True, True]
    assert (wrong.units_read, wrong.units_refused) == (5_001, 1)
    assert Code.STATUS_DELETED in deleted.faults.counts
    assert await _rows(operator) == []
    assert await operator.fetchval("select count(*) from intake.submission") == 0


@pytest.mark.parametrize("ending", ["csv", "ndjson"])
async def test_units_that_are_missing_at_the_end_are_noticed(
    operator: Connection, tmp_path: Path, ending: str
) -> None:
    """A file that was cut between two lines has fewer units than it says."""
    text = _WRITERS[ending]([fields("BJ-1"), fields("BJ-2")])
    cut = text[: text.rindex("\n", 0, -1) + 1]

    report = await _take(operator, tmp_path, f"a.{ending}", cut)

    assert report.refused
    assert report.faults.counts == {Code.UNITS_DIFFER: 1}


@pytest.mark.parametrize("ending", ["csv", "ndjson"])
def test_damaged_files_are_told_of(tmp_path: Path, ending: str) -> None:
    """Of 300 files with damaged bytes each is valid with all units, or refused with a fault."""
    chance = random.Random(11)
    whole = _WRITERS[ending]([fields(f"BJ-{number}") for number in range(5)]).encode()
    start = whole.index(b"BJ-0") - 10  # the attributes are left as they are
    outcomes: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
    for attempt in range(300):
        data = bytearray(whole)
        if attempt % 3 == 0:
            del data[chance.randrange(start, len(data)) :]
        else:
            data[chance.randrange(start, len(data))] = chance.choice((0, 10, 13, 34, 44, 65, 200))
        path = tmp_path / f"{attempt}.{ending}"
        path.write_bytes(data)
        (report,) = check([path], now=_NOW)
        outcomes[report.outcome] += 1
        assert report.refused is bool(report.faults.kept)
        assert report.refused or report.units_accepted == 5

    assert outcomes[Outcome.VALID] > 0
    assert outcomes[Outcome.REFUSED] > 0
    assert sum(outcomes.values()) == 300
