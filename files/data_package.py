"""``datapackage.json``: the release as a Data Package, for tools that read tables by description.

All paths in it are relative, so that it says the same here, on every mirror and on a disk. See
https://datapackage.org/standard/data-package/ (version 2).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.licences import licence_terms
from domain.published_tables import TABLES, UNITS
from domain.tables import Allowed, Column, Kind, Table
from files.layout import Format, table_file
from files.manifest import FileEntry, as_json
from files.release_document import ReleaseDocument

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {Kind.TEXT: "string", Kind.INTEGER: "integer", Kind.NUMBER: "number"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How a format is described.

    Attributes:
        written_as: The format.
        suffix: What it adds to the name of the resource.
        format: Its name.
        media_type: Of the file, or of what is in it where a reader unpacks it.
        is_described: Whether readers are told to read a table. Parquet says itself what is in it,
            and not all readers know JSON Lines: they check that the file is the right one.
    """

    written_as: Format
    suffix: str
    format: str
    media_type: str
    is_described: bool


_FORMS = (
    _Form(Format.CSV, "", "csv", "text/csv", is_described=True),
    _Form(Format.JSONL, "-jsonl", "jsonl.gz", "application/gzip", is_described=False),
    _Form(
        Format.PARQUET,
        "-parquet",
        "parquet",
        "application/vnd.apache.parquet",
        is_described=False,
    ),
)


def data_package(document: ReleaseDocument, entries: Iterable[FileEntry]) -> bytes:
    """Return the content of ``datapackage.json``: every complete table in every format.

    Batches are not in it: a package whose tables repeat each other's rows invites counting twice.

    Args:
        document: What ``release.json`` says.
        entries: The files of the release; those that hold no complete table are passed over.
    """
    files = {entry.path: entry for entry in entries}
    resources = [
        _resource(table, files[path], form)
        for table in TABLES
        for form in _FORMS
        if (path := table_file(table.name, form.written_as)) in files
    ]
    row = document.row
    licence = licence_terms(row.licence)
    return as_json(
        {
            "$schema": _PROFILE,
            "name": f"cordgraph-release-{row.number}",
            "id": f"sha256:{row.digest}",
            "title": f"{UNITS.title.en}, release {row.number}" + _made_up(synthetic=row.synthetic),
            "version": str(row.number),
            "created": row.published_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "licenses": [
                {
                    "name": licence.spdx,
                    "title": licence.name_en,
                    "path": licence.url,
                }
            ],
            "keywords": ["cord blood", "stem cells", "transplantation"],
            "resources": resources,
        }
    )


def _resource(table: Table, entry: FileEntry, form: _Form) -> dict[str, object]:
    """Describe a file; how long it is stands in the manifest.

    Readers over HTTP do not count the bytes of what is compressed, and take that for a difference.
    """
    about: dict[str, object] = {
        "name": _dashed(table.name) + form.suffix,
        "path": entry.path,
        "title": table.title.en,
        "description": table.description.en,
        "format": form.format,
        "mediatype": form.media_type,
        "hash": f"sha256:{entry.sha256}",
    }
    if form.is_described:
        packed = {"type": "table", "encoding": "utf-8", "compression": "gz"}
        about |= {**packed, "schema": _schema(table)}
    return about


def _schema(table: Table) -> dict[str, object]:
    foreign = [
        {"fields": [column.name], "reference": _reference(column.references)}
        for column in table.columns
        if column.references is not None
    ]
    return {
        "fields": [_field(column) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
        **({"foreignKeys": foreign} if foreign else {}),
    }


def _field(column: Column) -> dict[str, object]:
    constraints: dict[str, object] = {"required": True} if not column.nullable else {}
    if column.allowed:
        constraints["enum"] = [each.value for each in column.allowed]
    if column.pattern is not None:
        constraints["pattern"] = column.pattern
    about: dict[str, object] = {
        "name": column.name,
        "type": _TYPES[column.kind],
        "title": column.title.en,
        "description": column.description.en,
    }
    if column.allowed:
        about["categories"] = _categories(column.allowed)
    if column.unit is not None:
        about["unit"] = column.unit
    return {**about, **({"constraints": constraints} if constraints else {})}


def _categories(allowed: Sequence[Allowed]) -> list[dict[str, str]]:
    return [{"value": each.value, "label": each.description.en} for each in allowed]


def _reference(target: str) -> dict[str, object]:
    table, _, column = target.partition(".")
    return {"resource": _dashed(table), "fields": [column]}


def _made_up(*, synthetic: bool) -> str:
    return " (synthetic data)" if synthetic else ""


def _dashed(name: str) -> str:
    return name.replace("_", "-")
