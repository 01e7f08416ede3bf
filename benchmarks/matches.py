"""How often the band of a match estimate holds the true number of units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.database import build
from benchmarks.match_truth import TypedUnits, read_typed_units
from benchmarks.match_worlds import WholeHaplotypes, drawn_patients
from commands.progress import ProgressBars
from database.embedded import EmbeddedServer
from database.pool import connect
from domain.match_areas import match_areas
from domain.match_estimate import Area, MatchBand, estimate_matches
from domain.match_model import LEVELS, Pair
from domain.regions import PARTS, Region
from loaders.catalogue import load_catalogue
from loaders.match_tables import match_tables
from publishing.synthesis.profiles import Region as Population

CONCENTRATIONS = (1_000, 300)
"""How many unpublished haplotypes share what the published ones leave: less and more linked."""
_SEED = 4_711
_UNITS = 150_000


@dataclass(frozen=True, slots=True)
class Calibration:
    """What became of the bands of some patients.

    Attributes:
        world: Where the units come from.
        region: Whose units were counted.
        level: Groups of six that match, at least.
        patients: How many were asked for.
        inside: Percent of the bands that hold the true number.
        below: Percent of the true numbers that lie below the band.
        above: Percent of them above it.
        median_units: Median of the true numbers.
        median_width: Median of the ratio of a band's end to its begin, or to 1.
    """

    world: str
    region: str
    level: int
    patients: int
    inside: float
    below: float
    above: float
    median_units: float
    median_width: float


async def run_matches(
    server: EmbeddedServer, home: Path, units: int, patients: int, bars: ProgressBars
) -> list[Calibration]:
    """Calibrate estimates from the tables of the newest release, and in other populations."""
    access = await build(server, home, units, bars)
    operator = await connect(access.require("operator"))
    try:
        catalogue = await load_catalogue(operator)
        typed = await read_typed_units(operator)
    finally:
        await operator.close()
    newest = catalogue.releases.records[-1].number
    tables = match_tables(catalogue, newest)
    areas = {region: match_areas(tables, region) for region in (*PARTS, Region.NATION)}
    known = {region: found for region, found in areas.items() if found}
    return [*calibrate_inventory(typed, known, patients), *calibrate_whole(patients)]


def calibrate_inventory(
    units: TypedUnits, areas: Mapping[Region, Sequence[Area]], patients: int
) -> list[Calibration]:
    """Compare estimates from the tables of a release with its units.

    Args:
        units: All published units.
        areas: The areas of each region, from the release's tables.
        patients: How many patients to draw of each population, by another seed than the units'.
    """
    drawn = [
        patient
        for number, origin in enumerate(Population)
        for patient in drawn_patients(origin, patients, _SEED + number)
    ]
    return [
        result
        for region, parts in areas.items()
        for result in _compared("synthetic inventory", region, units.of(region), parts, drawn)
    ]


def calibrate_whole(patients: int, units: int = _UNITS) -> list[Calibration]:
    """Compare estimates in populations in which all haplotypes are inherited as wholes."""
    found: list[Calibration] = []
    for concentration in CONCENTRATIONS:
        for region in PARTS:
            world = WholeHaplotypes(region, concentration, _SEED)
            people = world.people(patients)
            inventory = world.units(units)
            name = f"whole haplotypes, {concentration:,}"
            found += _compared(name, region, inventory, [inventory.area(region)], people)
    return found


def _compared(
    world: str,
    region: Region,
    units: TypedUnits,
    areas: Sequence[Area],
    patients: Sequence[Sequence[Pair]],
) -> list[Calibration]:
    bands: dict[int, list[tuple[MatchBand, int]]] = {level: [] for level in LEVELS}
    for patient in patients:
        counts = np.bincount(units.matching(patient), minlength=2 * len(patient) + 1)
        for band in estimate_matches(patient, areas).bands:
            bands[band.matched].append((band, int(counts[band.matched :].sum())))
    return [_calibration(world, region, level, found) for level, found in bands.items()]


def _calibration(
    world: str, region: Region, level: int, found: Sequence[tuple[MatchBand, int]]
) -> Calibration:
    below = sum(units < band.least for band, units in found)
    above = sum(units > band.most for band, units in found)
    return Calibration(
        world=world,
        region=region.value,
        level=level,
        patients=len(found),
        inside=100 * (len(found) - below - above) / len(found),
        below=100 * below / len(found),
        above=100 * above / len(found),
        median_units=median(units for _, units in found),
        median_width=median(band.most / max(1, band.least) for band, _ in found),
    )


def table_of(calibrations: Iterable[Mapping[str, Any]]) -> str:
    """Write calibrations as a table in Markdown, as ``docs/clinicians.md`` has it."""
    rows = ["| units | region | matched | patients | in the band | median units | median width |"]
    rows.append("|---|---|---|---|---|---|---|")
    for each in calibrations:
        level = "6/6" if each["level"] == max(LEVELS) else f"{each['level']}/6 or more"
        rows.append(
            f"| {each['world']} | {each['region']} | {level} | {each['patients']} | "
            f"{each['inside']:.1f} % | {each['median_units']:,.0f} | {each['median_width']:.0f} |"
        )
    return "\n".join(rows)
