"""The units that a release may publish, read from the intake zone and anonymised on the way."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from database.pool import Connection
from domain.progress import Report, silent
from publishing.anonymise import Anonymiser, Candidate, RawUnit

_CHUNK = 10_000

# A unit's status (available, reserved) is never asked: a change of status concerns one unit, so
# a release that followed it would tell on that unit.
ELIGIBLE = """
from intake.raw_unit r left join intake.unit_map m on m.raw_unit_id = r.id
where r.consent and m.release is null and coalesce(r.collection_date, r.birth_date) <= $1
  and not exists (select from unnest($2::bigint[]) suspect(id) where suspect.id = r.id)
"""
"""The units ``r`` that a release may publish; ``$1`` is the last day of collection, ``$2`` the
units that look like one donation counted twice, see `publishing.duplicates`."""

_UNITS = f"""
select r.id, r.bank, r.unit_number, coalesce(r.collection_date, r.birth_date), r.abo,
       r.tnc_frozen, r.cd34_frozen, r.volume_ml, r.product_modification,
       m.raw_unit_id is not null
{ELIGIBLE}
"""

_INVENTORY = """
select count(*) filter (where not r.consent) as without_consent,
       count(*) filter (where r.consent and x.collected > $1) as too_recent,
       count(*) filter (where r.consent and x.collected <= $1 and s.id is not null)
           as counted_twice,
       count(*) filter (where r.consent and x.collected <= $1 and s.id is null) as eligible,
       count(*) filter (where r.consent and x.collected <= $1 and s.id is null
                              and m.raw_unit_id is not null) as waiting
from intake.raw_unit r
cross join lateral (select coalesce(r.collection_date, r.birth_date) as collected) x
left join intake.unit_map m on m.raw_unit_id = r.id
left join unnest($2::bigint[]) s(id) on s.id = r.id
where m.release is null
"""


@dataclass(frozen=True, slots=True)
class Inventory:
    """How many units no release has published, by what keeps them.

    Attributes:
        without_consent: The consent to open data is missing.
        too_recent: Consented, but collected too recently.
        counted_twice: Else eligible, but they look like one donation counted twice.
        eligible: May be published now.
        waiting: The part of ``eligible`` that an earlier release held back.
    """

    without_consent: int
    too_recent: int
    counted_twice: int
    eligible: int
    waiting: int


async def count_inventory(
    connection: Connection, cutoff: dt.date, suspects: Sequence[int]
) -> Inventory:
    """Count the units that are not published.

    Args:
        connection: An operator's connection.
        cutoff: Last day of collection that is eligible.
        suspects: Raw units that look like another one.
    """
    row = await connection.fetchrow(_INVENTORY, cutoff, suspects)
    assert row is not None  # noqa: S101 - an aggregate without grouping always has a row
    return Inventory(*row)


async def read_candidates(
    connection: Connection,
    anonymiser: Anonymiser,
    cutoff: dt.date,
    suspects: Sequence[int],
    *,
    total: int,
    report: Report = silent,
) -> list[Candidate]:
    """Return every eligible unit, anonymised; needs a transaction.

    Args:
        connection: An operator's connection, inside a transaction.
        anonymiser: Turns a row into a candidate.
        cutoff: Last day of collection that is eligible.
        suspects: Raw units that look like another one; none of them is eligible.
        total: How many units there are, for the progress.
        report: Is told the progress.
    """
    candidates: list[Candidate] = []
    cursor = await connection.cursor(_UNITS, cutoff, suspects)
    while rows := await cursor.fetch(_CHUNK):
        candidates.extend(anonymiser(RawUnit._make(row)) for row in rows)
        report("Anonymising units", len(candidates), total)
    return candidates
