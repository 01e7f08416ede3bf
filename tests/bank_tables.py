"""One inventory in each format: units as field by path, attributes by name."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests import bank_files

Fields = Mapping[str, str]

UNIT: Fields = {
    **{name: text for name, text in bank_files.FIELDS.items() if name != "HLA"},
    "HLA/A/DNA/FIELD1": "11:01",
    "HLA/A/DNA/FIELD2": "24:02",
    "HLA/B/DNA/FIELD1": "46:01",
    "HLA/DRB1/SER/FIELD1": "9",
    "HLA/DRB1/DNA/FIELD1": "09:01",
}
"""The valid unit of `tests.bank_files`."""

ATTRIBUTES: Mapping[str, str] = {
    "CREATION_TIME": bank_files.CREATED,
    "SYNTHETIC": "true",
    **bank_files.ENVELOPE,
}
"""The attributes of its file, without UNITS."""

_OUTER = ("CREATION_TIME", "SYNTHETIC")


def fields(number: str = "BJ-0001", /, **changes: str | None) -> dict[str, str]:
    """Return the fields of a valid unit; ``None`` leaves one out."""
    given: dict[str, str | None] = {**UNIT, "ID": number, **changes}
    return {path: text for path, text in given.items() if text is not None}


def deletion(number: str, bank: str = "BJ") -> dict[str, str]:
    """Return what changes say of a deleted unit."""
    return {"ID": number, "STATUS": "DE", "BANK_MANUF_ID": bank}


def attributes(units: Sequence[Fields], **changes: str | None) -> dict[str, str]:
    """Return the attributes of a file of ``units``; ``None`` leaves one out."""
    given: dict[str, str | None] = {**ATTRIBUTES, "UNITS": str(len(units)), **changes}
    return {name: text for name, text in given.items() if text is not None}


def csv_text(
    units: Sequence[Fields], columns: Sequence[str] | None = None, **changes: str | None
) -> str:
    """Return a CSV file: a line for each attribute, the header, a line for each unit."""
    names = list(columns or dict.fromkeys(path for unit in units for path in unit))
    lines = [f"#{name}={text}\n" for name, text in attributes(units, **changes).items()]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[unit.get(name, "") for name in names] for unit in units])
    return "".join(lines) + table.getvalue()


def ndjson_text(units: Sequence[Fields], **changes: str | None) -> str:
    """Return an NDJSON file: a line of attributes, and a line for each unit."""
    head = {"INVENTORY": attributes(units, **changes)}
    return "".join(f"{json.dumps(line)}\n" for line in (head, *map(_nested, units)))


def xml_text(units: Sequence[Fields], **changes: str | None) -> str:
    """Return an XML file with each unit on a line."""
    given = attributes(units, **changes, UNITS=None)
    outer = _written({name: given[name] for name in _OUTER if name in given})
    inner = _written({name: text for name, text in given.items() if name not in _OUTER})
    cbus = "".join(f"<CBU>{_elements(_nested(unit))}</CBU>\n" for unit in units)
    return f"<INVENTORIES {outer}>\n<INVENTORY {inner}>\n{cbus}</INVENTORY>\n</INVENTORIES>\n"


def _written(attributes: Mapping[str, str]) -> str:
    return " ".join(f'{name}="{text}"' for name, text in attributes.items())


def _nested(unit: Fields) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, text in unit.items():
        *groups, name = path.split("/")
        node = tree
        for group in groups:
            node = node.setdefault(group, {})
        node[name] = text
    return tree


def _elements(tree: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_elements(value) if isinstance(value, dict) else _escaped(value)}</{name}>"
        for name, value in tree.items()
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
