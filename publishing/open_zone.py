"""Writes a batch: its classes and units into the open zone, its origins into the intake zone."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import TypeAlias

from database.pool import Connection
from domain.bands import Band
from domain.progress import Report, silent
from domain.units import UnitClass
from publishing.anonymise import Candidate
from publishing.batch import Batch
from publishing.figures import Figures

ClassValues: TypeAlias = tuple[str | int | float | None, ...]
"""The columns of ``open.unit_class`` behind id and scheme, in their order."""

_Row: TypeAlias = tuple[object, ...]
_REPORT_EVERY = 10_000

_KNOWN_CLASSES = """
select id, bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min, cd34_max, volume_min,
       volume_max, processing
from open.unit_class where scheme = $1
"""

# Identities are given out in the order of the arrays, since the rows are sorted by it first.
_ADD_CLASSES = """
insert into open.unit_class (scheme, bank, period_from, period_to, abo, tnc_min, tnc_max,
                             cd34_min, cd34_max, volume_min, volume_max, processing)
select $1, bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min, cd34_max, volume_min,
       volume_max, processing
from unnest($2::text[], $3::integer[], $4::integer[], $5::text[], $6::float8[], $7::float8[],
            $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::text[])
     with ordinality as c (bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min,
                           cd34_max, volume_min, volume_max, processing, position)
order by position
"""

_ADD_BATCH_CLASSES = """
insert into open.batch_class (class_id, added, units, digest)
select class_id, $1, units, digest
from unnest($2::integer[], $3::integer[], $4::text[])
     with ordinality as c (class_id, units, digest, position)
order by position
"""

_END_WAITING = """
update intake.unit_map m set scheme = $1, release = $2, unit_id = w.unit_id
from unnest($3::bigint[], $4::text[]) as w (raw_unit_id, unit_id)
where m.raw_unit_id = w.raw_unit_id
"""


def class_values(unit_class: UnitClass) -> ClassValues:
    """Return ``unit_class`` as the columns of ``open.unit_class``."""
    period = unit_class.period
    bands = (unit_class.tnc, unit_class.cd34, unit_class.volume)
    return (
        unit_class.bank,
        period.first if period else None,
        period.last if period else None,
        unit_class.abo,
        *(end for band in bands for end in _ends(band)),
        unit_class.processing,
    )


async def add_classes(connection: Connection, scheme: int, batch: Batch) -> list[int]:
    """Store the classes of ``batch`` that are new; return the ids of all, aligned with it."""
    wanted = [class_values(unit_class) for unit_class in batch.classes]
    known = await _known_classes(connection, scheme)
    if new := [values for values in wanted if values not in known]:
        await connection.execute(_ADD_CLASSES, scheme, *map(list, zip(*new, strict=True)))
        known = await _known_classes(connection, scheme)
    return [known[values] for values in wanted]


async def add_batch_classes(
    connection: Connection, release: int, batch: Batch, class_ids: list[int], figures: Figures
) -> list[int]:
    """Store how many units ``release`` adds to each class; return ids aligned with ``batch``."""
    await connection.execute(
        _ADD_BATCH_CLASSES,
        release,
        class_ids,
        [len(members) for members in batch.classes.values()],
        [figures.class_digests[unit_class] for unit_class in batch.classes],
    )
    rows = await connection.fetch(
        "select class_id, id from open.batch_class where added = $1", release
    )
    ids: dict[int, int] = {row[0]: row[1] for row in rows}
    return [ids[class_id] for class_id in class_ids]


async def add_units(
    connection: Connection, batch: Batch, batch_class_ids: list[int], report: Report = silent
) -> None:
    """Store the units of ``batch`` in one statement, as the database demands, and in id order."""
    units = sorted(
        (unit.unit_id, batch_class_id)
        for members, batch_class_id in zip(batch.classes.values(), batch_class_ids, strict=True)
        for unit in members
    )
    await connection.copy_records_to_table(
        "unit",
        schema_name="open",
        columns=["id", "batch_class_id"],
        records=_counted(units, len(units), "Publishing units", report),
    )


async def add_origins(
    connection: Connection,
    scheme: int,
    release: int,
    batch: Batch,
    report: Report = silent,
) -> None:
    """Store which unit became which public id, and which units wait."""
    published = partial(chain.from_iterable, batch.classes.values())
    # In the order of the rows that they refer to, which are locked then page by page. Millions of
    # rows are made one by one on their way, not beforehand.
    rows: Iterator[_Row] = chain(
        ((u.row, scheme, u.unit_id, release) for u in _new(published())),
        ((u.row, scheme, u.unit_id, None) for u in _new(batch.deferred)),
    )
    await connection.copy_records_to_table(
        "unit_map",
        schema_name="intake",
        columns=["raw_unit_id", "scheme", "unit_id", "release"],
        records=_counted(rows, batch.considered, "Recording origins", report),
    )
    await _end_waiting(connection, scheme, release, [u for u in published() if u.waiting])
    await _end_waiting(connection, scheme, None, [u for u in batch.deferred if u.waiting])


def _new(units: Iterable[Candidate]) -> list[Candidate]:
    """Return the units that no scheme has seen, in the order of their rows."""
    return sorted((unit for unit in units if not unit.waiting), key=attrgetter("row"))


async def _end_waiting(
    connection: Connection, scheme: int, release: int | None, units: list[Candidate]
) -> None:
    await connection.execute(
        _END_WAITING,
        scheme,
        release,
        [unit.row for unit in units],
        [unit.unit_id for unit in units],
    )


async def _known_classes(connection: Connection, scheme: int) -> dict[ClassValues, int]:
    rows = await connection.fetch(_KNOWN_CLASSES, scheme)
    return {tuple(row)[1:]: row[0] for row in rows}


def _ends(band: Band | None) -> tuple[float | None, float | None]:
    return (band.minimum, band.maximum) if band else (None, None)


def _counted(rows: Iterable[_Row], total: int, stage: str, report: Report) -> Iterator[_Row]:
    """Pass ``rows`` on, at most ``total``, and report how many went by."""
    for done, row in enumerate(rows):
        if done % _REPORT_EVERY == 0:
            report(stage, done, total)
        yield row
    report(stage, total, total)
