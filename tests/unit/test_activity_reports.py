"""Reports of transplant activity are read whole, and each fault names its place and its rule."""

import datetime as dt
from pathlib import Path

import pytest

from publishing.activity.loading import check_activity
from publishing.activity.submission import ActivitySubmission
from publishing.intake.faults import Code
from publishing.intake.submission_report import Outcome
from tests.activity_files import HEADER, report_csv

_NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
_FULL_WIDTH = "".join(chr(0xFF10 + int(digit)) for digit in "2024")
_ATTRIBUTES = '{"REPORT": {"CREATION_TIME": "2026-02-01T00:00:00Z", "ROWS": %d}}\n'


def _check(
    folder: Path,
    text: str,
    *,
    ending: str = "csv",
    bank: str | None = None,
    tolerance: float = 0.0,
) -> ActivitySubmission:
    path = folder / f"report.{ending}"
    path.write_bytes(text.encode())
    (submission,) = check_activity([path], bank=bank, tolerance=tolerance, now=_NOW)
    return submission


def _rows(
    folder: Path, *rows: str, bank: str | None = None, tolerance: float = 0.0
) -> ActivitySubmission:
    return _check(folder, report_csv(rows), bank=bank, tolerance=tolerance)


def test_csv_and_ndjson_say_the_same(tmp_path: Path) -> None:
    """Both formats give the same reports; a row of zero makes a report without units."""
    csv = _rows(tmp_path, "GD,2024,AML,41", "GD,2024,ALL,39", "SH,2023,AML,0")
    lines = (
        _ATTRIBUTES % 3
        + '{"BANK_MANUF_ID": "GD", "YEAR": 2024, "INDICATION": "AML", "UNITS": 41}\n'
        + '{"BANK_MANUF_ID": "GD", "YEAR": "2024", "INDICATION": "ALL", "UNITS": "39"}\n'
        + '\n{"BANK_MANUF_ID": "SH", "YEAR": 2023, "INDICATION": "AML", "UNITS": 0}\n'
    )
    ndjson = _check(tmp_path, lines, ending="ndjson")

    for submission in (csv, ndjson):
        assert submission.outcome is Outcome.VALID
        assert list(submission.reports) == [("GD", 2024), ("SH", 2023)]
        assert (submission.units, submission.rows) == (80, {"GD": 2, "SH": 1})
        assert not submission.faults.counts
        assert not submission.warnings.counts


def test_the_bank_may_be_named_outside(tmp_path: Path) -> None:
    """Without a column, or with another id in it, --bank says whose the report is."""
    text = "#CREATION_TIME=2026-02-01T00:00:00Z\n#ROWS=1\nYEAR,INDICATION,UNITS\n2024,AML,41\n"
    assert list(_check(tmp_path, text, bank="GD").reports) == [("GD", 2024)]
    assert list(_rows(tmp_path, "9991,2024,AML,41", bank="GD").reports) == [("GD", 2024)]
    assert _check(tmp_path, text).faults.counts == {Code.MISSING: 1}


@pytest.mark.parametrize(
    ("row", "code", "field", "says"),
    [
        ("XX,2024,AML,5", Code.BANK_UNKNOWN, "BANK_MANUF_ID", "must be one of BJ, TJ"),
        (",2024,AML,5", Code.MISSING, "BANK_MANUF_ID", "name it with --bank"),
        ("GD,,AML,5", Code.MISSING, "YEAR", "must be there in each row"),
        ("GD,24,AML,5", Code.NUMBER_INVALID, "YEAR", "a year of four digits such as 2024"),
        ("GD,+024,AML,5", Code.NUMBER_INVALID, "YEAR", "a year of four digits such as 2024"),
        (f"GD,{_FULL_WIDTH},AML,5", Code.NUMBER_INVALID, "YEAR", "must be a whole number"),
        ("GD,2027,AML,5", Code.DATE_IN_FUTURE, "YEAR", "must not be after 2026, this year"),
        ("GD,1987,AML,5", Code.DATE_TOO_EARLY, "YEAR", "must not be before 1988"),
        ("GD,2024,aml,5", Code.VALUE_UNKNOWN, "INDICATION", "perhaps AML is meant"),
        ("GD,2024,,5", Code.MISSING, "INDICATION", "must be there in each row"),
        ("GD,2024,C92.0,5", Code.VALUE_UNKNOWN, "INDICATION", "the code of an indication"),
        ("GD,2024,AML,-1", Code.NUMBER_OUT_OF_RANGE, "UNITS", "between 0 and 9,999"),
        ("GD,2024,AML,10000", Code.NUMBER_OUT_OF_RANGE, "UNITS", "between 0 and 9,999"),
        ("GD,2024,AML,4.5", Code.NUMBER_INVALID, "UNITS", "must be a whole number"),
        ("GD,2024,AML,many", Code.NUMBER_INVALID, "UNITS", "must be a whole number"),
        ("GD,2024,AML,", Code.MISSING, "UNITS", "must be there in each row"),
        ("GD,2024,AML,5,", Code.ROW_LENGTH, None, "The row has 5 values"),
    ],
)
def test_a_faulty_row_is_named(
    tmp_path: Path, row: str, code: Code, field: str | None, says: str
) -> None:
    """The file is refused; the fault has the line, the field, the code and a sentence."""
    submission = _rows(tmp_path, "GD,2023,AML,41", row)

    assert submission.outcome is Outcome.REFUSED
    (fault,) = submission.faults.kept
    assert (fault.code, fault.line, fault.field) == (code, 6, field)
    assert says in fault.message
    assert fault.message.endswith(".")


def test_a_row_stands_once(tmp_path: Path) -> None:
    """A bank, year and indication that come again are refused, whatever they say."""
    (fault,) = _rows(tmp_path, "GD,2024,AML,41", "SH,2024,AML,1", "GD,2024,AML,41").faults.kept

    assert (fault.code, fault.line, fault.bank) == (Code.DUPLICATE_ROW, 7, "GD")
    assert fault.message == (
        "GD has a row of AML in 2024 on line 5; a bank, year and indication stand once in a file."
    )


def test_a_bank_contradicts_the_one_that_was_named(tmp_path: Path) -> None:
    """--bank and BANK_MANUF_ID must agree."""
    (fault,) = _rows(tmp_path, "SH,2024,AML,41", bank="GD").faults.kept
    assert (fault.code, fault.value) == (Code.BANK_DISAGREES, "SH")


def test_tolerance_leaves_out_whole_reports(tmp_path: Path) -> None:
    """A report with a refused row would be too low, so that none of it is taken."""
    good = [f"SH,{year},AML,9" for year in range(1990, 2024)]
    submission = _rows(tmp_path, *good, "GD,2024,AML,41", "GD,2024,ALL,x", tolerance=5)

    assert submission.outcome is Outcome.VALID
    assert list(submission.left_out) == [("GD", 2024)]
    assert ("GD", 2024) not in submission.reports
    assert submission.units == 9 * len(good)
    assert _rows(tmp_path, *good, "GD,2024,ALL,x", tolerance=1).outcome is Outcome.REFUSED


def test_tolerance_does_not_help_a_row_that_tells_no_report(tmp_path: Path) -> None:
    """Nobody could say which report lacks it."""
    good = [f"SH,{year},AML,9" for year in range(1990, 2024)]
    submission = _rows(tmp_path, *good, "GD,last,AML,41", tolerance=50)

    assert submission.outcome is Outcome.REFUSED
    assert submission.faults.counts == {Code.NUMBER_INVALID: 1, Code.REPORT_UNTOLD: 1}


@pytest.mark.parametrize(
    ("text", "ending", "code"),
    [
        ("", "csv", Code.FILE_EMPTY),
        ("<REPORT/>", "xml", Code.FORMAT_UNKNOWN),
        ("[]", "ndjson", Code.NOT_NDJSON),
        ("#ROWS=1\n", "csv", Code.COLUMN_MISSING),
        (f"#ROWS=0\n{HEADER}\n", "csv", Code.NO_ROWS),
        (f"#ROWS=2\n{HEADER}\nGD,2024,AML,5\n", "csv", Code.ROWS_DIFFER),
        (f"#ROWS=x\n{HEADER}\nGD,2024,AML,5\n", "csv", Code.ATTRIBUTE_INVALID),
        (f"#UNITS=1\n{HEADER}\nGD,2024,AML,5\n", "csv", Code.ATTRIBUTE_INVALID),
        (f"#SYNTHETIC=no\n{HEADER}\nGD,2024,AML,5\n", "csv", Code.ATTRIBUTE_INVALID),
        (
            f"#CREATION_TIME=2027-01-01T00:00:00Z\n{HEADER}\nGD,2024,AML,5\n",
            "csv",
            Code.ATTRIBUTE_INVALID,
        ),
        ("YEAR,INDICATION\n2024,AML\n", "csv", Code.COLUMN_MISSING),
        (f"{HEADER},PATIENT\nGD,2024,AML,5,x\n", "csv", Code.COLUMN_UNKNOWN),
        (f"{HEADER},YEAR\nGD,2024,AML,5,2024\n", "csv", Code.COLUMN_REPEATED),
        (f'{HEADER}\nGD,2024,"AML,5\n', "csv", Code.CSV_SYNTAX),
        ('{"YEAR": 2024', "ndjson", Code.JSON_SYNTAX),
        ('{"REPORT": 1}\n', "ndjson", Code.JSON_SYNTAX),
        ('{"YEAR": 2024, "PATIENT": 1}\n', "ndjson", Code.COLUMN_UNKNOWN),
        ('{"YEAR": 2024, "YEAR": 2024}\n', "ndjson", Code.REPEATED),
        ('{"YEAR": [2024]}\n', "ndjson", Code.NESTED_ELEMENT),
    ],
)
def test_a_file_that_is_no_report_is_refused(
    tmp_path: Path, text: str, ending: str, code: Code
) -> None:
    """Whatever is wrong with the file itself has a code of its own."""
    submission = _check(tmp_path, text, ending=ending)

    assert submission.outcome is Outcome.REFUSED
    assert code in submission.faults.counts


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    """Without attributes the file is taken, with a warning for each that matters."""
    submission = _check(tmp_path, f"{HEADER}\nGD,2024,AML,5\n")

    assert submission.outcome is Outcome.VALID
    assert [finding.field for finding in submission.warnings.kept] == ["CREATION_TIME", "ROWS"]
    assert not submission.synthetic


def test_the_summary_reads_well(tmp_path: Path) -> None:
    """People see what became of the file, of which banks, and where each fault is."""
    good = _rows(tmp_path, "GD,2024,AML,1041", "SH,2023,AML,0")
    bad = _rows(tmp_path, "GD,2024,AML,x")

    path = tmp_path / "report.csv"
    assert list(good.summary()) == [
        f"{path}: valid, not loaded: 2 reports (GD 1, SH 1) of 1,041 units; synthetic."
    ]
    assert list(bad.summary()) == [
        f"{path}: REFUSED; nothing of it is loaded: 1 of 1 rows read have faults.",
        "  faults: NUMBER_INVALID 1",
        '    line 5, GD, NUMBER_INVALID, "x": UNITS must be a whole number.',
    ]
