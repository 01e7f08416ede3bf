"""Rows that go into a file of any format come out of it as they were."""

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.tables import Allowed, Column, Kind, Table, Text
from files.chunks import Rows
from files.formats import Row, arrow_schema
from files.layout import Format
from files.table_file import ROW_GROUP, open_table_file
from files.table_reader import InvalidTableError, check_values, read_rows

_SAID = Text("Said.", "说明。")


def _column(name: str, kind: Kind, *, nullable: bool = False) -> Column:
    return Column(name, kind, _SAID, _SAID, nullable)


TABLE = Table(
    "things",
    _SAID,
    _SAID,
    (
        _column("code", Kind.TEXT),
        _column("text", Kind.TEXT, nullable=True),
        _column("count", Kind.INTEGER, nullable=True),
        _column("share", Kind.NUMBER, nullable=True),
    ),
    ("code",),
)
# Our texts are printable; an empty one is absent in CSV, and no column of ours can be empty.
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1) | (
    st.sampled_from(
        ['"', ",", '"",', "a,b", " x", "x ", "NULL", "null", "nan", "1", "=1+1", "\u2028"]
    )
)
_ROWS = st.lists(
    st.tuples(
        _TEXTS,
        st.none() | _TEXTS,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
    ),
    max_size=5,
)


def _write(path: Path, form: Format, *chunks: Sequence[Row]) -> Path:
    file = open_table_file(path, TABLE, form, {"release": "1"})
    for chunk in chunks:
        file.write(Rows(TABLE, chunk))
    file.close()
    return path


@given(rows=_ROWS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_our_reader_reads_what_was_written(tmp_path: Path, rows: list[Row]) -> None:
    """Whatever the values are, each format gives back the same rows."""
    for form in Format:
        path = _write(tmp_path / form.value, form, rows)
        assert [repr(row) for row in read_rows(path, TABLE, form)] == [repr(tuple(r)) for r in rows]


@given(rows=_ROWS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_other_readers_read_the_same(tmp_path: Path, rows: list[Row]) -> None:
    """Python's own csv, polars and pyarrow too."""
    wanted = [tuple(row) for row in rows]
    path = _write(tmp_path / "x.csv.gz", Format.CSV, rows)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(io.StringIO(file.read()), strict=True)
    assert header == ["code", "text", "count", "share"]
    assert [line[:2] for line in lines] == [[row[0], row[1] or ""] for row in wanted]
    path = _write(tmp_path / "x.parquet", Format.PARQUET, rows)
    assert pl.read_parquet(path).rows() == wanted
    assert [tuple(row.values()) for row in pq.read_table(path).to_pylist()] == wanted


@pytest.mark.parametrize("form", list(Format))
def test_a_table_without_rows_is_a_file(tmp_path: Path, form: Format) -> None:
    """It has its columns, where the format has any, and no rows."""
    path = _write(tmp_path / f"x.{form.value}", form)
    assert list(read_rows(path, TABLE, form)) == []
    if form is Format.PARQUET:
        found = duckdb.sql(f"from '{path}'")
        assert found is not None
        assert found.columns == ["code", "text", "count", "share"]


@pytest.mark.parametrize("form", list(Format))
def test_the_bytes_do_not_depend_on_chunks(tmp_path: Path, form: Format) -> None:
    """However the rows came, the file is the same; groups of rows have one size."""
    rows: list[Row] = [(f"{n:06}", None if n % 3 else "t", n, n / 7) for n in range(300_000)]
    one = _write(tmp_path / "one", form, rows)
    many = _write(tmp_path / "many", form, rows[:7], [], rows[7:200_001], rows[200_001:])
    assert one.read_bytes() == many.read_bytes()
    if form is Format.PARQUET:
        metadata = pq.read_metadata(one)
        sizes = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
        assert sizes == [ROW_GROUP, ROW_GROUP, 300_000 - 2 * ROW_GROUP]
    else:
        head = one.read_bytes()[:10]
        assert head[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"  # no name, no time


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((None, "t", 1, 1.0), "code is absent"),
        (("c", 1, 1, 1.0), "text is not of type text"),
        (("c", "t", True, 1.0), "count is not of type integer"),
        (("c", "t", 1, 1), "share is not of type number"),
    ],
)
def test_values_of_another_kind_are_refused(row: Row, told: str) -> None:
    """The message names the column."""
    with pytest.raises(InvalidTableError, match=told):
        check_values(TABLE, tuple(row))


def test_values_that_are_not_allowed_are_refused() -> None:
    """A column may say which values there are."""
    allowed = Column("abo", Kind.TEXT, _SAID, _SAID, allowed=(Allowed("A", _SAID),))
    table = Table("t", _SAID, _SAID, (allowed,), ("abo",))
    check_values(table, ("A",))
    with pytest.raises(InvalidTableError, match="abo has a value that is not allowed"):
        check_values(table, ("B",))


def test_a_short_file_that_says_a_long_text_in_each_row_is_refused(tmp_path: Path) -> None:
    """A dictionary keeps the text once; memory must not hold it as often as it is said."""
    path = tmp_path / "x"
    rows = {"code": ["x" * 200_000] * 20_000, "text": [None] * 20_000}
    numbers = {"count": [1] * 20_000, "share": [1.0] * 20_000}
    pq.write_table(pa.table({**rows, **numbers}, schema=arrow_schema(TABLE)), path)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InvalidTableError, match="1,024 rows are larger than"):
        list(read_rows(path, TABLE, Format.PARQUET))


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("content", [b"", b"no such file", b"PAR1", b"\x1f\x8b\x08\x00"])
def test_a_damaged_file_is_one_kind_of_error(tmp_path: Path, form: Format, content: bytes) -> None:
    """Whoever reads need not know the library below."""
    path = tmp_path / "x"
    path.write_bytes(content)
    if form is Format.JSONL and not content:
        assert list(read_rows(path, TABLE, form)) == []
        return
    with pytest.raises(InvalidTableError):
        list(read_rows(path, TABLE, form))
