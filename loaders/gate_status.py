"""Reads what everybody may know of the gate."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.statements import Statement


@dataclass(frozen=True, slots=True)
class GateStatusRecord:
    """The newest look at the gate; `reasons` are names of `domain.gate_reasons.GateReason`."""

    checked_on: dt.date
    release: int
    is_open: bool
    reasons: Sequence[str]
    held_back_percent: int | None


GATE_STATUS = Statement("gate_status", GateStatusRecord)
"""Returns one row, or none before the first look."""
