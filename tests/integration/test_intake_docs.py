"""The guide for bank staff keeps up with the code."""

import datetime as dt
import re
from pathlib import Path

import pytest

from publishing.activity.attributes import NAMES as REPORT_NAMES
from publishing.activity.loading import check_activity
from publishing.activity.row import COLUMNS, MOST_UNITS
from publishing.intake.envelope import NAMES
from publishing.intake.faults import DETAIL_LIMIT, ECHO_LIMIT, WARNINGS, Code
from publishing.intake.fields import DROPPED, FIELDS, LOCI, Field
from publishing.intake.inventory import MAXIMUM_DEPTH, MAXIMUM_NAMES, MAXIMUM_TEXT
from publishing.intake.lines import MAXIMUM_LINE
from publishing.intake.loading import check
from publishing.intake.rules import Choice
from publishing.intake.submission_report import Outcome

_GUIDE = (Path(__file__).parents[2] / "docs" / "intake.md").read_text(encoding="utf-8")


def _section(start: str, end: str) -> str:
    return _GUIDE[_GUIDE.index(start) : _GUIDE.index(end)]


def test_every_code_is_described_once() -> None:
    """Faults and warnings stand in their tables, and no code is left that does not exist."""
    faults = _section("## Fault codes", "### Warnings")
    warnings = _section("### Warnings", "## Exit codes")
    row = re.compile(r"^\| `([A-Z0-9_]+)` \|", re.MULTILINE)

    assert sorted(row.findall(faults)) == sorted(set(Code) - WARNINGS)
    assert sorted(row.findall(warnings)) == sorted(WARNINGS)


def test_every_element_is_described() -> None:
    """Each element and block of a unit is named, with each value that it allows."""
    table = _section("### What is kept", "### What must agree")

    def is_described(field: Field) -> bool:
        values = field.rule.values if isinstance(field.rule, Choice) else ()
        told = field.path in ("ETHN", "STATUS") or all(value in table for value in values)
        return f"`{field.path}`" in table and told

    assert [
        path for path, field in FIELDS.items() if "/" not in path and not is_described(field)
    ] == []
    assert [name for name in (*DROPPED, *LOCI) if f"`{name}`" not in table] == []


def test_limits_are_the_real_ones() -> None:
    """The numbers that the guide names are those of the code."""
    for said in (
        f"deeper than {MAXIMUM_DEPTH} levels",
        f"more than {MAXIMUM_TEXT:,} characters",
        f"at most {MAXIMUM_LINE:,} bytes",
        f"more than {MAXIMUM_NAMES:,} different names",
        f"{ECHO_LIMIT} characters) and the rule",
        f"at most {DETAIL_LIMIT:,} of each",
    ):
        assert said in _GUIDE.replace("\n", " ")


@pytest.mark.parametrize(
    ("ending", "start", "end"),
    [
        ("xml", "<?xml", "```\n\n### Attributes"),
        ("csv", "#CREATION_TIME", "```\n\n- UTF-8, with"),
        ("ndjson", '{"INVENTORY"', "```\n\n- UTF-8; one"),
    ],
)
def test_the_examples_are_valid(tmp_path: Path, ending: str, start: str, end: str) -> None:
    """The file that the guide shows for each format passes, without a warning."""
    path = tmp_path / f"example.{ending}"
    path.write_text(_section(start, end), encoding="utf-8")

    (report,) = check([path], now=dt.datetime(2026, 2, 1, tzinfo=dt.UTC))

    assert report.outcome is Outcome.VALID
    assert (report.banks, report.units_consented) == ({"GD": 1}, 1)
    assert not report.warnings.counts


@pytest.mark.parametrize(
    ("ending", "start", "end"),
    [
        ("csv", "#CREATION_TIME=2026-01-31T02:00:00Z\n#ROWS", "```\n\n```json"),
        ("ndjson", '{"REPORT"', "```\n\n| column"),
    ],
)
def test_the_examples_of_reports_are_valid(
    tmp_path: Path, ending: str, start: str, end: str
) -> None:
    """The report of activity that the guide shows in each format passes, without a warning."""
    path = tmp_path / f"example.{ending}"
    path.write_text(_section(start, end), encoding="utf-8")

    (submission,) = check_activity([path], now=dt.datetime(2026, 2, 1, tzinfo=dt.UTC))

    assert submission.outcome is Outcome.VALID
    assert submission.reports[-1] == ("GD", 2024)
    assert not submission.warnings.counts


def test_every_attribute_of_a_report_is_described() -> None:
    """The section on reports names each column and each attribute."""
    section = _section("## Reports of transplant activity", "## Fault codes")
    assert [name for name in (*COLUMNS, *REPORT_NAMES) if f"| `{name}` |" not in section] == []
    assert f"a whole number from 0 to {MOST_UNITS:,}" in section


def test_every_attribute_is_described() -> None:
    """The table names each, in the order in which a refusal lists them."""
    row = re.compile(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", re.MULTILINE)
    cells = row.findall(_section("### Attributes", "### The bank"))

    assert [name.strip("`") for cell in cells for name in cell.split(", ")] == list(NAMES)
