"""The readers of inventories: one for each format, and all alike to their caller."""

import datetime as dt
from collections.abc import Callable
from typing import Protocol

from publishing.intake.csv_inventory import CsvReader
from publishing.intake.entry import Entry
from publishing.intake.envelope import Envelope
from publishing.intake.faults import Findings
from publishing.intake.inventory import InventoryReader
from publishing.intake.ndjson_inventory import NdjsonReader
from publishing.intake.source import Format


class Reader(Protocol):
    """Reads one file; memory stays the same however long it is.

    Attributes:
        envelope: Who sends what, when, and in which mode, as far as it was read.
        faults: Faults that belong to no unit.
        warnings: Warnings that belong to no unit.
        donors: Donors that were passed over.
    """

    envelope: Envelope
    faults: Findings
    warnings: Findings
    donors: int

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the file.

        Raises:
            FileFaultError: The file cannot be read on.
        """

    def close(self) -> None:
        """Read the end of the file.

        Raises:
            FileFaultError: The file ends too early.
        """


_READERS: dict[Format, Callable[[dt.datetime, Callable[[Entry], None]], Reader]] = {
    Format.XML: InventoryReader,
    Format.CSV: CsvReader,
    Format.NDJSON: NdjsonReader,
}


def open_reader(format_: Format, now: dt.datetime, take: Callable[[Entry], None]) -> Reader:
    """Return a reader of files in ``format_`` that calls ``take`` with each unit.

    Args:
        format_: How the file is written.
        now: The time of intake, with a zone.
        take: Called with each unit at its end.
    """
    return _READERS[format_](now, take)
