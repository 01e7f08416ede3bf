"""The content of a file beside the units of intake, and how the two differ."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from database.pool import Connection
from publishing.intake.columns import DEFINITIONS, DIFFERS, FIELDS
from publishing.intake.envelope import Mode
from publishing.intake.faults import Code, Finding, shown
from publishing.intake.reading import Reading
from publishing.intake.unit import Deletion, RefusedUnit, Unit

_STAGE = f"""
drop table if exists pg_temp.staged_unit, pg_temp.staged_deletion, pg_temp.refused_unit,
    pg_temp.gone_unit, pg_temp.differing_unit;
create temporary table staged_unit ({DEFINITIONS}) on commit drop;
create temporary table staged_deletion (line integer, bank text, unit_number text)
    on commit drop;
create temporary table refused_unit (bank text, unit_number text, consent boolean)
    on commit drop;
create temporary table gone_unit (raw_unit_id bigint, bank text, is_published boolean)
    on commit drop;
create temporary table differing_unit (
    raw_unit_id bigint, is_published boolean, fields text[], consent_ended boolean,
    is_refused boolean
) on commit drop;
"""

# What an operator ended stays ended. Of a unit that stands twice in a file, one row without consent
# is enough, also if it is refused.
_WITHHOLD = """
update staged_unit s set consent = false
from (select bank, unit_number from intake.ended_consent
      union select bank, unit_number from refused_unit where not consent) w
where s.consent and w.bank = s.bank and w.unit_number = s.unit_number
"""

_PUBLISHED = """
cross join lateral (select exists (
    select from intake.unit_map m where m.raw_unit_id = r.id and m.release is not null
) as is_published) p
"""

_GONE = {
    Mode.FULL: f"""
insert into gone_unit select r.id, r.bank, p.is_published
from intake.raw_unit r {_PUBLISHED}
where r.bank = any($1) and not exists
    (select from staged_unit s where s.bank = r.bank and s.unit_number = r.unit_number)
""",  # noqa: S608 - only constants of this file
    Mode.DIFF: f"""
insert into gone_unit select r.id, r.bank, p.is_published
from staged_deletion d
join intake.raw_unit r on r.bank = d.bank and r.unit_number = d.unit_number {_PUBLISHED}
where r.bank = any($1)
""",  # noqa: S608 - the same
}

# A published unit whose row was refused is not deleted: what was noted of it stays,
_NOT_GONE = """
delete from gone_unit g using intake.raw_unit r, refused_unit f
where g.is_published and r.id = g.raw_unit_id
  and f.bank = r.bank and f.unit_number = r.unit_number
"""

# and where the row gives no consent, it has none now.
_REFUSED = f"""
insert into differing_unit
select r.id, true, array_remove(coalesce(n.fields, '{{}}'), 'CONSENT_OPEN_DATA')
       || '{{CONSENT_OPEN_DATA}}'::text[], true, true
from (select distinct bank, unit_number from refused_unit where not consent) f
join intake.raw_unit r on r.bank = f.bank and r.unit_number = f.unit_number {_PUBLISHED}
left join intake.published_difference n on n.raw_unit_id = r.id
where p.is_published and r.consent and not exists
    (select from staged_unit s where s.bank = r.bank and s.unit_number = r.unit_number)
"""  # noqa: S608 - only constants of this file

_DIFFERING = f"""
insert into differing_unit
select r.id, p.is_published, {FIELDS}, r.consent and not s.consent, false
from staged_unit s
join intake.raw_unit r on r.bank = s.bank and r.unit_number = s.unit_number {_PUBLISHED}
where r.bank = any($1) and {DIFFERS}
"""  # noqa: S608 - only constants of this and of columns.py

_UNKNOWN = """
select d.line, d.bank, d.unit_number from staged_deletion d
where not exists (select from intake.raw_unit r
                  where r.bank = d.bank and r.unit_number = d.unit_number)
order by d.line
"""

_COUNTS = """
select count(*) filter (where not is_published and fields <> '{}') as changed,
       count(*) filter (where is_published and fields <> '{}') as published_differing,
       count(*) filter (where is_published and consent_ended) as consent_withdrawn,
       (select count(*) from gone_unit where not is_published) as removed,
       (select count(*) from gone_unit where is_published) as published_missing
from differing_unit
"""

_FIELDS = """
select is_published, field, count(*) from differing_unit cross join unnest(fields) field
group by 1, 2 order by 3 desc, 2
"""


@dataclass(frozen=True, slots=True)
class Differences:
    """How the staged units differ from those of intake, in units.

    Attributes:
        changed: Unpublished units that the file describes differently.
        published_differing: Published ones.
        consent_withdrawn: The part of these that has no consent now.
        removed: Unpublished units that the file removes.
        published_missing: Published ones that it would remove.
        changed_fields: Differences of ``changed`` by field.
        published_fields: Differences of ``published_differing`` by field.
    """

    changed: int
    published_differing: int
    consent_withdrawn: int
    removed: int
    published_missing: int
    changed_fields: dict[str, int]
    published_fields: dict[str, int]


async def stage(connection: Connection, reading: Reading) -> None:
    """Read the file and copy what it accepts beside the units; needs a transaction."""
    await connection.execute(_STAGE)
    for batch in reading.batches():
        await asyncio.sleep(0)  # an interrupt is noticed here
        await connection.copy_records_to_table(
            "staged_unit", records=batch, columns=list(Unit._fields)
        )
    await connection.copy_records_to_table(
        "staged_deletion", records=reading.deletions, columns=list(Deletion._fields)
    )
    await connection.copy_records_to_table(
        "refused_unit", records=reading.refused, columns=list(RefusedUnit._fields)
    )
    await connection.execute("analyze staged_unit, staged_deletion, refused_unit")


async def compare(connection: Connection, reading: Reading) -> Differences:
    """Note which units of intake the staged ones change and remove, and count them.

    Consent that an operator ended, or that a refused row does not give, is taken from them first.

    Fills ``gone_unit`` and ``differing_unit``. Needs the transaction of `stage`, and that no
    release is being made.
    """
    banks = sorted(reading.banks)
    await connection.execute(_WITHHOLD)
    await connection.execute(_GONE[reading.mode], banks)
    await connection.execute(_NOT_GONE)
    await connection.execute(_DIFFERING, banks)
    await connection.execute(_REFUSED)
    await connection.execute("analyze gone_unit, differing_unit")
    counts = await connection.fetchrow(_COUNTS)
    assert counts is not None  # noqa: S101 - an aggregate without grouping always has a row
    fields: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for is_published, field, units in await connection.fetch(_FIELDS):
        fields[is_published][field] = units
    return Differences(
        **counts, changed_fields=dict(fields[False]), published_fields=dict(fields[True])
    )


async def unknown_deletions(connection: Connection) -> list[Finding]:
    """Return a fault for each staged deletion of a unit that intake does not have."""
    message = "The unit to be deleted is not in intake: mend its ID, or leave it out."
    return [
        Finding(Code.DELETION_UNKNOWN, message, line, "ID", shown(number), bank, shown(number))
        for line, bank, number in await connection.fetch(_UNKNOWN)
    ]
