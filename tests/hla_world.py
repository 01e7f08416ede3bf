"""Releases of seven banks with HLA tables: additions of all, of one bank, and withdrawn classes."""

import datetime as dt
from pathlib import Path

from database.pool import Connection
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import Published, publish
from publishing.withdrawal import Cause
from publishing.withdrawal_selection import Selection, plan_withdrawal
from tests.inventories import add_inventory, place_key

BANKS = {"BJ": 18, "TJ": 15, "SH": 17, "ZJ": 12, "SD": 14, "GD": 14, "SC": 10}
TODAY = dt.date(2026, 11, 22)

_MEMBERS = """
select r.unit_number from intake.raw_unit r
join intake.unit_map m on m.raw_unit_id = r.id
where r.bank = 'GD' and m.release = 1 order by m.unit_id limit 3
"""


async def publish_hla_world(connection: Connection, keys: Path) -> None:
    """Publish four synthetic releases.

    Release 1 has 16,000 units of seven banks, release 2 has 6,000 more. Release 3 adds units of
    one bank only, and release 4 units of all, and it leaves classes of one bank out.
    """
    place_key(keys)
    await load_reference(connection)
    for seed, units in enumerate((16_000, 6_000), start=1):
        await add_inventory(connection, units, seed=seed, synthetic=True, banks=BANKS)
        await publish_synthetic(connection, keys)
    await add_inventory(connection, 2_000, seed=3, synthetic=True, banks={"GD": 1})
    await publish_synthetic(connection, keys)
    await add_inventory(connection, 6_000, seed=4, synthetic=True, banks=BANKS)
    members = [row[0] for row in await connection.fetch(_MEMBERS)]
    await plan_withdrawal(connection, Selection("GD", members), Cause.CONSENT, "Consent ended.")
    await publish_synthetic(connection, keys)


async def publish_synthetic(connection: Connection, keys: Path) -> Published:
    """Publish the next release under the synthetic profile."""
    return await publish(connection, keys=keys, profile=Profile.SYNTHETIC, today=TODAY)
