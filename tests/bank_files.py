"""Inventories as a bank writes them, for tests of intake: a valid one, and any change to it."""

from collections.abc import Mapping

HLA = (
    "<A><DNA><FIELD1>11:01</FIELD1><FIELD2>24:02</FIELD2></DNA></A>"
    "<B><DNA><FIELD1>46:01</FIELD1><FIELD2/></DNA></B>"
    "<DRB1><SER><FIELD1>9</FIELD1></SER><DNA><FIELD1>09:01</FIELD1></DNA></DRB1>"
)
"""A type with two alleles, with a blank second field, and with none."""

FIELDS: Mapping[str, str] = {
    "ID": "BJ-0001",
    "BIRTH_DATE": "2015-06-01",
    "SEX": "F",
    "ABO": "AB",
    "RHESUS": "P",
    "HLA": HLA,
    "STATUS": "AV",
    "BANK_MANUF_ID": "BJ",
    "COLL_DATE": "2015-06-01",
    "PROC_DATE": "2015-06-02",
    "FREEZE_DATE": "2015-06-02",
    "PROD_MOD": "PRR",
    "VOL": "98.5",
    "TNC": "1.4E9",
    "TNC_FRZN": "1.2E9",
    "CD34PC_FRZN": "4.2E6",
    "CONSENT_OPEN_DATA": "Y",
}
"""A valid unit, in the order of its elements."""

ENVELOPE: Mapping[str, str] = {
    "LISTING_ORGANIZATION": "9991",
    "POOL": "9991",
    "CONTENT_TYPE": "C",
    "UPDATE_MODE": "FULL",
    "SNAPSHOT_TIME": "2025-12-31T16:00:00Z",
}
"""Attributes of a valid INVENTORY."""

CREATED = "2026-01-01T00:00:00Z"


def unit(number: str = "BJ-0001", /, *more: str, **changes: str | None) -> str:
    """Return a ``CBU`` element with each field on a line of its own; ``None`` leaves one out.

    ``more`` is added before the end. The element itself stands on the first line, ``ID`` on the
    second, ``BIRTH_DATE`` on the third and so on.
    """
    fields = {**FIELDS, "ID": number, **changes}
    lines = [f"<{name}>{text}</{name}>" for name, text in fields.items() if text is not None]
    return "\n".join(["<CBU>", *lines, *more, "</CBU>"])


def inventory(*units: str, root: str | None = None, **attributes: str | None) -> str:
    """Return a file; units begin on line 4. ``None`` leaves an attribute of INVENTORY out.

    ``root`` is the text of the attributes of INVENTORIES.
    """
    envelope = {**ENVELOPE, **attributes}
    written = " ".join(f'{name}="{text}"' for name, text in envelope.items() if text is not None)
    outer = f'CREATION_TIME="{CREATED}" SYNTHETIC="true"' if root is None else root
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<INVENTORIES {outer}>",
            f"<INVENTORY {written}>",
            *units,
            "</INVENTORY>",
            "</INVENTORIES>\n",
        ]
    )
