"""A release in Croissant 1.0: its files, and how to read records out of them.

See https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html. Readers do not resolve
addresses against that of the description, so these are absolute, and the API makes it.
"""

from api.portals.description import Description, Publisher
from api.portals.schema_org import about
from api.portals.table_files import CSV, PARQUET, TableFile, table_files
from domain.tables import Column, Kind

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"

_CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {Kind.TEXT: "sc:Text", Kind.INTEGER: "sc:Integer", Kind.NUMBER: "sc:Float"}
_ENCODINGS = {PARQUET: "application/x-parquet", CSV: "text/csv"}
"""What Croissant calls the formats; its readers find gzip by themselves. JSON Lines it lacks."""


def croissant(release: Description, publisher: Publisher, root: str) -> dict[str, object]:
    """Return the description of a release; arguments as those of `schema_org.dataset`."""
    files = [each for each in table_files(release.files) if each.form in _ENCODINGS]
    said = about(release, publisher, root)
    del said["inLanguage"]  # one language: names must be plain texts here
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "@id": f"{root}{release.path}#dataset",
        "name": f"cordgraph-release-{release.number}",
        "alternateName": release.title.en,
        "description": release.description.en,
        "conformsTo": CONFORMS_TO,
        **said,
        "version": f"{release.number}.0.0",
        "citeAs": f"{publisher.name}: {release.title.en}. {root}{release.path}",
        "distribution": [_file_object(each, root + release.path) for each in files],
        "recordSet": [_record_set(each) for each in files if each.form is PARQUET],
    }


def _file_object(file: TableFile, folder: str) -> dict[str, object]:
    return {
        "@type": "cr:FileObject",
        "@id": file.record.path,
        "name": file.record.path,
        "description": file.table.title.en,
        "contentUrl": folder + file.record.path,
        "contentSize": f"{file.record.bytes} B",
        "encodingFormat": _ENCODINGS[file.form],
        "sha256": file.record.sha256,
    }


def _record_set(file: TableFile) -> dict[str, object]:
    table = file.table
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description.en,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [_field(table.name, column, file.record.path) for column in table.columns],
    }


def _field(table: str, column: Column, path: str) -> dict[str, object]:
    said: dict[str, object] = {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": f"{table}/{column.name}",
        "description": column.description.en,
        "dataType": _TYPES[column.kind],
        "source": {"fileObject": {"@id": path}, "extract": {"column": column.name}},
    }
    if column.references is not None:
        said["references"] = {"field": {"@id": column.references.replace(".", "/")}}
    return said
