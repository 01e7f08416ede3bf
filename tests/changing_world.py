"""A small world written by hand: releases that withdraw classes and change reference rows."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from database.access import Access
from database.pool import Connection, connect
from domain.bands import Band
from domain.digest import class_digest, release_digest
from domain.periods import YearRange
from domain.units import AboGroup, ProcessingMethod, UnitClass

Ends = tuple[float | None, float | None]
"""Lower and upper end of a band; two nulls where nothing was recorded."""

NONE: Ends = (None, None)
TNC: tuple[Ends, ...] = ((None, 8.0), (8.0, 10.0), (10.0, 12.5), (12.5, None))
CD34: tuple[Ends, ...] = ((None, 3.0), (3.0, 6.0), (6.0, None))
VOLUME: tuple[Ends, ...] = ((None, 60.0), (60.0, 90.0), (90.0, None))

_LEVELS = {
    "k": 11,
    "period_years": 5,
    "abo": True,
    "tnc_cuts": [8.0, 10.0, 12.5],
    "cd34_cuts": [3.0, 6.0],
    "volume_cuts": [60.0, 90.0],
    "processing": True,
}


@dataclass(frozen=True)
class Batch:
    """The units of one class that one release added, all with the same values.

    Attributes:
        number: Place among the batches of the world; ids follow from it.
        withdrawn: First release that no longer holds the units, or ``None``.
        size: How many units.
        ends: Ids of the first units, where they matter.
    """

    number: int
    bank: str
    year: int
    abo: str
    tnc: Ends
    cd34: Ends
    volume: Ends
    processing: str
    added: int
    withdrawn: int | None
    size: int
    ends: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The units' ids, ascending; those of several batches lie mixed."""
        texts = (f"{self.number}/{place}".encode() for place in range(len(self.ends), self.size))
        digests = (hashlib.sha256(text).hexdigest()[:20] for text in texts)
        return sorted(f"cbu_{digits}" for digits in (*self.ends, *digests))

    @property
    def period(self) -> tuple[int, int]:
        """First and last year of collection."""
        return self.year, self.year + 4

    @property
    def tnc_rank(self) -> float:
        """What lists by TNC are ordered by: -1 where nothing was recorded."""
        low, high = self.tnc
        if low is None:
            return -1.0 if high is None else 0.0
        return low

    @property
    def digest(self) -> str:
        """The digest of the class; see docs/digest.md."""
        values = UnitClass(
            self.bank,
            YearRange(*self.period),
            AboGroup(self.abo),
            Band(*self.tnc),
            Band(*self.cd34),
            Band(*self.volume),
            ProcessingMethod(self.processing),
        )
        return class_digest(values, self.added, self.ids)

    def held_by(self, release: int) -> bool:
        """Tell whether ``release`` holds the units."""
        return self.added <= release and (self.withdrawn is None or self.withdrawn > release)


_A, _B, _C = "PLASMA_REDUCED", "RBC_REDUCED", "UNKNOWN"

_ROWS: tuple[tuple[object, ...], ...] = (
    # bank, year, ABO, TNC, CD34, volume, processing, added, withdrawn, units, ids of note
    ("BJ", 2005, "A", TNC[0], CD34[0], VOLUME[0], _A, 1, None, 11),
    ("BJ", 2005, "B", TNC[1], CD34[1], VOLUME[1], _A, 1, 3, 12, ("0" * 19 + "1", "f" * 20)),
    ("BJ", 2010, "O", TNC[2], CD34[2], VOLUME[2], _B, 1, 3, 13, ("0" * 19 + "2",)),
    ("BJ", 2010, "AB", TNC[3], CD34[1], NONE, _B, 1, None, 14),
    ("BJ", 2015, "UNKNOWN", NONE, NONE, VOLUME[1], _C, 1, None, 15),
    ("GD", 2005, "A", TNC[0], CD34[1], VOLUME[0], _A, 1, 2, 16, ("0" * 20,)),
    ("GD", 2010, "O", TNC[1], CD34[0], VOLUME[1], _B, 1, None, 17),
    ("GD", 2010, "O", TNC[3], CD34[2], VOLUME[2], _C, 1, 4, 18, ("f" * 19 + "e",)),
    ("SC", 2010, "B", TNC[2], CD34[0], VOLUME[0], _A, 1, 4, 19),
    ("SC", 2015, "B", NONE, CD34[2], NONE, _B, 1, 3, 20),
    ("BJ", 2005, "B", TNC[1], CD34[1], VOLUME[1], _A, 2, None, 21),
    ("GD", 2005, "A", TNC[0], CD34[1], VOLUME[0], _A, 2, 4, 22),
    ("GD", 2015, "A", TNC[2], CD34[1], VOLUME[2], _A, 2, None, 23),
    ("SC", 2010, "O", TNC[1], CD34[1], VOLUME[1], _B, 2, 3, 24, ("f" * 19 + "d",)),
    ("SC", 2010, "AB", TNC[3], NONE, VOLUME[0], _C, 2, 4, 25),
    ("BJ", 2010, "O", TNC[2], CD34[2], VOLUME[2], _B, 3, None, 26),
    ("SH", 2005, "A", TNC[0], CD34[0], VOLUME[0], _A, 3, None, 27, ("0" * 19 + "3",)),
    ("SH", 2010, "B", TNC[2], CD34[2], VOLUME[1], _B, 3, 4, 28),
    ("SC", 2010, "B", TNC[2], CD34[1], VOLUME[0], _A, 3, 4, 29),
    ("SH", 2015, "O", TNC[3], CD34[2], VOLUME[2], _C, 4, None, 30, ("0" * 19 + "4",)),
    ("GD", 2005, "A", TNC[0], CD34[1], VOLUME[0], _A, 4, None, 31),
)  # fmt: skip

BATCHES = tuple(Batch(number, *row) for number, row in enumerate(_ROWS))  # type: ignore[arg-type]
"""Four releases. Release 2 withdraws one class of release 1; 3 and 4 withdraw of all before."""

BANKS = (
    # code, since, until, English name, Chinese name, city
    ("BJ", 1, 3, "Beijing, as first known", "北京一", "Beijing"),
    ("BJ", 3, None, "Beijing, as known now", "北京二", "Peking"),
    ("GD", 1, None, "Guangdong", "广东", "Guangzhou"),
    ("SC", 1, 4, "Sichuan", "四川", "Chengdu"),
    ("SH", 2, None, "Shanghai", "上海", "Shanghai"),
)
"""One row changes with release 3, one bank comes with release 2, one is gone with release 4."""

INDICATIONS = (
    # code, since, until, group, English name, Chinese name, ICD-10
    ("AML", 1, 3, "MALIGNANT", "Myeloid leukaemia, as first known", "白血病一", "C92"),
    ("AML", 3, None, "MALIGNANT", "Myeloid leukaemia, as known now", "白血病二", "C92.0"),
    ("FA", 1, 2, "MARROW_FAILURE", "Fanconi anaemia", "范可尼贫血", "D61.0"),
    ("SCD", 1, None, "HAEMOGLOBINOPATHY", "Sickle cell disease", "镰状细胞病", "D57"),
    ("WAS", 4, None, "IMMUNE_DEFICIENCY", "Wiskott-Aldrich syndrome", "湿疹血小板减少", "D82.0"),
)
"""One row changes with release 3, one comes with release 4, one is gone with release 2."""


def units_of(release: int, batches: Sequence[Batch] = BATCHES) -> dict[str, Batch]:
    """Return the batch of each unit that ``release`` holds, in the order of ids."""
    held = ((id_, batch) for batch in batches if batch.held_by(release) for id_ in batch.ids)
    return dict(sorted(held))


async def publish_world(access: Access, batches: Sequence[Batch] = BATCHES) -> None:
    """Write the releases of ``batches``, and the reference rows, into a migrated database."""
    connection = await connect(access.require("operator"))
    try:
        async with connection.transaction():
            await connection.execute(
                "insert into open.scheme (number, k, levels) values (1, 11, $1)", _LEVELS
            )
            for release in range(1, max(batch.added for batch in batches) + 1):
                await _add_release(connection, release, batches)
            await _add_batches(connection, batches)
            await _add_reference_rows(connection)
    finally:
        await connection.close()


async def _add_release(connection: Connection, release: int, batches: Sequence[Batch]) -> None:
    held = [batch for batch in batches if batch.held_by(release)]
    await connection.execute(
        "insert into open.release (number, scheme, profile, synthetic, licence, unit_count, "
        "added_unit_count, withdrawn_unit_count, bank_count, class_count, smallest_class, "
        "median_class, held_back_percent, digest) "
        "values ($1, 1, 'synthetic', true, 'CC-BY-4.0', $2, $3, $4, $5, $6, 11, 11, 0, $7)",
        release,
        sum(batch.size for batch in held),
        sum(batch.size for batch in batches if batch.added == release),
        sum(batch.size for batch in batches if batch.withdrawn == release),
        len({batch.bank for batch in held}),
        len(held),
        release_digest(release, (batch.digest for batch in held)),
    )


async def _add_batches(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write classes, batch classes and, in one statement as the database demands, units."""
    classes = {values: number for number, values in enumerate(dict.fromkeys(map(_values, batches)))}
    class_ids = await _add(
        connection,
        "unit_class",
        "scheme, bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min, cd34_max, "
        "volume_min, volume_max, processing",
        [(1, *values) for values in classes],
    )
    ids = await _add(
        connection,
        "batch_class",
        "class_id, added, withdrawn, units, digest",
        [(class_ids[classes[_values(b)]], b.added, b.withdrawn, b.size, b.digest) for b in batches],
    )
    await connection.copy_records_to_table(
        "unit",
        schema_name="open",
        columns=["id", "batch_class_id"],
        records=_unit_rows(batches, ids),
    )


async def _add(
    connection: Connection, table: str, columns: str, rows: Sequence[tuple[object, ...]]
) -> list[int]:
    """Write ``rows`` and return their ids, which are given out in order."""
    names = columns.split(", ")
    before: int = await connection.fetchval(
        f"select coalesce(max(id), 0) from open.{table}"  # noqa: S608 - a name of this module
    )
    await connection.copy_records_to_table(table, schema_name="open", columns=names, records=rows)
    found = await connection.fetch(
        f"select id from open.{table} where id > $1 order by id",  # noqa: S608 - the same
        before,
    )
    return [row[0] for row in found]


def _values(batch: Batch) -> tuple[object, ...]:
    bands = (*batch.tnc, *batch.cd34, *batch.volume)
    return (batch.bank, *batch.period, batch.abo, *bands, batch.processing)


def _unit_rows(batches: Sequence[Batch], ids: Sequence[int]) -> Iterator[tuple[str, int]]:
    for batch, batch_class_id in zip(batches, ids, strict=True):
        for id_ in batch.ids:
            yield id_, batch_class_id


async def _add_reference_rows(connection: Connection) -> None:
    await connection.executemany(
        "insert into open.bank (code, since, until, name_en, name_zh, city, region_code, sources) "
        "values ($1, $2, $3, $4, $5, $6, 'CN-' || $1, '[]')",
        BANKS,
    )
    await connection.executemany(
        "insert into open.indication (code, since, until, indication_group, name_en, name_zh, "
        "icd10, sources) values ($1, $2, $3, $4, $5, $6, $7, '[]')",
        INDICATIONS,
    )
