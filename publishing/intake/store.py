"""Puts the units of a file into intake: a full inventory replaces what its banks had there.

Published units are never touched: what differs in them is only counted.
"""

import asyncio
import datetime as dt
from dataclasses import asdict, dataclass

import orjson

from database.pool import Connection
from publishing.intake.faults import Finding, printable
from publishing.intake.reading import Reading
from publishing.intake.submission_report import Changes
from publishing.intake.unit import Unit

_STAGE = """
drop table if exists pg_temp.staged_unit;
create temporary table staged_unit (
    line integer, bank text, unit_number text, birth_date date, collection_date date,
    status text, consent boolean, synthetic boolean, abo text, tnc_frozen double precision,
    cd34_frozen double precision, volume_ml double precision, product_modification text,
    hla text
) on commit drop
"""

_FIND = """
select s.id, s.received_at, s.banks,
       (select max(newer.id) from intake.submission newer
        where newer.id > s.id and newer.banks && s.banks) as superseded_by
from intake.submission s where s.content_sha256 = $1
"""

_RECORD = """
insert into intake.submission (file_name, content_sha256, update_mode, synthetic, banks,
    snapshot_time, units_read, units_rejected)
values ($1, $2, 'FULL', $3, $4, $5, $6, $7) returning id
"""

_AUDIT = """
insert into intake.audit_log (action, subject, details) values ('intake', $1, $2::text::jsonb)
"""

_IS_PUBLISHED = """
exists (select from intake.unit_map m where m.raw_unit_id = r.id and m.release is not null)
"""

_DIFFERS = """
row(r.birth_date, r.collection_date, r.status, r.consent, r.synthetic, r.abo, r.tnc_frozen,
    r.cd34_frozen, r.volume_ml, r.product_modification, r.hla)
is distinct from
row(s.birth_date, s.collection_date, s.status, s.consent, s.synthetic, s.abo, s.tnc_frozen,
    s.cd34_frozen, s.volume_ml, s.product_modification, s.hla::jsonb)
"""

_COMPARE = f"""
select count(*) filter (where s.bank is null and published) as published_missing,
       count(*) filter (where s.bank is not null and published and {_DIFFERS})
           as published_differing,
       count(*) filter (where published and r.consent and not s.consent) as consent_withdrawn
from intake.raw_unit r
cross join lateral (select {_IS_PUBLISHED} as published) x
left join staged_unit s on s.bank = r.bank and s.unit_number = r.unit_number
where r.bank = any($1)
"""  # noqa: S608 - only constants of this file

# A unit that waits for its class gives up its place if it is gone, or may not be published now.
_FORGET = """
delete from intake.unit_map m using intake.raw_unit r
where m.raw_unit_id = r.id and m.release is null and r.bank = any($1)
  and not exists (select from staged_unit s
                  where s.bank = r.bank and s.unit_number = r.unit_number and s.consent)
"""

_REMOVE = """
with removed as (
    delete from intake.raw_unit r where r.bank = any($1)
      and not exists (select from staged_unit s
                      where s.bank = r.bank and s.unit_number = r.unit_number)
      and not exists (select from intake.unit_map m where m.raw_unit_id = r.id)
    returning 1)
select count(*) from removed
"""

_CHANGE = f"""
with changed as (
    update intake.raw_unit r set
        submission_id = $1, line = s.line, birth_date = s.birth_date,
        collection_date = s.collection_date, status = s.status, consent = s.consent,
        synthetic = s.synthetic, abo = s.abo, tnc_frozen = s.tnc_frozen,
        cd34_frozen = s.cd34_frozen, volume_ml = s.volume_ml,
        product_modification = s.product_modification, hla = s.hla::jsonb
    from staged_unit s
    where s.bank = r.bank and s.unit_number = r.unit_number
      and {_DIFFERS} and not {_IS_PUBLISHED}
    returning 1)
select count(*) from changed
"""  # noqa: S608 - only constants of this file

_ADD = """
with added as (
    insert into intake.raw_unit (submission_id, line, bank, unit_number, birth_date,
        collection_date, status, consent, synthetic, abo, tnc_frozen, cd34_frozen, volume_ml,
        product_modification, hla)
    select $1, s.line, s.bank, s.unit_number, s.birth_date, s.collection_date, s.status,
        s.consent, s.synthetic, s.abo, s.tnc_frozen, s.cd34_frozen, s.volume_ml,
        s.product_modification, s.hla::jsonb
    from staged_unit s
    on conflict (bank, unit_number) do nothing
    returning 1)
select count(*) from added
"""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier submission of the same content.

    Attributes:
        number: Its number.
        received_at: When it was loaded.
        banks: Codes of its banks, ascending.
        superseded_by: Newest submission with one of these banks since, if any.
    """

    number: int
    received_at: dt.datetime
    banks: list[str]
    superseded_by: int | None


async def find_earlier(connection: Connection, sha256: str) -> Earlier | None:
    """Return the submission that loaded the content with this hash, if there is one."""
    row = await connection.fetchrow(_FIND, sha256)
    return Earlier(*row) if row else None


async def stage(connection: Connection, reading: Reading) -> None:
    """Read the file and copy its accepted units beside the others; needs a transaction."""
    await connection.execute(_STAGE)
    for batch in reading.batches():
        await asyncio.sleep(0)  # an interrupt is noticed here
        await connection.copy_records_to_table(
            "staged_unit", records=batch, columns=list(Unit._fields)
        )
    await connection.execute("analyze staged_unit")


async def load(connection: Connection, reading: Reading) -> tuple[int, Changes]:
    """Make the staged units those of their banks; needs the transaction of `stage`.

    Returns:
        The number of the submission and what it changed.
    """
    banks = sorted(reading.banks)
    submission = await _record(connection, reading, banks)
    row = await connection.fetchrow(_COMPARE, banks)
    published = dict(row) if row else {}
    await connection.execute(_FORGET, banks)
    removed = await connection.fetchval(_REMOVE, banks)
    changed = await connection.fetchval(_CHANGE, submission)
    added = await connection.fetchval(_ADD, submission)
    staged = sum(reading.banks.values())
    changes = Changes(
        added=added,
        changed=changed,
        unchanged=staged - added - changed - published["published_differing"],
        removed=removed,
        **published,
    )
    await _reject(connection, submission, reading.rejections)
    await _audit(connection, submission, reading, changes)
    return submission, changes


async def _record(connection: Connection, reading: Reading, banks: list[str]) -> int:
    number: int = await connection.fetchval(
        _RECORD,
        printable(reading.source.path.name),
        reading.source.sha256,
        reading.synthetic,
        banks,
        reading.snapshot_time,
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
        "banks": sorted(reading.banks),
        "units_read": reading.units_read,
        "units_refused": reading.units_refused,
        **asdict(changes),
    }
    await connection.execute(_AUDIT, f"submission {submission}", orjson.dumps(details).decode())
