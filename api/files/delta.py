"""What leads from one release to a later one: batches added, classes ended, tables changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import orjson

from domain.published_tables import TABLES, UNITS
from files.layout import RELEASE, Format, folder, table_file
from loaders.banks import BankRecord
from loaders.catalogue import Catalogue
from loaders.ended_classes import EndedClassRecord
from loaders.indications import IndicationRecord
from loaders.releases import ReleaseFileRecord

FORMAT = "cordgraph-changes-1"
RecordT = TypeVar("RecordT", BankRecord, IndicationRecord)


def delta_json(
    catalogue: Catalogue, since: int, release: int, ended: Sequence[EndedClassRecord]
) -> bytes:
    """Return how ``release`` differs from ``since``, both of which can be read.

    Args:
        catalogue: What is published.
        since: The earlier release.
        release: The later one.
        ended: The classes that it or one between left out.
    """
    before, after = catalogue.releases.get(since), catalogue.releases.get(release)
    assert before is not None and after is not None  # noqa: PT018, S101 - as the caller found
    batches = [_batch(catalogue, number) for number in range(since + 1, release + 1)]
    files = catalogue.files(release)
    shown = {
        "format": FORMAT,
        "since": since,
        "release": release,
        "units": {
            "before": before.unit_count,
            "added": sum(batch["units"] for batch in batches),
            "withdrawn": sum(each.units for each in ended),
            "after": after.unit_count,
        },
        "complete": all(not batch["withdrawn"] for batch in batches),
        "batches": batches,
        "withdrawnClasses": [asdict(each) for each in ended],
        "tables": [
            _table(catalogue, since, release, table.name) for table in TABLES if table is not UNITS
        ],
        "reference": {
            "banks": _codes(catalogue.banks(since), catalogue.banks(release)),
            "indications": _codes(catalogue.indications(since), catalogue.indications(release)),
        },
        "files": [_file(each) for each in files if each.path in (*_forms(UNITS.name), RELEASE)],
    }
    return orjson.dumps(shown)


def _batch(catalogue: Catalogue, number: int) -> dict[str, Any]:
    """Return what a release added; files of one that was withdrawn are not there any more."""
    record = catalogue.releases.get(number)
    gone = record is not None and record.withdrawn_at is not None
    prefix = f"batches/{number}/"
    files = [] if gone else [each for each in catalogue.files(number) if _is_in(each, prefix)]
    return {
        "release": number,
        "units": 0 if record is None else record.added_unit_count,
        "withdrawn": gone,
        "files": [_file(each) for each in files],
    }


def _table(catalogue: Catalogue, since: int, release: int, name: str) -> dict[str, Any]:
    old, new = (
        {each.path: each for each in catalogue.files(number) if each.path in _forms(name)}
        for number in (since, release)
    )
    # A Parquet file says in itself which release it is of; lines do not.
    lines = table_file(name, Format.JSONL)
    same = lines in old and lines in new and old[lines].sha256 == new[lines].sha256
    return {"name": name, "changed": not same, "files": [_file(each) for each in new.values()]}


def _forms(table: str) -> list[str]:
    return [table_file(table, form) for form in Format]


def _codes(before: Mapping[str, RecordT], after: Mapping[str, RecordT]) -> dict[str, Iterable[str]]:
    kept = before.keys() & after.keys()
    return {
        "added": sorted(after.keys() - before.keys()),
        "changed": sorted(code for code in kept if _said(before[code]) != _said(after[code])),
        "removed": sorted(before.keys() - after.keys()),
    }


def _said(record: BankRecord | IndicationRecord) -> dict[str, Any]:
    """Return what a record says, whichever release reads it."""
    return {**asdict(record), "release": None}


def _is_in(file: ReleaseFileRecord, prefix: str) -> bool:
    return file.path.startswith(prefix)


def _file(file: ReleaseFileRecord) -> dict[str, Any]:
    return {
        "path": f"{folder(file.release)}/{file.path}",
        "mediaType": file.media_type,
        "bytes": file.bytes,
        "rows": file.rows,
        "sha256": file.sha256,
    }
