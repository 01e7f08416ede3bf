"""The attacker is tested too: where one rule is broken, it says exactly what it learned."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from tests.attacked_world import AttackedWorld
from tests.attacks import (
    activity,
    classes,
    differences,
    doses,
    estimates,
    insides,
    order,
    percents,
    tokens,
)
from tests.attacks import careless_data as data
from tests.attacks import careless_service as service
from tests.attacks.attacker import ATTACKS, Attack
from tests.attacks.carelessness import Carelessness, public_of
from tests.attacks.public import Finding, Public, Values

CLASS = "bank=BJ period=2010..2014 abo=O tnc=10.0..12.5 cd34=3.0..6.0"
OTHER_CLASS = "bank=BJ period=2010..2014 abo=O tnc=8.0..10.0 cd34=..3.0"
"""The two largest classes of release 1."""


class Case(NamedTuple):
    """A broken rule, the attack that must see it, and what it says."""

    careless: Carelessness
    attack: Attack
    found: int
    first: Finding


CASES = {
    "a class below k": Case(
        Carelessness(data.FOUR_LEFT),
        classes.small_classes,
        1,
        Finding("release 4", f"4 units with {CLASS} added=1"),
    ),
    "a cell below k": Case(
        Carelessness(data.FOUR_OF_A_BANK),
        classes.small_cells,
        7,
        Finding("release 4", "the inventory counts 4 units with bank=SH"),
    ),
    "a release that counts what waits": Case(
        Carelessness(data.WAITING_IN_TOTALS),
        classes.unequal_counts,
        1,
        Finding("release 4", "unitCount differs from the units that are listed by 7"),
    ),
    "totals that are not over classes": Case(
        Carelessness(patches=service.totals_of_more),
        classes.unequal_counts,
        1,
        Finding("release 4", "totalCount differs from the units that are listed by 5"),
    ),
    "doses that count what waits": Case(
        Carelessness(patches=service.doses_of_more),
        doses.unequal_doses,
        32,
        Finding(
            "release 4",
            "certain for 10 kg by CD34+ too (BJ) differs from the list by 3",
        ),
    ),
    "a dose below k": Case(
        Carelessness(data.FOUR_OF_A_BANK),
        doses.small_doses,
        8,
        Finding("release 4", "4 units are certain for 10 kg by CD34+ too (SH)"),
    ),
    "a total beside the cells": Case(
        Carelessness(data.MARGIN, releases=(3,)),
        activity.derived_transplants,
        2,
        Finding("activity", "6 units follow from 4 cells around FA,SAA 2023..2023 NATION"),
    ),
    "a total that overlaps its cells": Case(
        Carelessness(data.MARGIN, releases=(3,)),
        activity.overlapping_transplants,
        3,
        Finding("FA 2019..2023 NATION", "overlaps FA,SAA 2023..2023 NATION"),
    ),
    "a count below the floor": Case(
        Carelessness(data.CHILD, releases=(3,)),
        activity.small_transplants,
        1,
        Finding("FA 2024..2024 NATION", "6 units"),
    ),
    "years put together in two ways": Case(
        Carelessness(data.CUT_AGAIN, releases=(3,)),
        activity.derived_transplants,
        5,
        Finding("activity", "11 units follow from 5 cells around BTHAL 2019..2019 NATION"),
    ),
    "a change of five": Case(
        Carelessness(data.CHANGED_BY_FIVE, releases=(1, 3)),
        activity.changed_transplants,
        1,
        Finding("AML 2019..2019 SOUTH", "changes by 5"),
    ),
    "one bank's late report": Case(
        Carelessness(data.ONE_LATE_REPORT, releases=(1, 3)),
        activity.derived_transplants,
        3,
        Finding("activity", "19 units follow from 2 cells around AML 2021..2021 NATION"),
    ),
    "a list that counts what is not shown": Case(
        Carelessness(patches=service.transplants_of_more, releases=(3,)),
        activity.unequal_transplants,
        1,
        Finding("release 3", "activity has 1949 units, its cells 1940"),
    ),
    "estimates that know a unit": Case(
        Carelessness(patches=service.estimates_of_units),
        estimates.unequal_estimates,
        4,
        Finding(
            "release 4",
            "2 to 300, 30 to 1000, 300 to 3000 units of NATION match 02,11 40,46 09,15",
        ),
    ),
    "an addition below k": Case(
        Carelessness(data.FOUR_ADDED, releases=(3, 4)),
        differences.added_sets,
        1,
        Finding("releases 3 and 4", f"4 units more with {CLASS} added=4"),
    ),
    "a removal below k": Case(
        Carelessness(data.FOUR_REMOVED, releases=(3, 4)),
        differences.removed_sets,
        1,
        Finding("releases 3 and 4", f"4 units less with {CLASS} added=1"),
    ),
    "inventories that differ by less than k": Case(
        Carelessness(data.FOUR_REMOVED, releases=(3, 4)),
        differences.changed_counts,
        8,
        Finding("releases 3 and 4", "the inventory of added=1 changes by -4"),
    ),
    "a withdrawal that counts what waited": Case(
        Carelessness(data.WAITING_IN_WITHDRAWAL, releases=(3, 4)),
        differences.changed_totals,
        1,
        Finding("release 4", "+3 hidden units were withdrawn"),
    ),
    "totals that change by what waits": Case(
        Carelessness(patches=service.totals_of_more, mirror=(3,)),
        differences.changed_totals,
        1,
        Finding("releases 3 and 4", "totals differ by +5 hidden units"),
    ),
    "a table anonymised again": Case(
        Carelessness(data.ANONYMISED_AGAIN, releases=(1,), mirror=(1,)),
        differences.joined_values,
        1,
        Finding("joined by id", f"5 units were {CLASS} added=1 and then {OTHER_CLASS} added=1"),
    ),
    "members that come back": Case(
        Carelessness(data.COME_BACK, mirror=(1, 2)),
        differences.returned,
        1,
        Finding("release 4", "218 units that release 2 left out are back"),
    ),
    "a release that changes": Case(
        Carelessness(data.FOUR_LEFT, mirror=(4,)),
        differences.rewritten,
        1,
        Finding("release 4", "170 units are missing since it was published"),
    ),
    "a release that is served after its withdrawal": Case(
        Carelessness(patches=service.read_after_withdrawal, releases=(2,)),
        differences.still_read,
        1,
        Finding("release 2", "8051 units are served after the release was withdrawn"),
    ),
    "pages in the order of the intake": Case(
        Carelessness(data.NUMBERED),
        order.pages_against_intake,
        2,
        Finding("release 4", "pages follow the intake"),
    ),
    "pages by batch": Case(
        Carelessness(data.NUMBERED),
        order.runs_on_pages,
        5,
        Finding("release 4", "neighbours on the pages are alike in abo"),
    ),
    "ids that are places": Case(
        Carelessness(data.NUMBERED),
        order.uneven_ids,
        1,
        Finding("release 4", "18 of 20 digits of ids are uneven"),
    ),
    "ids that tell the group": Case(
        Carelessness(data.BY_GROUP), order.uneven_ids, 4, Finding("release 4", "ids tell abo=A")
    ),
    "ids with gaps": Case(
        Carelessness(data.NUMBERED),
        order.gaps_in_ids,
        1,
        Finding("release 4", "ids stand in a row that lacks 493 numbers"),
    ),
    "ids that tell the bank": Case(
        Carelessness(data.BY_BANK),
        order.uneven_ids,
        1,
        Finding("release 4", "1 of 20 digits of ids are uneven"),
    ),
    "pages by bank": Case(
        Carelessness(data.BY_BANK),
        order.runs_on_pages,
        1,
        Finding("release 4", "neighbours on the pages are alike in bank"),
    ),
    "cursors with places": Case(
        Carelessness(patches=service.cursors_with_places),
        tokens.cursors,
        2,
        Finding("release 4", "cursors in the order ID tell 10607 units of equal values apart"),
    ),
    "a reason that names a unit": Case(
        Carelessness(
            data.A_UNIT_IN_REASON,
            releases=(),
            around=True,
        ),
        tokens.needles,
        3,
        Finding("GET", "the answer holds S1-00000017"),
    ),
    "errors that know": Case(
        Carelessness(patches=service.errors_for_waiting, releases=(), probes=True),
        tokens.differing_answers,
        8,
        Finding("unit of 2026-10", "body differs"),
    ),
    "costs that know": Case(
        Carelessness(patches=service.costs_of_rows, releases=(), probes=True),
        tokens.differing_answers,
        16,
        Finding("unit of 2026-10", "body differs"),
    ),
    "work that knows": Case(
        Carelessness(data.STAGED, releases=(), probes=True),
        tokens.differing_answers,
        8,
        Finding("unit of 2026-10", "work differs"),
    ),
    "classes hidden by totals": Case(
        Carelessness(
            data.HIDDEN_CLASS, patches=service.small_totals_hidden, releases=(), probes=True
        ),
        tokens.differing_answers,
        2,
        Finding("class of 2026-10", "body differs"),
    ),
    "percentages with decimals": Case(
        Carelessness(
            data.DECIMALS,
            releases=(1,),
            float_percents=True,
        ),
        percents.waiting_counts,
        1,
        Finding("release 1", "165 to 165 units wait"),
    ),
    "a contract with decimals": Case(
        Carelessness(releases=(), around=True, float_percents=True),
        percents.fine_percents,
        2,
        Finding("Anonymity.heldBackPercent of 2026-10", "a percentage is Float"),
    ),
    "percentages that differ by little": Case(
        Carelessness(
            data.BOUNDARY,
            releases=(3, 4),
        ),
        percents.differing_percents,
        1,
        Finding("releases 3 and 4", "162 to 162 units wait"),
    ),
    "units before their release": Case(
        Carelessness(data.STAGED, releases=(), inside=True),
        insides.staged_units,
        1,
        Finding("open.unit", "5 units were never served"),
    ),
    "numbers of classes that wait": Case(
        Carelessness(data.NUMBER_LEFT_OUT, releases=(), inside=True),
        insides.class_numbers,
        1,
        Finding("batch 1", "1 numbers of classes are missing"),
    ),
    "classes as they came": Case(
        Carelessness(data.SWAPPED, releases=(), inside=True),
        insides.class_numbers,
        1,
        Finding("batch 1", "classes are numbered in an order of their own"),
    ),
    "rows as they came": Case(
        Carelessness(data.AS_THEY_CAME, releases=(), inside=True),
        insides.physical_order,
        3,
        Finding("batch 1", "rows lie in the order of the intake"),
    ),
    "statistics for everybody": Case(
        Carelessness(
            data.STATISTICS,
            releases=(),
            inside=True,
            numbers=True,
        ),
        insides.counting_numbers,
        2,
        Finding("pg_class.reltuples", "grows with the intake"),
    ),
}


@pytest.fixture(scope="module")
def known() -> dict[Carelessness, Public]:
    """What was public of the worlds that were made so far."""
    return {}


@pytest.mark.parametrize("name", CASES)
async def test_the_attacker_sees_carelessness(
    attacked: AttackedWorld, known: dict[Carelessness, Public], name: str
) -> None:
    """Each broken rule is found, and no more than what it gave away."""
    case = CASES[name]
    if case.careless not in known:
        known[case.careless] = await public_of(attacked, case.careless)
    findings = case.attack(known[case.careless])
    assert (len(findings), *findings[:1]) == (case.found, case.first)


def test_every_attack_is_attacked() -> None:
    """No attack goes without a broken rule that it must see."""
    seen = {case.attack for case in CASES.values()} | {percents.group_percents}
    assert seen == set(ATTACKS)


def test_the_attacker_solves_shares_of_small_groups(attacked: AttackedWorld) -> None:
    """A whole per cent of a bank with a few hundred units tells how many of them wait."""
    seen = attacked.public.last[1]
    units: dict[str, Values] = {}
    for bank, size in (("BJ", 300), ("GD", 250), ("SC", 200)):
        members = [(id_, values) for id_, values in seen.units.items() if values[0] == bank]
        units.update(members[:size])
    facts = {**seen.facts, "anonymity": {"worstBankHeldBackPercent": 5}}
    small = replace(seen, units=units, facts=facts)
    public = replace(attacked.public, first={}, last={1: small})
    assert percents.group_percents(public) == []
    careless = {**facts, "anonymity": {"worstBankHeldBackPercent": 3}}
    public = replace(public, last={1: replace(small, facts=careless)})
    assert percents.group_percents(public) == [
        Finding(
            "release 1",
            "worstBankHeldBackPercent: 7 to 9 of BJ or 6 to 7 of GD or 5 to 6 of SC wait",
        )
    ]
