"""The same inventory in XML, CSV and NDJSON: the same units, and the same faults."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.intake.entry import Entry
from publishing.intake.faults import Code, Finding
from publishing.intake.fields import FIELDS
from publishing.intake.reader import open_reader
from publishing.intake.source import Format
from publishing.intake.unit import Deletion, Terms, Unit, Verdict, judge
from tests.bank_tables import UNIT, csv_text, deletion, fields, ndjson_text, xml_text

_NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
_TERMS = Terms(_NOW.date())
_WRITERS: Mapping[Format, Callable[..., str]] = {
    Format.XML: xml_text,
    Format.CSV: csv_text,
    Format.NDJSON: ndjson_text,
}
_TEXTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cn", "Zs")),
    min_size=1,
    max_size=20,
).filter(lambda text: bool(text.strip()))
_VALUES = st.one_of(
    st.sampled_from(sorted(set(UNIT.values()))),
    st.sampled_from(["DE", "N", "O", "1.2e9", "-1", "2030-01-01", '"', "a,b", '"a"', "a;b", "#"]),
    _TEXTS,
)
_UNITS = st.lists(
    st.dictionaries(st.sampled_from(sorted(FIELDS)), _VALUES, max_size=12).map(
        lambda changes: {**UNIT, **changes}
    ),
    min_size=1,
    max_size=5,
)


def _judged(format_: Format, text: str, *, is_diff: bool = False) -> list[Verdict]:
    entries: list[Entry] = []
    reader = open_reader(format_, _NOW, entries.append)
    reader.feed(text.encode())
    reader.close()
    assert reader.faults.kept == []
    assert reader.warnings.kept == []
    return [judge(entry, _TERMS, synthetic=True, may_be_deleted=is_diff) for entry in entries]


def _without_lines(
    verdicts: Sequence[Verdict],
) -> list[tuple[Unit | Deletion | None, list[Finding], str | None]]:
    return [
        (
            verdict.unit and verdict.unit._replace(line=0),
            sorted((replace(found, line=None) for found in verdict.findings), key=str),
            verdict.bank,
        )
        for verdict in verdicts
    ]


@given(units=_UNITS)
def test_all_formats_say_the_same(units: list[dict[str, str]]) -> None:
    """Whatever the values, each format gives the same units and names the same faults."""
    written = {format_: writer(units) for format_, writer in _WRITERS.items()}
    judged = {format_: _without_lines(_judged(format_, text)) for format_, text in written.items()}

    assert len(judged[Format.XML]) == len(units)
    assert judged[Format.CSV] == judged[Format.XML]
    assert judged[Format.NDJSON] == judged[Format.XML]


@pytest.mark.parametrize("format_", Format)
def test_a_valid_unit_is_accepted_in_each(format_: Format) -> None:
    """The unit of the examples has no fault, and its line is the one that it stands on."""
    (verdict,) = _judged(format_, _WRITERS[format_]([fields("BJ-1")]))

    assert verdict.findings == []
    assert isinstance(verdict.unit, Unit)
    assert verdict.unit.unit_number == "BJ-1"
    assert verdict.unit.line == {Format.XML: 3, Format.CSV: 10, Format.NDJSON: 2}[format_]


_DIFF = {
    "UPDATE_MODE": "DIFF",
    "SNAPSHOT_TIME": "2026-02-01T00:00:00Z",
    "FOLLOWS": "2026-01-01T00:00:00Z",
}


@pytest.mark.parametrize("format_", Format)
def test_a_deletion_is_read_in_each(format_: Format) -> None:
    """In changes, DE needs no more than the number and the bank."""
    text = _WRITERS[format_]([deletion("BJ-1")], **_DIFF)

    (verdict,) = _judged(format_, text, is_diff=True)

    assert (verdict.unit, verdict.findings) == (
        Deletion({Format.XML: 3, Format.CSV: 11, Format.NDJSON: 2}[format_], "BJ", "BJ-1"),
        [],
    )


@pytest.mark.parametrize("format_", Format)
def test_a_deletion_in_a_whole_inventory_is_judged_as_a_unit(format_: Format) -> None:
    """There, DE is a fault, and what each unit must have is missing."""
    extra = {"columns": ["BIRTH_DATE", *deletion("BJ-1")]} if format_ is Format.CSV else {}
    (verdict,) = _judged(format_, _WRITERS[format_]([deletion("BJ-1")], **extra))

    assert verdict.unit is None
    assert [(found.code, found.field) for found in verdict.findings] == [
        (Code.MISSING, "BIRTH_DATE"),
        (Code.MISSING, "HLA"),
        (Code.STATUS_DELETED, "STATUS"),
    ]
