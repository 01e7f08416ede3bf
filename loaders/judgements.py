"""Reads what independent judges found."""

import datetime as dt
from dataclasses import dataclass

from loaders.statements import Statement


@dataclass(frozen=True, slots=True)
class JudgementRecord:
    """What a judge found of the release `release`; `k_of_batches` within each batch."""

    release: int
    judge: str
    version: str
    k: int
    k_of_batches: int
    units: int
    confirmed: bool
    judged_at: dt.datetime


JUDGEMENTS = Statement("judgements", JudgementRecord)
"""Returns the rows of a release in the order of their making."""
