"""Synthetic units, drawn bank by bank."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from publishing.synthesis.cells import Cells, draw_cells
from publishing.synthesis.dates import Dates, draw_births, draw_dates
from publishing.synthesis.donors import Donor, draw_donors
from publishing.synthesis.handling import Handling, draw_handling
from publishing.synthesis.notation import Written, draw_written
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
    hla: Written


def draw_units(
    profile: BankProfile, count: int, rng: Random, notations: Random
) -> Iterator[list[Unit]]:
    """Yield ``count`` units of a bank in lists of some thousand, oldest first.

    Args:
        profile: The bank.
        count: How many units.
        rng: Decides everything but how HLA types are written.
        notations: Decides that.
    """
    births = draw_births(rng, profile, count)
    for start in range(0, count, _AT_ONCE):
        dates = draw_dates(rng, births[start : start + _AT_ONCE])
        cells = draw_cells(rng, [at.collected.year >= profile.cd34_since for at in dates])
        donors = draw_donors(rng, profile, dates)
        rows = zip(
            dates,
            donors,
            cells,
            draw_handling(rng, profile, [each.volume for each in cells]),
            draw_standings(rng, profile, len(dates)),
            draw_written(notations, [donor.typing for donor in donors]),
            strict=True,
        )
        yield [Unit(profile.code, number, *row) for number, row in enumerate(rows, start=start + 1)]
