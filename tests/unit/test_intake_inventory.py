"""The stream of an inventory file: what is read, what is passed over, what ends the reading."""

import codecs
import datetime as dt
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.intake.faults import DETAIL_LIMIT, Code, FileFaultError, Finding
from publishing.intake.inventory import (
    MAXIMUM_NAME,
    MAXIMUM_NAMES,
    MAXIMUM_PART_FAULTS,
    MAXIMUM_TEXT,
    MAXIMUM_TOKEN,
    InventoryReader,
)
from tests.bank_files import FIELDS, HLA, inventory, unit
from tests.bank_readers import NOW, fault_with, read_with

_TWO = inventory(unit("BJ-1"), unit("BJ-2"))


_read = partial(read_with, InventoryReader)


_fault = partial(fault_with, InventoryReader)


def _findings(reader: InventoryReader) -> list[Finding]:
    return [*reader.faults.kept, *reader.warnings.kept]


def _envelope(**attributes: str | None) -> list[tuple[Code, str | None, int | None, str | None]]:
    _, reader = _read(inventory(unit(), **attributes))
    return [(found.code, found.field, found.line, found.value) for found in _findings(reader)]


def test_units_come_out_as_they_stand() -> None:
    """Each unit has its line, the lines of its elements, and their texts by path."""
    entries, reader = _read(_TWO)

    assert [entry.line for entry in entries] == [4, 23]
    assert entries[1].lines["ABO"] == 27
    assert {path: text for path, text in entries[1].texts.items() if "/" not in path} == {
        **{name: text for name, text in FIELDS.items() if name != "HLA"},
        "ID": "BJ-2",
    }
    assert {path: text for path, text in entries[1].texts.items() if "/" in path} == {
        "HLA/A/DNA/FIELD1": "11:01",
        "HLA/A/DNA/FIELD2": "24:02",
        "HLA/B/DNA/FIELD1": "46:01",
        "HLA/DRB1/SER/FIELD1": "9",
        "HLA/DRB1/DNA/FIELD1": "09:01",
    }
    assert _findings(reader) == []
    assert reader.envelope.synthetic
    assert reader.envelope.snapshot_time == dt.datetime(2025, 12, 31, 16, tzinfo=dt.UTC)


@given(step=st.integers(1, 300))
def test_pieces_do_not_matter(step: int) -> None:
    """However the bytes are cut on their way in, the same units come out."""
    assert _read(_TWO, step)[0] == _read(_TWO)[0]


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + _TWO.encode(),
        _TWO.replace("UTF-8", "utf-16").encode("utf-16"),
        _TWO.replace("UTF-8", "UTF-16").encode("utf-16-be"),
        codecs.BOM_UTF16_LE + _TWO.split("\n", 1)[1].encode("utf-16-le"),
        _TWO.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        _TWO.replace("UTF-8", "us-ascii").encode("ascii"),
        _TWO.split("\n", 1)[1].encode(),
        _TWO.replace("\n", "").encode(),
        _TWO.replace("\n", "\r\n").encode(),
        _TWO.replace("<", "\n\t <").lstrip().encode(),
        _TWO.replace("INVENTORIES CR", 'INVENTORIES xmlns="urn:a" CR').encode(),
        _TWO.replace("</", "</w:").replace("<", "<w:").replace("<w:/w:", "</w:")
        .replace("<w:?", "<?").replace("<w:INVENTORIES", '<w:INVENTORIES xmlns:w="urn:a"').encode(),
        _TWO.replace("AV", "<!-- a --><![CDATA[AV]]><?a b?>").encode(),
        _TWO.replace("1.2E9", "&#49;.2&#x45;9").encode(),
    ],
    ids=[
        "utf-8-bom", "utf-16", "utf-16-without-bom", "utf-16-undeclared", "latin-1", "ascii",
        "undeclared", "one-line", "crlf", "indented", "namespace", "prefix", "cdata", "references",
    ],
)  # fmt: skip
def test_every_way_to_write_the_same_is_read(data: bytes) -> None:
    """Encodings, white space, prefixes, comments and references change nothing."""
    assert [entry.texts for entry in _read(data)[0]] == [entry.texts for entry in _read(_TWO)[0]]


def test_what_is_dropped_is_not_read() -> None:
    """Mother, markers, KIR and donors leave no trace; unknown elements leave their name."""
    blocks = "<MAT><ID>M1</ID><HLA><A><DNA><FIELD1>x</FIELD1></DNA></A></HLA></MAT>"
    text = inventory(
        "<DONOR><ID>D1</ID></DONOR>",
        unit("BJ-1", blocks, "<IDM><CMV>P</CMV></IDM>", "<KIR/>", "<NEW><A>n</A></NEW>", "<NEW/>"),
        "<DONOR/>",
        CONTENT_TYPE="B",
    )
    (entry,), reader = _read(text)

    assert entry.texts == _read(inventory(unit("BJ-1")))[0][0].texts
    assert entry.findings == []
    assert reader.donors == 2
    assert [(found.code, found.field, found.line) for found in _findings(reader)] == [
        (Code.DONOR_SKIPPED, "DONOR", 4),
        (Code.ELEMENT_UNKNOWN, "NEW", 26),
    ]


def test_empty_elements_are_absent() -> None:
    """An empty optional element is one warning, however many units have it."""
    entries, reader = _read(inventory(unit("1", ABO=""), unit("2", ABO=" \n"), unit("3", VOL="")))

    assert ["ABO" in entry.texts for entry in entries] == [False, False, True]
    assert [(found.code, found.field, found.line) for found in _findings(reader)] == [
        (Code.ELEMENT_EMPTY, "ABO", 8),
        (Code.ELEMENT_EMPTY, "VOL", 56),
    ]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"LISTING_ORGANIZATION": None}, (Code.ATTRIBUTE_MISSING, "LISTING_ORGANIZATION", 3, None)),
        ({"POOL": None}, (Code.ATTRIBUTE_MISSING, "POOL", 3, None)),
        ({"POOL": "999"}, (Code.ATTRIBUTE_INVALID, "POOL", 3, "999")),
        ({"POOL": "0999"}, (Code.ATTRIBUTE_INVALID, "POOL", 3, "0999")),
        ({"POOL": "١٢٣٤"}, (Code.ATTRIBUTE_INVALID, "POOL", 3, "١٢٣٤")),
        ({"CONTENT_TYPE": None}, (Code.ATTRIBUTE_MISSING, "CONTENT_TYPE", 3, None)),
        ({"CONTENT_TYPE": "X"}, (Code.ATTRIBUTE_INVALID, "CONTENT_TYPE", 3, "X")),
        ({"UPDATE_MODE": None}, (Code.ATTRIBUTE_MISSING, "UPDATE_MODE", 3, None)),
        ({"UPDATE_MODE": "full"}, (Code.ATTRIBUTE_INVALID, "UPDATE_MODE", 3, "full")),
        ({"SNAPSHOT_TIME": "today"}, (Code.ATTRIBUTE_INVALID, "SNAPSHOT_TIME", 3, "today")),
        (
            {"SNAPSHOT_TIME": "2026-11-22T08:05:01Z"},
            (Code.ATTRIBUTE_INVALID, "SNAPSHOT_TIME", 3, "2026-11-22T08:05:01Z"),
        ),
        (
            {"SNAPSHOT_TIME": "2026-02-30T00:00:00Z"},
            (Code.ATTRIBUTE_INVALID, "SNAPSHOT_TIME", 3, "2026-02-30T00:00:00Z"),
        ),
        ({"SNAPSHOT_TIME": None}, None),
        ({"SNAPSHOT_TIME": "2026-11-22T16:05:00"}, None),
        ({"SNAPSHOT_TIME": "2026-11-22T00:04:59.123456789-08:00"}, None),
    ],
)
def test_attributes_of_an_inventory(
    attributes: dict[str, str | None], expected: tuple[Code, str, int, str | None] | None
) -> None:
    """What is missing is a warning, what is wrong a fault; times without a zone are China's."""
    assert _envelope(**attributes) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("attributes", "synthetic", "codes"),
    [
        ("", False, [Code.ATTRIBUTE_MISSING]),
        ('CREATION_TIME="2026-01-01T00:00:00Z"', False, []),
        ('CREATION_TIME="2026-01-01T00:00:00Z" SYNTHETIC="1"', True, []),
        ('CREATION_TIME="2026-01-01T00:00:00Z" SYNTHETIC="0"', False, []),
        ('CREATION_TIME="2026-01-01T00:00:00Z" SYNTHETIC="yes"', False, [Code.ATTRIBUTE_INVALID]),
        ('CREATION_TIME="2027-01-01T00:00:00Z"', False, [Code.ATTRIBUTE_INVALID]),
        ('CREATION_TIME="0001-01-01T00:00:00+14:00"', False, [Code.ATTRIBUTE_INVALID]),
    ],
)
def test_attributes_of_the_file(attributes: str, *, synthetic: bool, codes: list[Code]) -> None:
    """A file is synthetic only if it says so."""
    _, reader = _read(inventory(unit(), root=attributes))

    assert reader.envelope.synthetic is synthetic
    assert [found.code for found in _findings(reader)] == codes


def test_several_inventories_stand_in_one_file() -> None:
    """Units of all are read; the snapshot is the latest."""
    second = inventory(unit("BJ-2"), SNAPSHOT_TIME="2026-01-01T00:00:00Z")
    inner = second[second.index("<INVENTORY ") : second.index("</INVENTORIES>")]
    text = inventory(unit("BJ-1")).replace("</INVENTORIES>", inner + "</INVENTORIES>")
    entries, reader = _read(text)

    assert [entry.texts["ID"] for entry in entries] == ["BJ-1", "BJ-2"]
    assert reader.envelope.snapshot_time == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


_LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def _broken() -> Iterator[tuple[str, bytes | str, Code, int]]:
    yield "doctype", _TWO.replace("\n", f"\n{_LAUGHS}\n", 1), Code.DOCTYPE_FORBIDDEN, 2
    external = '<!DOCTYPE INVENTORIES SYSTEM "file:///etc/passwd">'
    yield "external", _TWO.replace("\n", f"\n{external}\n", 1), Code.DOCTYPE_FORBIDDEN, 2
    yield "entity", _TWO.replace("AV", "&av;", 1), Code.XML_SYNTAX, 11
    yield "truncated", _TWO[:-20], Code.XML_TRUNCATED, 42
    yield "truncated-in-tag", _TWO[: _TWO.index("<STATUS") + 3], Code.XML_TRUNCATED, 11
    yield (
        "truncated-character",
        b"<INVENTORIES><INVENTORY>\xe4\xba",
        (Code.XML_TRUNCATED),
        1,
    )
    yield "crossed", _TWO.replace("</ABO>", "</AB0>", 1), Code.XML_SYNTAX, 8
    yield "second-root", _TWO + "<INVENTORIES/>", Code.XML_SYNTAX, 44
    yield "ampersand", _TWO.replace("AV", "A&V", 1), Code.XML_SYNTAX, 11
    yield "control", _TWO.replace("AV", "A\x01V", 1), Code.XML_SYNTAX, 11
    yield "nul", _TWO.replace("AV", "A\0V", 1), Code.XML_ENCODING, 11
    yield "gbk-as-utf-8", _TWO.replace("BJ-1", "京-1", 1).encode("gbk"), Code.XML_ENCODING, 5
    yield "gbk", _TWO.replace("UTF-8", "GBK").encode("gbk"), Code.XML_ENCODING, 1
    yield "cp1252", _TWO.replace("UTF-8", "windows-1252").encode("cp1252"), Code.XML_ENCODING, 1
    yield "unknown-encoding", _TWO.replace("UTF-8", "EBCDIC"), Code.XML_ENCODING, 1
    yield "wrong-encoding", _TWO.replace("UTF-8", "UTF-16"), Code.XML_ENCODING, 1
    yield (
        "not-ascii",
        _TWO.replace("UTF-8", "US-ASCII").replace("BJ-1", "é", 1),
        (Code.XML_ENCODING),
        5,
    )
    yield "wrong-root", "<html/>", Code.ROOT_WRONG, 1
    yield "lower-case", _TWO.lower(), Code.ROOT_WRONG, 2
    yield (
        "unit-outside",
        _TWO.replace("<INVENTORY ", "<CBU/>\n<INVENTORY "),
        (Code.ELEMENT_MISPLACED),
        3,
    )
    yield "unit-in-small", _TWO.replace("CBU>", "Cbu>"), Code.ELEMENT_MISPLACED, 4
    yield "donors", inventory(CONTENT_TYPE="D"), Code.CONTENT_REFUSED, 3
    yield "text-outside", _TWO.replace("<INVENTORY ", "a\n<INVENTORY "), Code.STRAY_TEXT, 4
    deep = "<A>" * 6 + "</A>" * 6
    yield "deep", inventory(unit("1", f"<X>{deep}</X>")), Code.NESTING_TOO_DEEP, 22
    yield "deep-outside", inventory("<X>" * 7 + "</X>" * 7), Code.NESTING_TOO_DEEP, 4
    yield "deep-in-field", inventory(unit(ABO=deep)), Code.NESTING_TOO_DEEP, 8
    long = "1" * (MAXIMUM_TEXT + 1)
    yield "long", inventory(unit(ABO=long)), Code.TEXT_TOO_LONG, 8
    names = "".join(f"<N{number}/>" for number in range(MAXIMUM_NAMES))
    nested = ("<CBU/>", "<x:Cbu/>", "<X><CBU/></X>", "<KIR><CBU/></KIR>", "<INVENTORY/>")
    for place in nested:
        yield f"nested-{place}", inventory(unit("1", place)), Code.ELEMENT_MISPLACED, 22
    yield "nested-in-field", inventory(unit(ABO="<CBU/>")), Code.ELEMENT_MISPLACED, 8
    yield "unit-in-stranger", inventory("<X><CBU/></X>"), Code.ELEMENT_MISPLACED, 4
    name = "N" * (MAXIMUM_NAME + 1)
    yield "long-name", inventory(unit("1", f"<{name}/>")), Code.XML_SYNTAX, 22
    yield "long-name-in-dropped", inventory(unit("1", f"<KIR><{name}/></KIR>")), Code.XML_SYNTAX, 22
    yield "long-name-outside", inventory(f"<{name}/>"), Code.XML_SYNTAX, 4
    yield "long-attribute", inventory(unit("1", f"<X {name}='1'/>")), Code.XML_SYNTAX, 22
    yield "names", inventory(unit("1", names)), Code.ELEMENT_MISPLACED, 26


_BROKEN = list(_broken())


@pytest.mark.parametrize(
    ("data", "code", "line"), [case[1:] for case in _BROKEN], ids=[case[0] for case in _BROKEN]
)
def test_a_broken_file_ends_with_one_fault(data: bytes | str, code: Code, line: int) -> None:
    """Whatever makes the file unfit is named, with its line, and nothing is raised but that."""
    finding = _fault(data)

    assert (finding.code, finding.line) == (code, line)
    assert finding.message[-1] in ".;"


def test_a_name_of_the_greatest_length_is_read() -> None:
    """An element and an attribute of 100 characters are dropped as others are."""
    name = "N" * MAXIMUM_NAME
    _, reader = _read(inventory(unit("1", f"<{name} {name}='1'/>")))

    assert [found.code for found in _findings(reader)] == [Code.ELEMENT_UNKNOWN]


def test_findings_of_endless_inventories_are_counted_and_some_are_kept() -> None:
    """Attributes that are wrong 12,000 times are counted; details end at the limit."""
    text = inventory("</INVENTORY>", "<INVENTORY POOL='1'/>" * 12_000, "<INVENTORY>")
    _, reader = _read(text)

    assert reader.faults.counts == {Code.ATTRIBUTE_INVALID: 12_000}
    assert reader.warnings.counts == {Code.ATTRIBUTE_MISSING: 3 * 12_000 + 4}
    assert (len(reader.faults.kept), len(reader.warnings.kept)) == (DETAIL_LIMIT, DETAIL_LIMIT)


def test_endless_text_does_not_fill_the_memory() -> None:
    """Text without end is refused after a mebibyte, whichever element it stands in."""
    reader = InventoryReader(NOW, lambda _entry: None)
    reader.feed(b"<INVENTORIES><INVENTORY UPDATE_MODE='FULL'><CBU><MAT>")
    for _ in range(MAXIMUM_TOKEN // 65_536):
        reader.feed(b"x" * 65_536)

    with pytest.raises(FileFaultError) as raised:
        reader.feed(b"x" * 65_536)
    assert raised.value.finding.code is Code.TEXT_TOO_LONG


@pytest.mark.parametrize("start", [b"<!-- ", b'<X a="', b"<?x "])
def test_an_endless_token_does_not_fill_the_memory(start: bytes) -> None:
    """A comment, tag or instruction that does not end is refused after a mebibyte."""
    reader = InventoryReader(NOW, lambda _entry: None)
    reader.feed(b"<INVENTORIES>" + start)
    for _ in range(MAXIMUM_TOKEN // 65_536 - 1):
        reader.feed(b"x" * 65_536)

    with pytest.raises(FileFaultError) as raised:
        reader.feed(b"x" * 65_536)
    assert raised.value.finding.code is Code.TEXT_TOO_LONG


def test_a_unit_of_endless_faults_keeps_some() -> None:
    """A million stray elements in one unit do not become a million findings."""
    (entry,), _ = _read(inventory(unit("1", "<ABO/>" * (MAXIMUM_PART_FAULTS + 5))))

    assert len(entry.findings) == MAXIMUM_PART_FAULTS


@given(cut=st.integers(0, len(_TWO) - 2))
def test_a_file_cut_anywhere_is_refused(cut: int) -> None:
    """No prefix of a file passes for a whole one."""
    assert _fault(_TWO[:cut]).code in (Code.XML_TRUNCATED, Code.XML_SYNTAX)


@given(
    flips=st.lists(
        st.tuples(st.integers(0, len(_TWO) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    step=st.integers(50, 2000),
)
def test_damaged_bytes_never_raise_anything_else(flips: list[tuple[int, int]], step: int) -> None:
    """With bytes changed at random, a file is read or refused; no other error escapes."""
    data = bytearray(_TWO.encode())
    for place, byte in flips:
        data[place] = byte
    assert _units_or_fault(bytes(data), step) in (0, 1, 2, None)


@given(st.text(alphabet="<>/!&;\"'=[]-ABCU ", max_size=80))
def test_any_text_in_a_unit_is_read_or_refused(text: str) -> None:
    """Markup at random inside a unit raises nothing but a fault of the file."""
    data = inventory(unit("1", text, HLA=HLA)).encode()

    assert _units_or_fault(data, len(data)) in (1, 2, None)


def _units_or_fault(data: bytes, step: int) -> int | None:
    """Return how many units were read, or ``None`` if the file was refused."""
    try:
        return len(_read(data, step)[0])
    except FileFaultError:
        return None
