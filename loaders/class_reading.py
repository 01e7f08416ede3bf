"""Reads the batch classes into memory: all of them, or those that were added since."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.bands import Band
from domain.periods import YearRange
from loaders.class_table import ATTRIBUTES, NEVER, ClassTable, Column
from loaders.published_classes import BATCH_CLASSES, WITHDRAWN_CLASSES, BatchClassRecord
from loaders.slices import sliced
from loaders.statements import Pool

_PIECE = 5_000
"""Rows that are read at once."""


async def read_classes(source: Pool, known: ClassTable | None = None) -> ClassTable:
    """Return the table of all batch classes; those of ``known`` are not read again."""
    draft = Draft(known)
    while True:
        records = await BATCH_CLASSES.fetch(source, draft.newest, _PIECE)
        await draft.add(records)
        if len(records) < _PIECE:
            break
    withdrawn = await WITHDRAWN_CLASSES.fetch(source)
    return draft.table({record.id: record.withdrawn for record in withdrawn})


class Draft:
    """A table that grows.

    Attributes:
        newest: The highest id so far.
    """

    def __init__(self, known: ClassTable | None) -> None:
        self.newest = 0
        self._ids: list[NDArray[np.int32]] = []
        self._units: list[NDArray[np.int32]] = []
        self._codes: list[list[NDArray[np.int32]]] = [[] for _ in ATTRIBUTES]
        self._values: list[dict[Any, int]] = [{} for _ in ATTRIBUTES]
        if known is not None and len(known):
            self.newest = int(known.ids[-1])
            self._ids.append(known.ids)
            self._units.append(known.units)
            for place, column in enumerate(known.columns.values()):
                self._codes[place].append(column.codes)
                self._values[place] = {value: code for code, value in enumerate(column.values)}

    async def add(self, records: list[BatchClassRecord]) -> None:
        """Add classes in the order of their ids."""
        if not records:
            return
        rows = [self._coded(record) async for record in sliced(records)]
        for chunks, codes in zip(self._codes, np.array(rows, np.int32).T, strict=True):
            chunks.append(codes.copy())
        self._ids.append(np.fromiter((record.id for record in records), np.int32, len(records)))
        self._units.append(
            np.fromiter((record.units for record in records), np.int32, len(records))
        )
        self.newest = records[-1].id

    def table(self, withdrawn: dict[int, int]) -> ClassTable:
        """Return the table, given which release withdrew which class."""
        ids = _joined(self._ids)
        until = np.full(len(ids), NEVER, np.int32)
        gone = np.fromiter(withdrawn, np.int32, len(withdrawn))
        until[np.searchsorted(ids, gone)] = list(withdrawn.values())
        columns = [
            Column(tuple(values), _joined(codes))
            for values, codes in zip(self._values, self._codes, strict=True)
        ]
        return ClassTable(ids, _joined(self._units), until, columns)

    def _coded(self, record: BatchClassRecord) -> tuple[int, ...]:
        return tuple(
            values.setdefault(read(record), len(values))
            for values, read in zip(self._values, _READERS, strict=True)
        )


def _joined(chunks: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    return np.concatenate(chunks) if chunks else np.empty(0, np.int32)


def _period(record: BatchClassRecord) -> YearRange | None:
    if record.period_from is None or record.period_to is None:
        return None
    return YearRange(record.period_from, record.period_to)


_READERS: tuple[Callable[[BatchClassRecord], Any], ...] = (
    lambda record: record.bank,
    _period,
    lambda record: record.abo,
    lambda record: Band(record.tnc_min, record.tnc_max) if record.tnc_published else None,
    lambda record: Band(record.cd34_min, record.cd34_max) if record.cd34_published else None,
    lambda record: Band(record.volume_min, record.volume_max) if record.volume_published else None,
    lambda record: record.processing,
    lambda record: record.added,
)
"""How each of `ATTRIBUTES` is read from a record."""
