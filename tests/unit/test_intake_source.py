"""The format of a file: by the ending of its name, or else by its content."""

from pathlib import Path

import pytest

from publishing.intake.faults import Code, FileFaultError
from publishing.intake.source import Format, Source

_XML = b"<INVENTORIES/>"
_CSV = b"ID,STATUS\n"
_JSON = b'{"ID": 1}\n'
_MARK = b"\xef\xbb\xbf"


def _examine(folder: Path, name: str, content: bytes) -> Source:
    path = folder / name
    path.write_bytes(content)
    return Source.examine(path)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.xml", _XML, Format.XML),
        ("a.XML", _MARK + b"\n " + _XML, Format.XML),
        ("a.csv", _CSV, Format.CSV),
        ("a.CSV", _MARK + b"#POOL=9991\n" + _CSV, Format.CSV),
        ("a.csv", b"STATUS", Format.CSV),
        ("a.ndjson", _JSON, Format.NDJSON),
        ("a.jsonl", _MARK + b"\n" + _JSON, Format.NDJSON),
        ("a.txt", _XML, Format.XML),
        ("a", "<?xml?>".encode("utf-16"), Format.XML),
        ("a.txt", _CSV, Format.CSV),
        ("a.data", b"#POOL=9991\nID\n", Format.CSV),
        ("a.json", _JSON, Format.NDJSON),
    ],
)
def test_the_format_is_found(tmp_path: Path, name: str, content: bytes, expected: Format) -> None:
    """The ending decides, in any capitals; without one that is known, the content does."""
    source = _examine(tmp_path, name, content)

    assert (source.format, source.size) == (expected, len(content))


_UTF_16 = "The file is not UTF-8 but perhaps UTF-16; write it as UTF-8."
_CSV_END = "; send plain CSV, or name the file after its format."
_NDJSON_END = "; send NDJSON: one JSON object on each line."
_ANY_END = "; send XML, CSV or NDJSON and name it .xml, .csv or .ndjson."


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("a.csv", _XML, Code.NOT_CSV, f"The file is XML{_CSV_END}"),
        ("a.CSV", _XML, Code.NOT_CSV, f"The file is XML{_CSV_END}"),
        ("a.csv", _JSON, Code.NOT_CSV, f"The file is JSON{_CSV_END}"),
        ("a.csv", b"\x1f\x8b\x08", Code.NOT_CSV, f"The file is a gzip archive{_CSV_END}"),
        ("a.csv", _CSV.decode().encode("utf-16"), Code.TEXT_ENCODING, _UTF_16),
        ("a.csv", _CSV.decode().encode("utf-16-le"), Code.TEXT_ENCODING, _UTF_16),
        ("a.ndjson", _JSON.decode().encode("utf-16"), Code.TEXT_ENCODING, _UTF_16),
        ("a.ndjson", b"[" + _JSON, Code.NOT_NDJSON, f"The file is a JSON array{_NDJSON_END}"),
        ("a.ndjson", _XML, Code.NOT_NDJSON, f"The file is XML{_NDJSON_END}"),
        ("a.jsonl", b"PK\x03\x04", Code.NOT_NDJSON,
         f"The file is a ZIP archive or spreadsheet{_NDJSON_END}"),
        ("a.ndjson", _CSV, Code.NOT_NDJSON, f"The file is no JSON{_NDJSON_END}"),
        ("a.xml", _CSV, Code.NOT_XML,
         "The file is text without tags, perhaps CSV; send the inventory as plain XML."),
        ("a.gz", b"\x1f\x8b,", Code.FORMAT_UNKNOWN, f"The file is a gzip archive{_ANY_END}"),
        ("a.txt", b"units", Code.FORMAT_UNKNOWN, f"The content is none of them{_ANY_END}"),
        ("a.txt", b"units\n1,2", Code.FORMAT_UNKNOWN, f"The content is none of them{_ANY_END}"),
        ("a.txt", b"a,\0b", Code.FORMAT_UNKNOWN, f"The content is none of them{_ANY_END}"),
        ("a.json", b"[{}]", Code.FORMAT_UNKNOWN, f"The content is none of them{_ANY_END}"),
    ],
)  # fmt: skip
def test_what_cannot_be_the_format_is_refused(
    tmp_path: Path, name: str, content: bytes, code: Code, message: str
) -> None:
    """The fault says what the file seems to be and what to send."""
    with pytest.raises(FileFaultError) as raised:
        _examine(tmp_path, name, content)

    finding = raised.value.finding
    assert (finding.code, finding.message, finding.line) == (code, message, 1)
