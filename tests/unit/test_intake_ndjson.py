"""Inventories in NDJSON: what is read, and each way in which one can be broken."""

import datetime as dt
import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.intake.entry import Entry
from publishing.intake.faults import Code
from publishing.intake.inventory import (
    MAXIMUM_NAME,
    MAXIMUM_NAMES,
    MAXIMUM_PART_FAULTS,
    MAXIMUM_TEXT,
)
from publishing.intake.ndjson_inventory import NdjsonReader
from tests.bank_readers import fault_with, read_with
from tests.bank_tables import UNIT, fields, ndjson_text

_TWO = ndjson_text([fields("BJ-1"), fields("BJ-2")])


_read = partial(read_with, NdjsonReader)


def _entry(line: str) -> Entry:
    (entry,), _ = _read(line)
    return entry


def test_units_come_out_as_they_stand() -> None:
    """Each unit has its line and its texts by path; the first line says the rest."""
    entries, reader = _read(_TWO)

    assert [entry.line for entry in entries] == [2, 3]
    assert entries[1].texts == {**UNIT, "ID": "BJ-2"}
    groups = ("HLA", "HLA/A", "HLA/A/DNA", "HLA/B", "HLA/B/DNA")
    more = ("HLA/DRB1", "HLA/DRB1/SER", "HLA/DRB1/DNA")
    assert entries[1].lines == dict.fromkeys((*UNIT, *groups, *more), 3)
    assert (reader.faults.kept, reader.warnings.kept, reader.donors) == ([], [], 0)
    assert reader.envelope.synthetic
    assert reader.envelope.snapshot_time == dt.datetime(2025, 12, 31, 16, tzinfo=dt.UTC)


@given(step=st.integers(1, 300))
def test_pieces_do_not_matter(step: int) -> None:
    """However the bytes are cut on their way in, the same units come out."""
    text = "\ufeff" + _TWO.replace("\n", "\r\n\r\n").removesuffix("\r\n\r\n")
    assert [entry.texts for entry in _read(text, step)[0]] == [
        entry.texts for entry in _read(_TWO)[0]
    ]


def test_numbers_and_truth_values_are_taken_as_written() -> None:
    """1.063E9 stays 1.063E9, also where it is too large or no number at all."""
    entry = _entry('{"TNC": 1.063E9, "VOL": 98.50, "BAGS": -0, "DNA_SMPL": true, "OTH_SMPL": false,'
                   '"TNC_FRZN": 1e999, "CD34PC": NaN, "ATT_SEG": ' + "9" * 500 + "}")  # fmt: skip

    assert entry.texts == {
        "TNC": "1.063E9",
        "VOL": "98.50",
        "BAGS": "-0",
        "DNA_SMPL": "true",
        "OTH_SMPL": "false",
        "TNC_FRZN": "1e999",
        "CD34PC": "NaN",
        "ATT_SEG": "9" * 500,
    }


def test_null_and_blank_are_absent() -> None:
    """Neither leaves a text; white space around a value does not count."""
    entry = _entry('{"ID": " 1\\t", "ABO": null, "VOL": "", "TNC": "  ", "HLA": null}')

    assert entry.texts == {"ID": "1"}
    assert "HLA" not in entry.lines
    assert entry.findings == []


def test_blocks_that_are_dropped_are_not_looked_into() -> None:
    """Mother, markers and KIR may hold anything."""
    entry = _entry('{"MAT": {"CBU": [1]}, "IDM": 3, "KIR": ["x"], "ID": "1"}')

    assert entry.texts == {"ID": "1"}
    assert entry.findings == []


@pytest.mark.parametrize(
    ("line", "code", "field", "message"),
    [
        ('{"ID": "1", "ID": "2"}', Code.REPEATED, "ID", "ID must stand once in a unit."),
        ('{"ID": "1", "ID": null, "ID": 1}', Code.REPEATED, "ID", "ID must stand once in a unit."),
        (
            '{"HLA": {"A": {}}, "HLA": {"B": {}}}',
            Code.REPEATED,
            "HLA",
            "HLA must stand once in a unit.",
        ),
        (
            '{"ABO": ["A"]}',
            Code.NESTED_ELEMENT,
            "ABO",
            "ABO must hold a text, number or truth value.",
        ),
        (
            '{"ABO": {"A": 1}}',
            Code.NESTED_ELEMENT,
            "ABO",
            "ABO must hold a text, number or truth value.",
        ),
        ('{"HLA": "A*11:01"}', Code.STRAY_TEXT, "HLA", "HLA must be an object."),
        ('{"HLA": {"A": [1]}}', Code.STRAY_TEXT, "HLA/A", "HLA/A must be an object."),
    ],
)
def test_a_wrong_part_is_a_fault_of_its_unit(
    line: str, code: Code, field: str, message: str
) -> None:
    """Values that stand twice are not lost, and shapes that the format does not have are told."""
    found = _entry(line).findings[:1]

    assert [(finding.code, finding.field, finding.message, finding.line) for finding in found] == [
        (code, field, message, 1)
    ]


def test_faults_of_one_unit_are_bounded() -> None:
    """Of a value that stands thousands of times, 200 are told."""
    line = "{" + ", ".join(['"ID": "1"'] * 1_000) + "}"

    assert len(_entry(line).findings) == MAXIMUM_PART_FAULTS


def test_unknown_names_are_told_once() -> None:
    """A name that the format does not know is dropped with a warning, also inside HLA."""
    lines = '{"ID": "1", "COLOUR": 1, "HLA": {"Q": 1}}\n{"COLOUR": 2}\n'
    entries, reader = _read(lines)

    assert entries[0].texts == {"ID": "1"}
    told = [
        (found.line, found.field, found.message)
        for found in reader.warnings.kept
        if found.code is Code.ELEMENT_UNKNOWN
    ]
    assert told == [
        (1, "COLOUR", "COLOUR is not part of the format; it is dropped."),
        (1, "HLA/Q", "HLA/Q is not part of the format; it is dropped."),
    ]


def test_without_attributes_each_line_is_a_unit() -> None:
    """What is missing is a warning at the first line."""
    entries, reader = _read('\n{"ID": "1"}\n')

    assert [entry.line for entry in entries] == [2]
    assert [(found.line, found.field) for found in reader.warnings.kept] == [
        (2, name)
        for name in (
            "CREATION_TIME",
            "LISTING_ORGANIZATION",
            "POOL",
            "CONTENT_TYPE",
            "UPDATE_MODE",
            "UNITS",
        )
    ]


def test_attributes_may_be_numbers_and_truth_values() -> None:
    """They are judged as the text that they are written as."""
    _, reader = _read('{"INVENTORY": {"POOL": 9991, "SYNTHETIC": true, "UNITS": 1}}\n{"ID": 1}\n')

    assert reader.envelope.synthetic
    assert reader.faults.kept == []


def test_wrong_attributes_are_told() -> None:
    """Unknown and repeated names and values without a text are faults of the first line."""
    head = '{"INVENTORY": {"MODE": "DIFF", "POOL": 1, "POOL": 2, "UNITS": null, "SYNTHETIC": []}}'
    _, reader = _read(head)

    told = [(found.line, found.field, found.value, found.message) for found in reader.faults.kept]
    assert told[0][1:3] == ("MODE", None)
    assert told[1:] == [
        (1, "POOL", None, "The attribute POOL must stand once."),
        (1, "UNITS", None, "The attribute UNITS must be a text, number or truth value."),
        (1, "SYNTHETIC", None, "The attribute SYNTHETIC must be a text, number or truth value."),
        (1, "POOL", "1", "The attribute POOL must be a number from 1000 to 9999."),
    ]


_OUTSIDE = (
    " does not belong here: INVENTORY stands alone on the first line, and each line after it is a "
    "unit."
)
_NAMES = (
    "The file has more than 1,000 different names that the format does not know; this is no "
    "inventory."
)
_WHOLE = "each line must hold one whole JSON object."
_BROKEN = {
    "truncated": (
        '{"ID": "1"}\n{"ID": "2',
        Code.JSON_SYNTAX,
        2,
        f"The line is broken at column 8 (Unterminated string starting at): {_WHOLE}",
    ),
    "pretty": (
        '{\n"ID": "1"\n}\n',
        Code.JSON_SYNTAX,
        1,
        "The line is broken at column 2 (Expecting property name enclosed in double quotes): "
        + _WHOLE,
    ),
    "two-objects": (
        '{"ID": "1"} {"ID": "2"}\n',
        Code.JSON_SYNTAX,
        1,
        f"The line is broken at column 13 (Extra data): {_WHOLE}",
    ),
    "array": (
        '[{"ID": "1"}]\n',
        Code.JSON_SYNTAX,
        1,
        "Each line must hold one JSON object, a unit.",
    ),
    "text": (
        '{"ID": 1}\n"a"\n',
        Code.JSON_SYNTAX,
        2,
        "Each line must hold one JSON object, a unit.",
    ),
    "envelope-text": (
        '{"INVENTORY": "FULL"}',
        Code.JSON_SYNTAX,
        1,
        "INVENTORY must be an object of attributes.",
    ),
    "second-envelope": (
        '{"ID": 1}\n{"INVENTORY": {}}\n',
        Code.ELEMENT_MISPLACED,
        2,
        f"INVENTORY{_OUTSIDE}",
    ),
    "envelope-with-unit": (
        '{"INVENTORY": {}, "ID": 1}\n',
        Code.ELEMENT_MISPLACED,
        1,
        f"INVENTORY{_OUTSIDE}",
    ),
    "wrapped": ('{"ID": 1, "Cbu": {"ID": 2}}\n', Code.ELEMENT_MISPLACED, 1, f"Cbu{_OUTSIDE}"),
    "deep": (
        '{"ID": ' + "[" * 100_000 + "]" * 100_000 + "}\n",
        Code.NESTING_TOO_DEEP,
        1,
        "The objects of the line are nested too deeply.",
    ),
    "gbk": (
        '{"ID": "京"}'.encode("gbk"),
        Code.TEXT_ENCODING,
        1,
        "The bytes at byte 9 of the line are not UTF-8; write the file as UTF-8.",
    ),
    "long": (
        json.dumps({"ABO": "A" * (MAXIMUM_TEXT + 1)}),
        Code.TEXT_TOO_LONG,
        1,
        "A value must not have more than 1,024 characters.",
    ),
    "long-name": (
        json.dumps({"A" * (MAXIMUM_NAME + 1): 1}),
        Code.TEXT_TOO_LONG,
        1,
        "A name must not have more than 100 characters.",
    ),
    "names": (
        json.dumps({f"N{number}": 1 for number in range(MAXIMUM_NAMES + 1)}),
        Code.ELEMENT_MISPLACED,
        1,
        _NAMES,
    ),
    "units": (
        '{"INVENTORY": {"UNITS": 0}}\n{"ID": 1}',
        Code.UNITS_DIFFER,
        None,
        (
            "The file says that it has 0 units and has 1; it was cut or added to. Send it again, "
            "complete."
        ),
    ),
    "donors": (
        '{"INVENTORY": {"CONTENT_TYPE": "D"}}',
        Code.CONTENT_REFUSED,
        1,
        (
            "An inventory of donors (CONTENT_TYPE D) is not taken; send the cord blood units with "
            "CONTENT_TYPE C."
        ),
    ),
}


@pytest.mark.parametrize(
    ("data", "code", "line", "message"), list(_BROKEN.values()), ids=list(_BROKEN)
)
def test_a_broken_file_ends_with_one_fault(
    data: bytes | str, code: Code, line: int | None, message: str
) -> None:
    """The fault has its line, and a sentence that says what to do."""
    finding = fault_with(NdjsonReader, data)

    assert (finding.code, finding.line, finding.message) == (code, line, message)


def test_the_longest_passes() -> None:
    """1,024 characters of a value, 100 of a name and 1,000 unknown names are read."""
    names = ["A" * MAXIMUM_NAME, *(f"N{number}" for number in range(MAXIMUM_NAMES - 1))]
    line = json.dumps({"ABO": "A" * MAXIMUM_TEXT, **dict.fromkeys(names, 1)})

    (entry,), reader = _read(line)

    assert entry.texts == {"ABO": "A" * MAXIMUM_TEXT}
    assert reader.warnings.counts[Code.ELEMENT_UNKNOWN] == MAXIMUM_NAMES
