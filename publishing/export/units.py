"""Streams the units of a release in the order of their ids."""

from collections.abc import AsyncIterator

import numpy as np

from database.pool import Connection
from files.unit_files import UnitRows

_CHUNK = 65_536

_CLASSES = """
select id from open.batch_class
where added <= $1 and (withdrawn is null or withdrawn > $1)
order by id
"""

# What was published later is passed over by its class; the walk is along the primary key.
_UNITS = "select id, batch_class_id from open.unit where batch_class_id <= $1 order by id"


async def walk_units(connection: Connection, release: int) -> AsyncIterator[UnitRows]:
    """Yield all units of ``release`` by id, in one transaction of the connection.

    Args:
        connection: An operator's connection inside a transaction.
        release: Number of the release.
    """
    ids = [row[0] for row in await connection.fetch(_CLASSES, release)]
    if not ids:
        return
    place_of = np.full(ids[-1] + 1, -1, np.int64)
    place_of[ids] = np.arange(len(ids))
    cursor = await connection.cursor(_UNITS, ids[-1])
    while rows := await cursor.fetch(_CHUNK):
        found = UnitRows(
            [row[0] for row in rows],
            place_of[np.fromiter((row[1] for row in rows), np.int64, len(rows))],
        )
        yield found.of(found.places >= 0)
