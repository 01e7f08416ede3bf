"""Inventories in CSV: what is read, and each way in which one can be broken."""

import datetime as dt
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.intake.csv_inventory import CsvReader
from publishing.intake.faults import Code, FileFaultError, Finding
from publishing.intake.inventory import MAXIMUM_NAMES, MAXIMUM_TEXT
from publishing.intake.lines import MAXIMUM_LINE
from tests.bank_readers import NOW, fault_with, read_with
from tests.bank_tables import UNIT, csv_text, fields

_TWO = csv_text([fields("BJ-1"), fields("BJ-2")])
_HEAD = "ID,BIRTH_DATE,STATUS\n"
_ROW = "1,2015-06-01,AV\n"


_read = partial(read_with, CsvReader)


def _told(finding: Finding) -> tuple[Code, int | None, str | None, str]:
    return finding.code, finding.line, finding.field, finding.message


def test_units_come_out_as_they_stand() -> None:
    """Each unit has its line and its texts by path; the lines before the header say the rest."""
    entries, reader = _read(_TWO)

    assert [entry.line for entry in entries] == [10, 11]
    assert entries[1].texts == {**UNIT, "ID": "BJ-2"}
    assert entries[1].lines == {**dict.fromkeys(entries[1].texts, 11), "HLA": 11}
    assert [entry.is_broken for entry in entries] == [False, False]
    assert (reader.faults.kept, reader.warnings.kept, reader.donors) == ([], [], 0)
    assert reader.envelope.synthetic
    assert reader.envelope.snapshot_time == dt.datetime(2025, 12, 31, 16, tzinfo=dt.UTC)


@given(step=st.integers(1, 300))
def test_pieces_do_not_matter(step: int) -> None:
    """However the bytes are cut on their way in, the same units come out."""
    assert _read("\ufeff" + _TWO.replace("\n", "\r\n"), step)[0] == _read(_TWO)[0]


@pytest.mark.parametrize(
    "text",
    [
        _HEAD + "1,2015-06-01,AV",
        "\ufeff" + _HEAD + _ROW,
        (_HEAD + _ROW).replace("\n", "\r\n"),
        _HEAD + '"1","2015-06-01","AV"\n',
        " ID ,BIRTH_DATE,\tSTATUS\n 1 , 2015-06-01,AV\t\n",
        "\n" + _HEAD + "\n,,\n  , ,\n" + _ROW + ",,\n\n",
        "ID,MAT,BIRTH_DATE,MAT/ID,KIR/KIR2DL1,STATUS,IDM/CMV\n1,a,2015-06-01,b,c,AV,d\n",
    ],
    ids=["no-end", "mark", "crlf", "quoted", "white", "blank", "dropped"],
)
def test_ways_to_write_the_same(text: str) -> None:
    """Line ends, quotes, white space, empty rows and blocks that are dropped do not matter."""
    (entry,), _ = _read(text)

    assert entry.texts == {"ID": "1", "BIRTH_DATE": "2015-06-01", "STATUS": "AV"}


def test_empty_values_are_absent() -> None:
    """A blank cell leaves no trace, and HLA is there only if a typing is."""
    (entry,), _ = _read("ID,BIRTH_DATE,STATUS,ABO,HLA/A/DNA/FIELD1\n1,2015-06-01,AV, ,\n")

    assert entry.texts.keys() == entry.lines.keys() == {"ID", "BIRTH_DATE", "STATUS"}


@pytest.mark.parametrize(
    ("row", "values"), [("1,2015-06-01", 2), ("1,2015-06-01,AV,", 4), ("1,a,b,c,d", 5)]
)
def test_a_row_of_another_length_is_a_fault_of_its_unit(row: str, values: int) -> None:
    """It is told with both lengths, nothing of the row is read, and the next row is."""
    entries, _ = _read(f"{_HEAD}{row}\n{_ROW}")

    assert [entry.is_broken for entry in entries] == [True, False]
    assert entries[0].texts == {}
    assert [_told(finding) for finding in entries[0].findings] == [
        (Code.ROW_LENGTH, 2, None, f"The row has {values} values, and the header 3 columns.")
    ]


def _headers() -> Iterator[tuple[str, list[tuple[Code, str | None, str]]]]:
    yield (
        "ID,BIRTH_DATE,STATUS,TNC_FRZ,COLOUR",
        [
            (
                Code.COLUMN_UNKNOWN,
                "TNC_FRZ",
                "Column 4 is not part of the format; perhaps TNC_FRZN is meant.",
            ),
            (Code.COLUMN_UNKNOWN, "COLOUR", "Column 5 is not part of the format."),
        ],
    )
    yield (
        "ID,BIRTH_DATE,,STATUS,ID",
        [
            (Code.COLUMN_UNKNOWN, None, "Column 3 has no name; name it, or remove it."),
            (Code.COLUMN_REPEATED, "ID", "Column 5 has the name of column 1."),
        ],
    )
    yield (
        "ID,COLL_DATE",
        [
            (
                Code.COLUMN_MISSING,
                "BIRTH_DATE",
                "The header must name BIRTH_DATE: each unit has it.",
            ),
            (Code.COLUMN_MISSING, "STATUS", "The header must name STATUS: each unit has it."),
        ],
    )
    yield (
        "ID;BIRTH_DATE;STATUS",
        [
            (
                Code.COLUMN_UNKNOWN,
                "ID;BIRTH_DATE;STATUS",
                "Column 1 is not part of the format; separate the columns by commas.",
            ),
            *(
                (Code.COLUMN_MISSING, path, f"The header must name {path}: each unit has it.")
                for path in ("ID", "BIRTH_DATE", "STATUS")
            ),
        ],
    )


@pytest.mark.parametrize(("header", "told"), list(_headers()))
def test_a_wrong_header_is_told_in_full(
    header: str, told: list[tuple[Code, str | None, str]]
) -> None:
    """Every column that is unknown, repeated, nameless or missing is a fault; no row is read."""
    reader = CsvReader(NOW, lambda _: pytest.fail("a row was read"))

    with pytest.raises(FileFaultError) as raised:
        reader.feed(f"{header}\n{_ROW}".encode())

    found = [*reader.faults.kept, raised.value.finding]
    assert [(finding.code, finding.field, finding.message) for finding in found] == told
    assert {finding.line for finding in found} == {1}


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("HLA_A_DNA_FIELD1", "HLA/A/DNA/FIELD1"),
        ("id", "ID"),
        ("CONSENT_OPENDATA", "CONSENT_OPEN_DATA"),
    ],
)
def test_a_column_is_guessed(path: str, meant: str) -> None:
    """Other capitals, other separators and slips lead to the real one."""
    reader = CsvReader(NOW, lambda _: None)

    with pytest.raises(FileFaultError):
        reader.feed(f"{path},STATUS\n".encode())

    assert f"perhaps {meant} is meant" in reader.faults.kept[0].message


def test_changes_need_fewer_columns() -> None:
    """A file that only deletes names the units and says so."""
    (entry,), reader = _read(
        "#UPDATE_MODE=DIFF\n#SNAPSHOT_TIME=2026-02-01T00:00:00Z\n#FOLLOWS=2026-01-01T00:00:00Z\n"
        "ID,STATUS\n1,DE\n"
    )

    assert entry.texts == {"ID": "1", "STATUS": "DE"}
    assert reader.faults.kept == []


_QUOTE = (
    "The row is broken: a value that begins with a quote must end with one on the "
    'same line, followed by a comma, and a quote inside it is written "".'
)
_MARKED = (
    "A line before the header that begins with # must hold one attribute, such as "
    "#UPDATE_MODE=FULL."
)
_BROKEN = {
    "empty": (
        "\n\n",
        Code.COLUMN_MISSING,
        2,
        "The file has no line with the names of its columns.",
    ),
    "attributes-only": (
        "#SYNTHETIC=true\n",
        Code.COLUMN_MISSING,
        1,
        "The file has no line with the names of its columns.",
    ),
    "quoted-newline": (_HEAD + '1,"2015-\n06-01",AV\n', Code.CSV_SYNTAX, 2, _QUOTE),
    "open-quote": (_HEAD + _ROW + '1,2015-06-01,"AV', Code.CSV_SYNTAX, 3, _QUOTE),
    "after-quote": (_HEAD + '1,"2015"-06-01,AV\n', Code.CSV_SYNTAX, 2, _QUOTE),
    "carriage-return": (_HEAD + "1,2015-06-01,AV\r2,2015-06-01,AV\n", Code.CSV_SYNTAX, 2, _QUOTE),
    "comment": ("# an export\n" + _HEAD, Code.CSV_SYNTAX, 1, _MARKED),
    "two-attributes": ("#POOL=9991,#SYNTHETIC=true\n" + _HEAD, Code.CSV_SYNTAX, 1, _MARKED),
    "donors": (
        "#POOL=9991\n#CONTENT_TYPE=D\n" + _HEAD,
        Code.CONTENT_REFUSED,
        2,
        (
            "An inventory of donors (CONTENT_TYPE D) is not taken; send the cord blood units with "
            "CONTENT_TYPE C."
        ),
    ),
    "gbk": (
        (_HEAD + "京-1,2015-06-01,AV\n").encode("gbk"),
        Code.TEXT_ENCODING,
        2,
        "The bytes at byte 1 of the line are not UTF-8; write the file as UTF-8.",
    ),
    "latin-end": (
        (_HEAD + "1,2015-06-01,é").encode("latin-1"),
        Code.TEXT_ENCODING,
        2,
        "The bytes at byte 14 of the line are not UTF-8; write the file as UTF-8.",
    ),
    "long-value": (
        _HEAD + f"1,2015-06-01,{'A' * (MAXIMUM_TEXT + 1)}\n",
        Code.TEXT_TOO_LONG,
        2,
        "A value must not have more than 1,024 characters.",
    ),
    "very-long-value": (
        _HEAD + f"1,2015-06-01,{'A' * 200_000}\n",
        Code.TEXT_TOO_LONG,
        2,
        "A value must not have more than 1,024 characters.",
    ),
    "columns": (
        ",".join(f"C{number}" for number in range(MAXIMUM_NAMES + 1)),
        Code.COLUMN_UNKNOWN,
        1,
        "The header has 1,001 columns, more than 1,000; this is no inventory.",
    ),
    "long-line": (
        _HEAD + "1" * (MAXIMUM_LINE + 1) + "\n",
        Code.TEXT_TOO_LONG,
        2,
        "A line must not exceed 1,048,576 bytes.",
    ),
    "endless-line": (
        _HEAD + _ROW + "1" * (MAXIMUM_LINE + 1),
        Code.TEXT_TOO_LONG,
        3,
        "A line must not exceed 1,048,576 bytes.",
    ),
    "units": (
        "#UNITS=2\n" + _HEAD + _ROW,
        Code.UNITS_DIFFER,
        None,
        (
            "The file says that it has 2 units and has 1; it was cut or added to. Send it again, "
            "complete."
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
    finding = fault_with(CsvReader, data)

    assert (finding.code, finding.line, finding.message) == (code, line, message)


def test_the_longest_value_passes() -> None:
    """1,024 characters are read; what surrounds them does not count."""
    (entry,), _ = _read(_HEAD + f"1,2015-06-01, {'A' * MAXIMUM_TEXT} \n")

    assert entry.texts["STATUS"] == "A" * MAXIMUM_TEXT


def test_attributes_stand_as_a_spreadsheet_writes_them() -> None:
    """Empty cells behind an attribute and white space in it do not count."""
    _, reader = _read(f"# SYNTHETIC = true ,,\n{_HEAD}{_ROW}")

    assert reader.envelope.synthetic
    assert reader.faults.kept == []


def test_wrong_attributes_are_told_with_their_lines() -> None:
    """Unknown and repeated names, and values that break their rules, each on its line."""
    _, reader = _read(f"#UPDATEMODE=DIFF\n#POOL=1\n#POOL=9991\n#UNITS=one\n{_HEAD}{_ROW}")

    assert [
        (found.line, found.field, found.value, found.message) for found in reader.faults.kept
    ] == [
        (
            1,
            "UPDATEMODE",
            None,
            (
                "There is no attribute of this name; there are CREATION_TIME, SYNTHETIC, "
                "LISTING_ORGANIZATION, POOL, CONTENT_TYPE, UPDATE_MODE, SNAPSHOT_TIME, FOLLOWS, "
                "UNITS."
            ),
        ),
        (3, "POOL", None, "The attribute POOL must stand once."),
        (2, "POOL", "1", "The attribute POOL must be a number from 1000 to 9999."),
        (4, "UNITS", "one", "The attribute UNITS must be the number of units in the file."),
    ]


def test_missing_attributes_are_warnings() -> None:
    """They are told at the header, with what is assumed."""
    _, reader = _read(_HEAD + _ROW)

    assert [(found.line, found.field) for found in reader.warnings.kept] == [
        (1, "CREATION_TIME"),
        (1, "LISTING_ORGANIZATION"),
        (1, "POOL"),
        (1, "CONTENT_TYPE"),
        (1, "UPDATE_MODE"),
        (1, "UNITS"),
    ]
    assert {found.code for found in reader.warnings.kept} == {Code.ATTRIBUTE_MISSING}


def test_a_mark_in_a_row_is_a_value() -> None:
    """After the header # has no meaning."""
    (entry,), _ = _read(_HEAD + "#1,2015-06-01,AV\n")

    assert entry.texts["ID"] == "#1"


def test_a_thousand_columns_are_looked_at() -> None:
    """Each of them that is unknown is told."""
    reader = CsvReader(NOW, lambda _: None)

    with pytest.raises(FileFaultError):
        reader.feed((",".join(f"9{number}" for number in range(MAXIMUM_NAMES)) + "\n").encode())

    assert reader.faults.counts[Code.COLUMN_UNKNOWN] == MAXIMUM_NAMES
