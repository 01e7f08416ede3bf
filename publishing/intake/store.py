"""Puts the units of a file into intake: all units of its banks, or changes to them.

Published units are never touched: what differs in them is noted beside them.
"""

import datetime as dt
from dataclasses import asdict, dataclass

from database.pool import Connection
from publishing.audit import record
from publishing.intake.columns import ASSIGNMENTS, NAMES, STAGED
from publishing.intake.envelope import Mode
from publishing.intake.faults import Finding, printable
from publishing.intake.published_difference import note_differences
from publishing.intake.reading import Reading
from publishing.intake.staging import Differences
from publishing.intake.submission_report import Changes

_FIND = """
select s.id, s.received_at, s.banks, s.update_mode,
       (select max(newer.id) from intake.submission newer
        where newer.id > s.id and newer.banks && s.banks) as superseded_by
from intake.submission s where s.content_sha256 = $1
"""

_RECORD = """
insert into intake.submission (file_name, content_sha256, update_mode, synthetic, banks,
    snapshot_time, follows, units_read, units_rejected)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id
"""

# A unit that waits for its class gives up its place if it is gone, or may not be published now.
_FORGET = """
delete from intake.unit_map m
where m.release is null and (
    exists (select from gone_unit g where g.raw_unit_id = m.raw_unit_id)
    or exists (select from intake.raw_unit r
               join staged_unit s on s.bank = r.bank and s.unit_number = r.unit_number
               where r.id = m.raw_unit_id and not s.consent))
"""

_REMOVE = """
delete from intake.raw_unit r using gone_unit g where g.raw_unit_id = r.id and not g.is_published
"""

_CHANGE = f"""
update intake.raw_unit r set submission_id = $1, line = s.line, {ASSIGNMENTS}
from differing_unit d, staged_unit s
where d.raw_unit_id = r.id and not d.is_published
  and s.bank = r.bank and s.unit_number = r.unit_number
"""  # noqa: S608 - only constants of columns.py

_ADD = f"""
with added as (
    insert into intake.raw_unit (submission_id, {NAMES})
    select $1, {STAGED} from staged_unit s
    on conflict (bank, unit_number) do nothing
    returning 1)
select count(*) from added
"""  # noqa: S608 - only constants of columns.py


# Units of a bank of which every row was refused stay, but not with a consent that ended.
_HOLD_BACK = """
update intake.raw_unit r set consent = false from refused_unit f
where f.bank = r.bank and f.unit_number = r.unit_number and not f.consent and r.consent
  and not exists (select from intake.unit_map m
                  where m.raw_unit_id = r.id and m.release is not null)
"""

_REFUSED = "select count(*) from differing_unit where is_refused"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier submission of the same content.

    Attributes:
        number: Its number.
        received_at: When it was loaded.
        banks: Codes of its banks, ascending.
        mode: Whether it held all units of its banks or changes.
        superseded_by: Newest submission with one of these banks since, if any.
    """

    number: int
    received_at: dt.datetime
    banks: list[str]
    mode: Mode
    superseded_by: int | None


async def find_earlier(connection: Connection, sha256: str) -> Earlier | None:
    """Return the submission that loaded the content with this hash, if there is one."""
    row = await connection.fetchrow(_FIND, sha256)
    if row is None:
        return None
    number, received_at, banks, mode, superseded_by = row
    return Earlier(number, received_at, banks, Mode(mode), superseded_by)


async def load(
    connection: Connection, reading: Reading, differences: Differences
) -> tuple[int, Changes]:
    """Make the staged units those of their banks.

    Args:
        connection: In the transaction of `publishing.intake.staging.stage`.
        reading: The file, read to its end.
        differences: What `publishing.intake.staging.compare` found.

    Returns:
        The number of the submission and what it changed.
    """
    submission = await _record(connection, reading)
    await connection.execute(_FORGET)
    await connection.execute(_REMOVE)
    await connection.execute(_CHANGE, submission)
    added = await connection.fetchval(_ADD, submission)
    await connection.execute(_HOLD_BACK)
    await note_differences(connection, submission)
    staged = sum(reading.banks.values()) - len(reading.deletions)
    differing = differences.changed + differences.published_differing
    refused = await connection.fetchval(_REFUSED)  # differ, but are not among the staged ones
    unchanged = staged - added - differing + refused
    changes = Changes(added=added, unchanged=unchanged, **asdict(differences))
    await _reject(connection, submission, reading.rejections)
    await _audit(connection, submission, reading, changes)
    return submission, changes


async def _record(connection: Connection, reading: Reading) -> int:
    number: int = await connection.fetchval(
        _RECORD,
        printable(reading.source.path.name),
        reading.source.sha256,
        reading.mode,
        reading.synthetic,
        sorted(reading.banks),
        reading.snapshot_time,
        reading.follows,
        reading.units_read,
        reading.units_refused,
    )
    return number


async def _reject(connection: Connection, submission: int, faults: list[Finding]) -> None:
    await connection.copy_records_to_table(
        "rejection",
        schema_name="intake",
        columns=["submission_id", "line", "unit_number", "field", "code", "message"],
        records=[
            (submission, fault.line, fault.unit, fault.field, fault.code, _sentence(fault))
            for fault in faults
        ],
    )


def _sentence(fault: Finding) -> str:
    return fault.message if fault.value is None else f"{fault.message} Found: {fault.value}"


async def _audit(
    connection: Connection, submission: int, reading: Reading, changes: Changes
) -> None:
    details = {
        "content_sha256": reading.source.sha256,
        "format": reading.source.format,
        "update_mode": reading.mode,
        "banks": sorted(reading.banks),
        "units_read": reading.units_read,
        "units_refused": reading.units_refused,
        **asdict(changes),
    }
    await record(connection, "intake.load", f"submission {submission}", details)
