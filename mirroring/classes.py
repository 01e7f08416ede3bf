"""Classes, batch classes and units, in the order in which the origin has them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from database.pool import Connection
from domain.progress import Report
from domain.published_tables import UNITS
from files.formats import Row, Value
from files.layout import Format, table_file
from files.release_document import ReleaseDocument
from mirroring.folder import MirrorFolder
from mirroring.units import SHARED, classes_of, unit_rows

Numbered: TypeAlias = Mapping[int, int]
"""Id of a batch class, by its place among the rows that were added."""

_VALUES = (
    "bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min, cd34_max, volume_min, "
    "volume_max, processing"
)
_KNOWN = f"select id, scheme, {_VALUES} from open.unit_class"  # noqa: S608 - constants
_BATCH = "select class_id, added, id from open.batch_class where added > $1"
_END = """
update open.batch_class b set withdrawn = w.withdrawn
from unnest($1::text[], $2::integer[], $3::integer[]) as w (digest, added, withdrawn)
where b.digest = w.digest and b.added = w.added and b.withdrawn is null
"""


async def add_classes(
    connection: Connection, document: ReleaseDocument, rows: Sequence[Row], before: int
) -> tuple[list[Row], Numbered]:
    """Add the batch classes that came after release ``before``; return them with their ids.

    Ids ascend in the order of ``rows``, the rows of batch_classes, which is that of the origin.
    """
    scheme_of = {row.number: row.scheme for row in document.releases}
    new = [row for row in rows if isinstance(row[0], int) and row[0] > before]
    keys = [(scheme_of[int(row[0] or 0)], *row[1:SHARED]) for row in new]
    known = await _known(connection)
    missing = list(dict.fromkeys(key for key in keys if key not in known))
    await connection.copy_records_to_table(
        "unit_class",
        schema_name="open",
        columns=["scheme", *_VALUES.split(", ")],
        records=missing,
    )
    known = await _known(connection)
    await connection.copy_records_to_table(
        "batch_class",
        schema_name="open",
        columns=["class_id", "added", "units", "digest"],
        records=[(known[key], row[0], *row[SHARED:]) for key, row in zip(keys, new, strict=True)],
    )
    ids = {(row[0], row[1]): row[2] for row in await connection.fetch(_BATCH, before)}
    places = {
        place: ids[known[key], row[0]]
        for place, (key, row) in enumerate(zip(keys, new, strict=True))
    }
    return new, places


async def add_units(
    connection: Connection,
    folder: MirrorFolder,
    release: int,
    classes: tuple[list[Row], Numbered],
    report: Report,
) -> None:
    """Add the units of classes that were added, from the file of all units of ``release``.

    Raises:
        InvalidTableError: The file holds another table.
    """
    rows, ids = classes
    total = sum(int(row[SHARED] or 0) for row in rows)
    path = folder.place(release, table_file(UNITS.name, Format.PARQUET))

    def records() -> Iterator[tuple[str, int]]:
        done = 0
        for units in unit_rows([path], classes_of(rows)):
            report(stage, done, total)
            places = units.places.tolist()
            yield from ((unit, ids[place]) for unit, place in zip(units.ids, places, strict=True))
            done += len(places)

    stage = f"Loading release {release}"
    # In one statement, since the database counts the units of a class behind each.
    await connection.copy_records_to_table(
        "unit", schema_name="open", columns=["id", "batch_class_id"], records=records()
    )
    report(stage, total, total)


async def end_classes(connection: Connection, document: ReleaseDocument, before: int) -> None:
    """Have the classes end that were withdrawn after release ``before``.

    Those that this database never had, since no release that holds them was to be read, are
    passed over.
    """
    ended = [each for each in document.withdrawn_classes if each.withdrawn > before]
    await connection.execute(
        _END,
        [each.digest for each in ended],
        [each.added for each in ended],
        [each.withdrawn for each in ended],
    )


async def _known(connection: Connection) -> dict[tuple[Value, ...], int]:
    return {tuple(row)[1:]: row[0] for row in await connection.fetch(_KNOWN)}
