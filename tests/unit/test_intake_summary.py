"""What the terminal says of a file."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from publishing.intake.envelope import Mode
from publishing.intake.faults import Code, Finding, Findings
from publishing.intake.submission_report import Changes, Outcome, SubmissionReport
from publishing.intake.summary import summary

_NEWS = SubmissionReport(
    Path("a\nb.xml"),
    Outcome.LOADED,
    submission=7,
    synthetic=True,
    banks=Counter(SC=1, BJ=1200),
    units_read=1205,
    units_refused=4,
    units_consented=1100,
    donors=3,
    changes=Changes(
        1, 2, 1195, 4, 5, 6, 2, {"ABO": 1, "VOL": 2}, {"STATUS": 1000, "CONSENT_OPEN_DATA": 2}
    ),
)


def test_a_load_says_all_that_changed() -> None:
    """Units by bank, what was passed over, and what differs from published units."""
    assert list(summary(_NEWS)) == [
        (
            "a\\u000ab.xml: loaded as submission 7: 1,201 units (BJ 1,200, SC 1), 1,100 with "
            "consent; 4 refused; 3 donors passed over; synthetic."
        ),
        "  1 added, 2 changed, 1,195 unchanged, 4 removed",
        "  changed: VOL 2, ABO 1",
        "  published units stay as they are: 5 are deleted or not in this file, 6 differ",
        "  differing in published units: STATUS 1,000, CONSENT_OPEN_DATA 2",
        "  2 published units have no consent now; their classes have to be withdrawn",
        "  the operator finds them with `cordgraph bank differences`",
    ]


def test_changes_are_called_changes() -> None:
    """A file of changes says how many units it deletes; no line stands for what did not happen."""
    report = SubmissionReport(
        Path("x.csv"),
        Outcome.LOADED,
        submission=8,
        mode=Mode.DIFF,
        banks=Counter(BJ=1200),
        units_read=1200,
        units_consented=9,
        units_deleted=1100,
        changes=Changes(added=100, removed=1100),
    )

    assert list(summary(report)) == [
        (
            "x.csv: loaded as submission 8: 1,200 changed units (BJ 1,200), 9 with consent; "
            "1,100 of them deleted."
        ),
        "  100 added, 0 changed, 0 unchanged, 1,100 removed",
    ]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (Changes(published_missing=1), "1 are deleted or not in this file, 0 differ"),
        (Changes(published_differing=1), "0 are deleted or not in this file, 1 differ"),
    ],
)
def test_the_operator_learns_where_to_look(changes: Changes, shown: str) -> None:
    """One deleted or one differing published unit is enough for the two lines."""
    report = SubmissionReport(Path("x.csv"), Outcome.LOADED, submission=8, changes=changes)

    assert list(summary(report))[2:] == [
        f"  published units stay as they are: {shown}",
        "  the operator finds them with `cordgraph bank differences`",
    ]


@pytest.mark.parametrize(
    ("day", "text"), [(dt.datetime(2026, 1, 31, tzinfo=dt.UTC), " of 2026-01-31"), (None, "")]
)
def test_a_known_file_names_its_submission(day: dt.datetime | None, text: str) -> None:
    """Nothing to do is said, with the day where it is known."""
    report = SubmissionReport(Path("x.xml"), Outcome.KNOWN, submission=3, received_at=day)

    assert list(summary(report)) == [
        f"x.xml: nothing to do: submission 3{text} loaded the same content."
    ]


def test_a_file_fault_needs_no_units() -> None:
    """A fault without line, unit or value has just its code and sentence."""
    faults = Findings()
    faults.add(Finding(Code.FILE_EMPTY, "The file is empty."))

    assert list(summary(SubmissionReport(Path("x.xml"), Outcome.REFUSED, faults=faults))) == [
        "x.xml: REFUSED; nothing of it is loaded.",
        "  faults: FILE_EMPTY 1",
        "    FILE_EMPTY: The file is empty.",
    ]
