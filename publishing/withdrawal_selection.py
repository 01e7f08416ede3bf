"""Which batch classes a withdrawal takes: those of certain units, or those with certain values."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.pool import Connection
from domain.failures import Refused
from publishing.audit import record
from publishing.lock import hold_intake, hold_open_zone
from publishing.withdrawal import Cause, Withdrawal, classes_digest, record_withdrawal

_SHOWN = 5

_UNKNOWN = """
select number from unnest($2::text[]) number
where not exists (select from intake.raw_unit r where r.bank = $1 and r.unit_number = number)
order by number
"""
_END_CONSENT = """
update intake.raw_unit set consent = false
where bank = $1 and unit_number = any($2::text[]) and consent
"""
# For good: `publishing.intake.staging` gives no consent back that is written here.
_RECORD_END = """
insert into intake.ended_consent (bank, unit_number) select $1, unnest($2::text[])
on conflict do nothing
"""
_OF_UNITS = """
select distinct b.id, b.digest, b.units
from intake.raw_unit r
join intake.unit_map m on m.raw_unit_id = r.id and m.release is not null
join open.unit u on u.id = m.unit_id
join open.batch_class b on b.id = u.batch_class_id and b.withdrawn is null
where r.bank = $1 and r.unit_number = any($2::text[])
order by b.id
"""
# Bands of years are compared by their first year; a null parameter leaves a value open.
_OF_VALUES = """
select b.id, b.digest, b.units
from open.batch_class b join open.unit_class c on c.id = b.class_id
where b.withdrawn is null
  and ($1::text is null or c.bank = $1)
  and ($2::integer is null or c.period_from = $2)
  and ($3::integer is null or b.added = $3)
order by b.id
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to take back.

    Attributes:
        bank: Code of the bank, or ``None``: any. Needed with ``unit_numbers``.
        unit_numbers: The bank's own numbers of units; their classes are taken. Empty: by values.
        period_from: First year of the collection period, or ``None``: any.
        added: Release that added the classes, or ``None``: any.
    """

    bank: str | None = None
    unit_numbers: Sequence[str] = ()
    period_from: int | None = None
    added: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is chosen, which must never mean everything."""
        values = (self.bank, self.period_from, self.added)
        return not self.unit_numbers and all(value is None for value in values)


async def plan_withdrawal(
    connection: Connection, selection: Selection, cause: Cause, reason: str
) -> Withdrawal:
    """Plan to take back whole batch classes; the next release leaves them out once approved.

    Where the cause is a consent that ended, the units themselves lose it at once, also if none is
    published and nothing is left to withdraw. They lose it for good: no later file of their bank
    gives it back.

    Args:
        connection: An operator's connection, outside a transaction.
        selection: What to take back.
        cause: Why.
        reason: Why, in a sentence for the record; it is not published.

    Raises:
        Refused: Nothing was chosen, a unit number is not known, or no published class remains.
        Unavailable: A publication runs, or an intake where consent ends.
    """
    if selection.empty:
        raise Refused(
            "nothing was chosen to be withdrawn",
            hint="Choose by units (--bank with --units), or by --bank, --period or --added.",
        )
    async with connection.transaction(isolation="read_committed"):
        await hold_open_zone(connection)
        rows = await _classes(connection, selection, cause)
        if rows:
            digest = classes_digest(cause, reason, [row[1] for row in rows])
            classes = [row[0] for row in rows]
            return await record_withdrawal(connection, cause, reason, digest, classes)
    # Outside the transaction, which is not undone: a consent that ended has ended.
    raise Refused(
        "no published class is left that this would withdraw",
        hint="Units that are not published yet need no withdrawal. With the cause consent, those "
        "that were named have lost it.",
    )


async def _classes(
    connection: Connection, selection: Selection, cause: Cause
) -> list[tuple[int, str, int]]:
    if not selection.unit_numbers:
        values = (selection.bank, selection.period_from, selection.added)
        return [tuple(row) for row in await connection.fetch(_OF_VALUES, *values)]
    units = (selection.bank, selection.unit_numbers)
    unknown = [row[0] for row in await connection.fetch(_UNKNOWN, *units)]
    if unknown or selection.bank is None:
        shown = ", ".join(unknown[:_SHOWN]) + (", ..." if len(unknown) > _SHOWN else "")
        raise Refused(
            f"{len(unknown)} of {len(selection.unit_numbers)} unit numbers are not known at bank "
            f"{selection.bank}: {shown}",
            hint="Check the numbers and --bank.",
        )
    if cause is Cause.CONSENT:
        await _end_consent(connection, selection.bank, selection.unit_numbers)
    return [tuple(row) for row in await connection.fetch(_OF_UNITS, *units)]


async def _end_consent(connection: Connection, bank: str, unit_numbers: Sequence[str]) -> None:
    # An intake that has compared its units already would write its own consent over this.
    await hold_intake(connection)
    await connection.execute(_END_CONSENT, bank, unit_numbers)
    ended = await connection.execute(_RECORD_END, bank, unit_numbers)
    if units := int(ended.split()[-1]):
        await record(connection, "consent.end", f"bank {bank}", {"units": units})
