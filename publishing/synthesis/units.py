"""Synthetic units, drawn bank by bank."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from publishing.synthesis.cells import Cells, draw_cells
from publishing.synthesis.dates import Dates, draw_births, draw_dates
from publishing.synthesis.donors import Donor, draw_donors
from publishing.synthesis.handling import Handling, draw_handling
from publishing.synthesis.profiles import BankProfile
from publishing.synthesis.standing import Standing, draw_standings

_AT_ONCE = 2_000
"""Units drawn at a time. Part of what a seed means: another number draws other units."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the bank ``bank``, the ``number``-th that it collected."""

    bank: str
    number: int
    dates: Dates
    donor: Donor
    cells: Cells
    handling: Handling
    standing: Standing


def draw_units(profile: BankProfile, count: int, rng: Random) -> Iterator[list[Unit]]:
    """Yield ``count`` units of a bank in lists of some thousand, oldest first."""
    births = draw_births(rng, profile, count)
    for start in range(0, count, _AT_ONCE):
        dates = draw_dates(rng, births[start : start + _AT_ONCE])
        cells = draw_cells(rng, [at.collected.year >= profile.cd34_since for at in dates])
        rows = zip(
            dates,
            draw_donors(rng, profile, dates),
            cells,
            draw_handling(rng, profile, [each.volume for each in cells]),
            draw_standings(rng, profile, len(dates)),
            strict=True,
        )
        yield [Unit(profile.code, number, *row) for number, row in enumerate(rows, start=start + 1)]
