"""An attacker with all that is public, and an insider's knowledge besides, learns nothing."""

from collections import Counter
from dataclasses import replace

import httpx
import pytest

from tests.attacked_world import KEYS, AttackedWorld
from tests.attacks.attacker import ATTACKS, Attack
from tests.attacks.inside import look_inside
from tests.attacks.probing import probe_all, read_hidden, recorded_work
from tests.attacks.public import Public
from tests.attacks.spy import NAMES, Spy
from tests.database_copies import connection_to, database_copy
from tests.inventories import add_inventory
from tests.serving import serving


@pytest.fixture(scope="module")
async def public(attacked: AttackedWorld) -> Public:
    """All that is public, with probes of what is hidden and a look with the reader's role."""
    async with database_copy(attacked.server, attacked.database) as access:
        async with connection_to(access.require("operator")) as operator:
            hidden = await read_hidden(operator, KEYS)
        with (
            recorded_work() as work,
            serving(access) as url,
            httpx.Client(base_url=url, timeout=30) as http,
        ):
            spy = Spy(http)
            probes = probe_all(spy, hidden, work)

        async def take_in(units: int) -> None:
            async with connection_to(access.require("operator")) as operator:
                await add_inventory(operator, units, seed=100 + units)

        reader = await look_inside(access, take_in)
    answers = [*attacked.public.answers, *spy.answers]
    return replace(attacked.public, probes=probes, reader=reader, answers=answers)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_the_attacker_finds_nothing(public: Public, attack: Attack) -> None:
    """Over four releases, two schemes and withdrawals of both kinds, nothing is learned."""
    assert attack(public) == []


def test_the_attacker_saw_what_there_is(public: Public) -> None:
    """The history has all that could leak, and the attacker looked at it."""
    assert {number: len(seen.units) for number, seen in public.first.items()} == {
        1: 6_740,
        2: 8_051,
        3: 10_643,
        4: 10_607,
    }
    assert [seen.facts["anonymity"]["scheme"] for seen in public.first.values()] == [1, 1, 2, 2]
    assert [seen.facts["withdrawnUnitCount"] for seen in public.first.values()] == [0, 218, 0, 36]
    assert set(public.last) == {1, 3, 4}
    assert set(public.gone) == {2}
    assert {len(seen.tables) for seen in public.seen} == {38}
    assert Counter(probe.about for probe in public.probes) == {
        f"{kind} of {version}": number
        for kind, number in (("unit", 4), ("class", 12))
        for version in NAMES
    }
    assert {probe.hidden.work for probe in public.probes} == {(("units_by_id", 0),), ()}
    assert public.reader is not None
    assert public.reader.growth["pg_stats.n_distinct"] == (0.0, 0.0)
    assert public.percents["Anonymity.heldBackPercent of 2026-10"] == "Int"
    assert public.percents["Gate.heldBackPercent of 2027-01"] == "Int"
