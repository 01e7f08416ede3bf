"""A history with all that could leak: two schemes, withdrawn classes, a withdrawn release."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from database.embedded import EmbeddedServer
from database.pool import Connection
from domain.identifiers import unit_id
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from publishing.release_withdrawal import plan_release_withdrawal, withdraw_release
from publishing.scheme_freeze import freeze_proposal
from publishing.scheme_proposal import propose, record_proposal
from publishing.withdrawal import Cause
from publishing.withdrawal_selection import Selection, plan_withdrawal
from tests.attacks.public import Insider, Public
from tests.inventories import THREE_BANKS, add_inventory, place_key
from tests.published_activity import REGIONS, hand_in, state_of

TODAY = dt.date(2026, 11, 22)
KEYS = (bytes(range(32)), bytes(range(32, 64)))
"""Keys of the schemes 1 and 2: known ones, so that ids and draws are the same in every run."""
FAKE = Profile.SYNTHETIC

_PLACES = """
select m.unit_id, r.id, r.unit_number, m.release, r.bank from intake.raw_unit r
left join intake.unit_map m on m.raw_unit_id = r.id
"""
_FILES = """
select file_name, content_sha256 from intake.submission
union all select file_name, content_sha256 from intake.activity_submission
"""
_MEMBERS = """
select r.unit_number from intake.raw_unit r
join intake.unit_map m on m.raw_unit_id = r.id
where r.bank = 'GD' and m.release = $1 order by m.unit_id limit 2
"""


@dataclass(frozen=True)
class AttackedWorld:
    """The history, as a database that can be copied and as everybody saw it.

    Attributes:
        server: Where the database is.
        database: Its name; nobody is connected to it.
        public: All that was ever served.
    """

    server: EmbeddedServer
    database: str
    public: Public


async def read_insider(operator: Connection) -> Insider:
    """Return what the intake knows and nobody else may learn."""
    rows = await operator.fetch(_PLACES)
    files = [text for row in await operator.fetch(_FILES) for text in row]
    hidden = [unit_id(key, row[4], row[2]) for row in rows if row[3] is None for key in KEYS]
    keys = [key.hex() for key in KEYS]
    return Insider(
        places={row[0]: row[1] for row in rows if row[3] is not None},
        needles=frozenset([*(row[2] for row in rows), *files, *hidden, *keys]),
        reports={number: state_of(number) for number in range(1, 5)},
        regions=REGIONS,
    )


async def publish_first_three(connection: Connection, keys: Path) -> None:
    """Publish two releases under scheme 1 and a third one under scheme 2.

    Release 2 leaves out classes of release 1: those of two units whose consent ended.
    """
    place_key(keys)
    (keys / "scheme-2.key").touch(mode=0o600)
    (keys / "scheme-2.key").write_bytes(KEYS[1])
    await load_reference(connection)
    await _add(connection, 7_000, 1)
    await hand_in(connection, keys.parent, 1)
    await _publish(connection, keys)
    await _add(connection, 1_600, 2)
    await hand_in(connection, keys.parent, 2)
    await _withdraw_classes(connection, 1)
    await _publish(connection, keys)
    await _add(connection, 2_500, 3)
    await hand_in(connection, keys.parent, 3)
    proposal = await propose(connection, without=("volume",), today=TODAY)
    await record_proposal(connection, proposal)
    await freeze_proposal(connection, proposal.digest, keys=keys, profile=FAKE)
    await _publish(connection, keys)


async def publish_last(connection: Connection, keys: Path) -> None:
    """Publish a fourth release that only leaves classes out, and withdraw release 2 as a whole.

    Five units of a bank that no release names have come in, and wait.
    """
    await add_inventory(connection, 5, seed=5, synthetic=True, consent=1.0, banks={"SH": 1})
    await _withdraw_classes(connection, 2)
    await _publish(connection, keys)
    withdrawal = await plan_release_withdrawal(
        connection, 2, Cause.FAULT, "Bands of two banks were mixed up."
    )
    await withdraw_release(connection, withdrawal, FAKE)


async def take_in_more(connection: Connection) -> None:
    """Take in units that no release holds yet, some of a bank and a time of which it has others."""
    await add_inventory(
        connection, 60, seed=4, banks={"GD": 1}, days=(dt.date(2005, 1, 1), dt.date(2009, 12, 31))
    )


async def _add(connection: Connection, units: int, seed: int) -> None:
    await add_inventory(connection, units, seed=seed, synthetic=True, banks=THREE_BANKS)


async def _publish(connection: Connection, keys: Path) -> None:
    await publish(connection, keys=keys, profile=FAKE, today=TODAY)


async def _withdraw_classes(connection: Connection, release: int) -> None:
    members = [row[0] for row in await connection.fetch(_MEMBERS, release)]
    await plan_withdrawal(
        connection, Selection("GD", members), Cause.CONSENT, f"Consent ended, {release}."
    )
