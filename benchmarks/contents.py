"""What a database holds: the facts that requests are made of."""

from dataclasses import dataclass

from database.access import Access
from database.pool import connect

_IDS = "select id from open.unit order by md5(id) limit $1"
_BANKS = "select distinct bank from open.unit_class where bank is not null order by 1"


@dataclass(frozen=True)
class Contents:
    """What a database holds.

    Attributes:
        release: Number of the newest release.
        units: Units that it holds.
        classes: Batch classes.
        banks: Codes of the banks.
        ids: Ids of units from all over the list, in an order that means nothing.
    """

    release: int
    units: int
    classes: int
    banks: tuple[str, ...]
    ids: tuple[str, ...]


async def read_contents(access: Access, ids: int) -> Contents:
    """Read what the requests need, with at most ``ids`` ids."""
    connection = await connect(access.require("owner"))
    try:
        return Contents(
            release=await connection.fetchval("select max(number) from open.release"),
            units=await connection.fetchval("select count(*) from open.unit"),
            classes=await connection.fetchval("select count(*) from open.batch_class"),
            banks=tuple(row[0] for row in await connection.fetch(_BANKS)),
            ids=tuple(row[0] for row in await connection.fetch(_IDS, ids)),
        )
    finally:
        await connection.close()
