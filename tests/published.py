"""A small published world: three releases of an irregular inventory."""

import datetime as dt
from pathlib import Path

from database.access import Access
from database.pool import connect
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from tests.inventories import add_inventory
from tests.published_activity import hand_in

TODAY = dt.date(2026, 11, 22)
THREE_PERIODS = (dt.date(2009, 1, 1), dt.date(2015, 12, 31))
BANKS = {"BJ": 30, "GD": 25, "SC": 25, "SH": 20}
WAVES = ((30_000, BANKS), (2_400, {"BJ": 1}), (2_400, {"GD": 1}))
"""Units and banks of each release: a large first one, then one bank at a time."""

_UNRECORDED = """
update intake.raw_unit set cd34_frozen = null
where bank = 'BJ' and birth_date between '2010-01-01' and '2011-06-30'
"""
"""One bank did not count CD34+ cells for a while."""


async def publish_three(access: Access, keys: Path) -> None:
    """Publish three releases, the same ones each time but for their keys."""
    connection = await connect(access.require("operator"))
    try:
        await load_reference(connection)
        for seed, (units, banks) in enumerate(WAVES, start=1):
            await add_inventory(
                connection, units, seed=seed, synthetic=True, banks=banks, days=THREE_PERIODS
            )
            await connection.execute(_UNRECORDED)
            await hand_in(connection, keys.parent, seed)
            await publish(connection, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
    finally:
        await connection.close()
