"""The dates of a unit: a ramp of collections, then processing and freezing within three days."""

import datetime as dt
from dataclasses import dataclass
from random import Random

from publishing.synthesis.distributions import Weighted
from publishing.synthesis.profiles import LAST_YEAR, BankProfile

# No yearly series is published. The shape is a choice of the design: a slow start (Guangdong
# stored 4,147 units in its first eight years), a plateau, and a slow fall.
RAMP_END = 2010
PLATEAU_END = 2017
YEARLY_FALL = 0.05

_LAST_BIRTH = dt.date(LAST_YEAR, 12, 28)
"""Leaves time to process and freeze the last unit before the snapshot is taken."""
_AFTER_MIDNIGHT = 0.002
_DAYS_TO_PROCESSING = Weighted({0: 30, 1: 62, 2: 8})
_DAYS_TO_FREEZING = Weighted({0: 94, 1: 6})


@dataclass(frozen=True, slots=True)
class Dates:
    """Birth, collection, processing and freezing, in this order; at most 72 hours in all."""

    born: dt.date
    collected: dt.date
    processed: dt.date
    frozen: dt.date


def year_weights(profile: BankProfile) -> dict[int, float]:
    """Return how many units a bank collects in each year, in units of a plateau's year."""
    ramp = RAMP_END - profile.first_year + 1
    return {
        year: min(1.0, ((year - profile.first_year + 1) / ramp) ** 2)
        * (1 - YEARLY_FALL) ** max(0, year - PLATEAU_END)
        for year in range(profile.first_year, LAST_YEAR + 1)
    }


def draw_births(rng: Random, profile: BankProfile, count: int) -> list[dt.date]:
    """Return ``count`` dates of birth at a bank, oldest first."""
    years = sorted(Weighted(year_weights(profile)).draw(rng, count))
    return sorted(_day_in(rng, year) for year in years)


def draw_dates(rng: Random, births: list[dt.date]) -> list[Dates]:
    """Return the dates of the units of children ``births``, in the same order."""
    count = len(births)
    waits = zip(
        births,
        [int(rng.random() < _AFTER_MIDNIGHT) for _ in births],
        _DAYS_TO_PROCESSING.draw(rng, count),
        _DAYS_TO_FREEZING.draw(rng, count),
        strict=True,
    )
    return [_dates(born, *days) for born, *days in waits]


def _dates(born: dt.date, collection: int, processing: int, freezing: int) -> Dates:
    # A unit collected after midnight is not kept waiting: 72 hours hold from birth to freezing.
    processing = min(processing, 2 - collection)
    collected = born + dt.timedelta(collection)
    processed = collected + dt.timedelta(processing)
    return Dates(born, collected, processed, processed + dt.timedelta(freezing))


def _day_in(rng: Random, year: int) -> dt.date:
    first = dt.date(year, 1, 1)
    last = min(dt.date(year, 12, 31), _LAST_BIRTH)
    return first + dt.timedelta(int(rng.random() * ((last - first).days + 1)))
