"""The truth that match estimates are compared with."""

import random
from collections import Counter

import numpy as np

from benchmarks.match_truth import TypedUnits
from benchmarks.match_worlds import WholeHaplotypes
from benchmarks.matches import calibrate_whole
from domain.match_model import Pair
from domain.regions import Region


def test_matches_are_counted_group_by_group() -> None:
    """As the rule of six says, for any patient; a unit that lacks a locus matches nobody."""
    chance = random.Random(7)
    rows = [[chance.choice([0, 1, 1, 2, 3]) for _ in range(6)] for _ in range(3_000)]
    units = TypedUnits(np.array(rows, np.int16), np.full(len(rows), "NORTH"))
    for _ in range(30):
        one, two, three = (
            (f"{low:02}", f"{high:02}")
            for low, high in (sorted(chance.choices([1, 2, 3, 4], k=2)) for _ in range(3))
        )
        patient: list[Pair] = [one, two, three]
        expected = [
            sum(
                (Counter(map(int, pair)) & Counter(row[2 * place : 2 * place + 2])).total()
                for place, pair in enumerate(patient)
            )
            if all(row)
            else 0
            for row in rows
        ]
        assert units.matching(patient).tolist() == expected


def test_a_table_hides_what_a_release_hides() -> None:
    """Groups of fewer than 20 units are in OTHER, and homozygotes are rounded to 40."""
    pairs = [(1, 1)] * 70 + [(1, 2)] * 100 + [(2, 3)] * 19 + [(0, 0)] * 5
    groups = np.array([[*pair, 1, 1, 1, 1] for pair in pairs], np.int16)
    table = TypedUnits(groups, np.full(len(pairs), "SOUTH")).table(0)
    assert (table.published, table.typed) == (194, 180)
    assert table.frequencies == {"01": (170 + 80) / 360, "02": 119 / 360}
    assert table.other == 0


def test_haplotypes_are_inherited_as_wholes() -> None:
    """Two of a few hundred are the same far more often than if loci were drawn apart."""
    linked, loose = (WholeHaplotypes(Region.SOUTH, many, 1) for many in (300, 100_000))
    assert loose.homozygosity < 0.0066
    assert linked.homozygosity > 0.008
    units = linked.units(2_000)
    assert units.complete.all()
    assert set(units.regions) == {"SOUTH"}


def test_bands_hold_even_where_all_is_linked() -> None:
    """A small run of what the guide reports: most bands hold the number, whatever the level."""
    for result in calibrate_whole(patients=40, units=20_000):
        assert result.inside >= 80
        assert result.inside + result.below + result.above == 100
