"""What was published so far: the classes that the next release continues, and past releases."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from database.pool import Connection
from domain.failures import Refused

_CLASSES = """
select b.id, c.bank, c.abo, b.units, b.digest, b.id = any($1::integer[])
from open.batch_class b join open.unit_class c on c.id = b.class_id
where b.withdrawn is null
"""

_NEWEST = "select number, published_at, synthetic from open.release order by number desc limit 1"

_RELEASES = """
select number, profile, synthetic, published_at, scheme, licence, unit_count, added_unit_count,
       withdrawn_unit_count, bank_count, class_count, smallest_class, median_class,
       held_back_percent, bank_held_back_percent, abo_held_back_percent, losses, digest,
       withdrawn_at, withdrawn_reason
from open.release
where $1::integer is null or number = $1
order by number
"""


@dataclass(frozen=True, slots=True)
class PublishedClass:
    """The members of a class that one batch published; ``id`` is that of the batch class."""

    bank: str | None
    abo: str | None
    units: int
    digest: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """What the next release continues.

    Attributes:
        newest: Number of the newest release; 0 if there is none.
        published_at: When it was published.
        synthetic: Whether it says that it holds synthetic units.
        classes: All batch classes that it keeps.
        leaving: Batch classes that the newest release holds and the next one leaves out.
    """

    newest: int
    published_at: dt.datetime | None
    synthetic: bool
    classes: tuple[PublishedClass, ...]
    leaving: tuple[PublishedClass, ...] = ()


async def newest_release(connection: Connection) -> int:
    """Return the number of the newest release; 0 if there is none."""
    number: int = await connection.fetchval("select coalesce(max(number), 0) from open.release")
    return number


async def read_history(connection: Connection, leaving: Collection[int] = ()) -> History:
    """Return what was published so far; ``leaving`` names batch classes to leave out."""
    newest = await connection.fetchrow(_NEWEST)
    kept: list[PublishedClass] = []
    left: list[PublishedClass] = []
    for number, bank, abo, units, digest, leaves in await connection.fetch(_CLASSES, leaving):
        (left if leaves else kept).append(PublishedClass(bank, abo, units, digest, number))
    if newest is None:
        return History(0, None, synthetic=False, classes=tuple(kept))
    return History(
        newest[0], newest[1], synthetic=newest[2], classes=tuple(kept), leaving=tuple(left)
    )


async def list_releases(connection: Connection) -> list[dict[str, Any]]:
    """Return the row of every release, withdrawn ones too, oldest first."""
    return [dict(row) for row in await connection.fetch(_RELEASES, None)]


async def read_release(connection: Connection, number: int) -> dict[str, Any]:
    """Return the row of release ``number``.

    Raises:
        Refused: There is no such release.
    """
    row = await connection.fetchrow(_RELEASES, number)
    if row is None:
        newest = await newest_release(connection)
        known = f"the newest is {newest}" if newest else "none has been published yet"
        raise Refused(f"there is no release {number}; {known}")
    return dict(row)
