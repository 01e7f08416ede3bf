"""Feeds inventories to the readers of intake."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import pytest

from publishing.intake.entry import Entry
from publishing.intake.faults import FileFaultError, Finding
from publishing.intake.reader import Reader

NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
"""The time of intake."""

ReaderT = TypeVar("ReaderT", bound=Reader)
Make = Callable[[dt.datetime, Callable[[Entry], None]], ReaderT]


def read_with(
    make: Make[ReaderT], data: bytes | str, step: int | None = None
) -> tuple[list[Entry], ReaderT]:
    """Feed ``data`` in pieces of ``step`` bytes; return the units and the reader."""
    entries: list[Entry] = []
    reader = make(NOW, entries.append)
    encoded = data.encode() if isinstance(data, str) else data
    for start in range(0, len(encoded), step or max(len(encoded), 1)):
        reader.feed(encoded[start : start + (step or len(encoded))])
    reader.close()
    return entries, reader


def fault_with(make: Make[ReaderT], data: bytes | str) -> Finding:
    """Return the fault that ends the reading of ``data``."""
    with pytest.raises(FileFaultError) as raised:
        read_with(make, data)
    return raised.value.finding
