"""What everybody may know of the gate: open or not, and why in coarse words."""

from collections.abc import Collection

from database.pool import Connection
from domain.gate_reasons import GateReason
from publishing.gate import configured_gate

# One row, written over: a history of looks at the gate would tell when banks hand in their files.
_WRITE = """
insert into open.gate_status (checked_on, release, is_open, reasons, held_back_percent)
values (current_date, $1, $2, $3, $4)
on conflict (only_row) do update set checked_on = excluded.checked_on, release = excluded.release,
    is_open = excluded.is_open, reasons = excluded.reasons,
    held_back_percent = excluded.held_back_percent
"""


def public_reasons(failed: Collection[str]) -> list[GateReason]:
    """Return the words for the checks ``failed``, each once, in an order that tells nothing."""
    gate = configured_gate()
    words = {gate.rule(name).public for name in failed}
    return [reason for reason in GateReason if reason in words]


async def write_gate_status(
    connection: Connection, release: int, failed: Collection[str], held_back_percent: int | None
) -> None:
    """Say in public how the gate stands; part of the transaction that recorded the plan.

    Args:
        connection: An operator's connection.
        release: Number of the release that was planned.
        failed: Names of the checks that failed.
        held_back_percent: Whole per cent of the units considered that wait, or ``None``.
    """
    reasons = public_reasons(failed)
    await connection.execute(_WRITE, release, not reasons, reasons, held_back_percent)
