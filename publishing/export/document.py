"""Reads what ``release.json`` says of a release."""

from database.pool import Connection
from files.release_document import (
    ReferenceRow,
    ReleaseDocument,
    ReleaseRow,
    SchemeRow,
    WithdrawnClass,
)

_RELEASES = """
select number, scheme, published_at, profile, synthetic, licence, unit_count, added_unit_count,
       withdrawn_unit_count, bank_count, class_count, smallest_class, median_class,
       held_back_percent, bank_held_back_percent, abo_held_back_percent, losses, judge, digest
from open.release where number <= $1 order by number
"""

_SCHEMES = """
select number, k, levels, frozen_at from open.scheme
where number in (select scheme from open.release where number <= $1) order by number
"""

_REFERENCE = """
select code, since from open.{table}
where since <= $1 and (until is null or until > $1) order by code collate "C"
"""

_WITHDRAWN = """
select digest, added, withdrawn from open.batch_class
where withdrawn <= $1 order by withdrawn, digest collate "C"
"""


async def read_document(connection: Connection, release: int) -> ReleaseDocument:
    """Return what ``release.json`` says of ``release``, which exists."""
    return ReleaseDocument(
        release=release,
        releases=tuple(ReleaseRow(*row) for row in await connection.fetch(_RELEASES, release)),
        schemes=tuple(SchemeRow(*row) for row in await connection.fetch(_SCHEMES, release)),
        banks=await _reference(connection, "bank", release),
        indications=await _reference(connection, "indication", release),
        withdrawn_classes=tuple(
            WithdrawnClass(*row) for row in await connection.fetch(_WITHDRAWN, release)
        ),
    )


async def _reference(connection: Connection, table: str, release: int) -> tuple[ReferenceRow, ...]:
    query = _REFERENCE.format(table=table)
    return tuple(ReferenceRow(*row) for row in await connection.fetch(query, release))
