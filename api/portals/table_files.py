"""Which files of a release hold which table, and in which form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.published_tables import TABLES
from domain.tables import Table
from files.layout import Format, table_file
from loaders.releases import ReleaseFileRecord


@dataclass(frozen=True, slots=True)
class Form:
    """A format in which every table is published.

    Attributes:
        written_as: The format, as the layout of the files calls it.
        title: What people call it.
        content_type: Media type of what is in it.
        compression_type: Media type of the compression, if the file as a whole is compressed.
    """

    written_as: Format
    title: str
    content_type: str
    compression_type: str | None


PARQUET = Form(Format.PARQUET, "Parquet", "application/vnd.apache.parquet", None)
CSV = Form(Format.CSV, "CSV, gzip", "text/csv", "application/gzip")
JSON_LINES = Form(Format.JSONL, "JSON Lines, gzip", "application/jsonl", "application/gzip")
FORMS = (PARQUET, CSV, JSON_LINES)


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that holds all rows of a table."""

    table: Table
    form: Form
    record: ReleaseFileRecord


def table_files(files: Mapping[str, ReleaseFileRecord]) -> Iterator[TableFile]:
    """Yield the files of complete tables, table by table, in the order in which these are shown."""
    for table in TABLES:
        for form in FORMS:
            record = files.get(table_file(table.name, form.written_as))
            if record is not None:
                yield TableFile(table, form, record)
