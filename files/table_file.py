"""Writes a table into a file of each format, chunk by chunk, the same bytes every time.

What the bytes depend on besides the rows is the version of pyarrow, which brings its own zlib and
zstd: not the machine, its locale, its time or its Python.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from domain.tables import Table
from files.chunks import Chunk
from files.formats import arrow_schema, csv_header
from files.layout import Format

ROW_GROUP: Final = 131_072
"""Rows of each row group of a Parquet file but the last, whatever the chunks were."""

_ZSTD_LEVEL: Final = 9
_ALL_DIFFERENT: Final = "id"


class TableFile(Protocol):
    """A file that is being written."""

    def write(self, chunk: Chunk) -> None:
        """Add the rows of ``chunk`` behind those that came before."""

    def close(self) -> None:
        """Finish the file."""


def open_table_file(
    path: Path, table: Table, written_as: Format, about: Mapping[str, str]
) -> TableFile:
    """Begin the file ``path``, whose folder is there.

    Args:
        path: Where to.
        table: Which table it holds.
        written_as: In which format.
        about: What the file says of itself, where its format can.
    """
    if written_as is Format.PARQUET:
        return ParquetFile(path, table, about)
    if written_as is Format.CSV:
        return TextFile(path, lambda chunk: chunk.csv(), csv_header(table))
    return TextFile(path, lambda chunk: chunk.jsonl(), "")


class ParquetFile:
    """Parquet with zstd, statistics and page indexes, so that readers fetch what they need."""

    def __init__(self, path: Path, table: Table, about: Mapping[str, str]) -> None:
        self._schema = arrow_schema(table, about)
        names = [column.name for column in table.columns]
        places = [names.index(name) for name in table.key if table.sorted_by is None]
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            version="2.6",
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            # Ids are all different: a dictionary of them only takes room.
            use_dictionary=[name for name in names if name != _ALL_DIFFERENT],  # type: ignore[arg-type]
            write_statistics=True,
            write_page_index=True,
            write_page_checksum=True,
            store_schema=True,
            sorting_columns=[pq.SortingColumn(place) for place in places] or None,
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, chunk: Chunk) -> None:
        """Add rows; they are written by whole row groups."""
        self._waiting.append(chunk.arrow().cast(self._schema))
        self._rows += len(chunk)
        while self._rows >= ROW_GROUP:
            self._write_group(ROW_GROUP)

    def close(self) -> None:
        """Write what is left, and the footer."""
        if self._rows:
            self._write_group(self._rows)
        self._writer.close()

    def _write_group(self, rows: int) -> None:
        # Copied into one piece: where pages end must not depend on where chunks did.
        waiting = pa.concat_tables(self._waiting)
        self._writer.write_table(waiting.slice(0, rows).combine_chunks(), row_group_size=rows)
        self._rows -= rows
        self._waiting = [waiting.slice(rows)] if self._rows else []


class TextFile:
    """Lines, compressed by gzip without a time or a name in its header."""

    def __init__(self, path: Path, lines: Callable[[Chunk], str], header: str) -> None:
        self._lines = lines
        self._file = pa.OSFile(str(path), "wb")
        self._stream = pa.CompressedOutputStream(self._file, "gzip")
        self._write(header)

    def write(self, chunk: Chunk) -> None:
        """Add the lines of ``chunk``."""
        self._write(self._lines(chunk))

    def close(self) -> None:
        """Finish the stream and the file."""
        self._stream.close()
        self._file.close()

    def _write(self, text: str) -> None:
        self._stream.write(text.encode())
