"""What banks say now of units that are published: noted beside them, since they never change."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from database.pool import Connection

# What the bank takes back is forgotten; what it says again keeps the submission that said it first.
# A consent that has ended stays noted when the bank deletes the unit: only a unit that is handed in
# with consent again has it back.
_FORGET = """
delete from intake.published_difference p using intake.raw_unit r, staged_unit s
where r.id = p.raw_unit_id and s.bank = r.bank and s.unit_number = r.unit_number
  and not exists (select from differing_unit d
                  where d.raw_unit_id = r.id and d.is_published and d.fields <> '{}')
"""

_NOTE = """
insert into intake.published_difference as p
    (raw_unit_id, submission_id, deleted, fields, consent_ended)
select raw_unit_id, $1::bigint, true, '{}'::text[], false from gone_unit where is_published
union all
select raw_unit_id, $1, false, fields, consent_ended from differing_unit
where is_published and fields <> '{}'
on conflict (raw_unit_id) do update set submission_id = excluded.submission_id,
    deleted = excluded.deleted, fields = excluded.fields, consent_ended = excluded.consent_ended
where (p.deleted, p.fields, p.consent_ended)
      is distinct from (excluded.deleted, excluded.fields, excluded.consent_ended)
  and not (p.consent_ended and excluded.deleted)
"""

# Units of withdrawn classes are settled.
_LIST = """
select r.bank, r.unit_number, m.release, p.deleted, p.fields, p.consent_ended,
       p.submission_id, s.received_at
from intake.published_difference p
join intake.raw_unit r on r.id = p.raw_unit_id
join intake.unit_map m on m.raw_unit_id = r.id
join intake.submission s on s.id = p.submission_id
join open.unit u on u.id = m.unit_id
join open.batch_class b on b.id = u.batch_class_id and b.withdrawn is null
where ($1::text is null or r.bank = $1) and (not $2 or p.consent_ended)
order by r.bank, r.unit_number
"""


@dataclass(frozen=True, slots=True)
class PublishedDifference:
    """A published unit that its bank describes differently now, or no longer at all.

    Attributes:
        bank: Code of the bank.
        unit_number: The bank's own number of the unit.
        release: The release that published it.
        deleted: Whether the bank no longer has it.
        fields: The fields that differ; none if it is deleted.
        consent_ended: Whether it has no consent now.
        submission: The submission that said so first.
        received_at: When that was loaded.
    """

    bank: str
    unit_number: str
    release: int
    deleted: bool
    fields: list[str]
    consent_ended: bool
    submission: int
    received_at: dt.datetime

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "bank": self.bank,
            "unit": self.unit_number,
            "release": self.release,
            "deleted": self.deleted,
            "fields": self.fields,
            "consentEnded": self.consent_ended,
            "submission": self.submission,
            "receivedAt": self.received_at.isoformat(),
        }


async def note_differences(connection: Connection, submission: int) -> None:
    """Note what ``submission`` says of published units.

    Needs the transaction of `publishing.intake.staging.compare`.
    """
    await connection.execute(_FORGET)
    await connection.execute(_NOTE, submission)


async def list_differences(
    connection: Connection, bank: str | None = None, *, consent_ended: bool = False
) -> list[PublishedDifference]:
    """Return the published units that differ, of which no class was withdrawn.

    Args:
        connection: An operator's connection.
        bank: Those of this bank only.
        consent_ended: Those without consent only.
    """
    rows = await connection.fetch(_LIST, bank, consent_ended)
    return [PublishedDifference(*row) for row in rows]
