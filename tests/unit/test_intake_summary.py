"""What the terminal says of a file."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

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
    changes=Changes(1, 2, 1195, 4, 5, 6, 2),
)


def test_a_load_says_all_that_changed() -> None:
    """Units by bank, what was passed over, and what differs from published units."""
    assert list(summary(_NEWS)) == [
        (
            "a\\u000ab.xml: loaded as submission 7: 1,201 units (BJ 1,200, SC 1), 1,100 with "
            "consent; 4 refused; 3 donors passed over; synthetic."
        ),
        "  1 added, 2 changed, 1,195 unchanged, 4 removed",
        "  published units stay as they are: 5 are not in this file, 6 differ",
        "  2 published units have no consent now; their classes have to be withdrawn",
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
