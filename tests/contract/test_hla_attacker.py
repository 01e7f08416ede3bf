"""Nobody learns of few units from HLA tables as served; where a rule is broken, one does."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple
from unittest.mock import patch

import httpx
import pytest

from database.access import Access
from publishing.hla import changes as hla_changes
from publishing.hla import disclosure, tables
from publishing.hla.census import BankCount
from tests.attacks import hla as attacks
from tests.attacks.hla import HLA_ATTACKS, HlaSeen
from tests.attacks.hla_tables import NATION, PARTS, REST, HlaRow, HlaTable
from tests.attacks.public import Finding
from tests.database_copies import connection_to
from tests.hla_histories import History, bank
from tests.hla_world import publish_hla_world
from tests.serving import serving

_TABLES = """
query ($release: Int!) {
  hlaFrequencies(release: $release) {
    locus region publishedUnits typedUnits asOf { number }
    frequencies { group units copies frequency asOf { number } }
  }
  banks(release: $release) { nodes { code region unitCount } }
}
"""

NORTH = ("BJ", "TJ", "SD")
SOUTH = ("SH", "ZJ", "GD", "SC")
GENOTYPES = {
    "01 01": 70,
    "01 02": 210,
    "01 03": 150,
    "02 02": 61,
    "02 03": 140,
    "03 03": 33,
    "01 04": 9,
    "02 04": 9,
    "04 04": 3,
    "03 05": 2,
}
"""Units of each bank at one locus: three common groups, a rare one and a very rare one."""

ADDED = {"01 01": 9, "01 02": 30, "01 03": 25, "02 02": 8, "02 03": 20, "03 03": 7, "01 04": 1}
"""What each bank adds: of the rare group a few."""


# As it is served ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def seen(module_database: Access, tmp_path_factory: pytest.TempPathFactory) -> HlaSeen:
    """All that four releases of seven banks say of HLA, over HTTP."""
    async with connection_to(module_database.require("operator")) as connection:
        await publish_hla_world(connection, tmp_path_factory.mktemp("attacked") / "keys")
    found: list[HlaTable] = []
    units: dict[tuple[int, str], dict[str, int]] = {}
    with serving(module_database) as url, httpx.Client(base_url=url, timeout=60) as http:
        for release in range(1, 5):
            sent = {"query": _TABLES, "variables": {"release": release}}
            answer = await asyncio.to_thread(http.post, "/graphql/2027-01", json=sent)
            data = answer.json()["data"]
            found += [_table(release, each) for each in data["hlaFrequencies"]]
            for each in data["banks"]["nodes"]:
                for area in (each["region"] or REST, NATION):
                    units.setdefault((release, area), {})[each["code"]] = each["unitCount"]
            units.setdefault((release, REST), {})
    return HlaSeen(found, units)


def _table(release: int, each: dict[str, object]) -> HlaTable:
    data: dict[str, object] = each
    rows = data["frequencies"]
    assert isinstance(rows, list)
    locus = str(data["locus"])
    return HlaTable(
        release,
        locus,
        str(data["region"]),
        int(str(data["publishedUnits"])),
        int(str(data["typedUnits"])),
        _number(data["asOf"]),
        {
            row["group"].removeprefix(f"{locus}*"): HlaRow(
                row["units"], row["copies"], row["frequency"], _number(row["asOf"])
            )
            for row in rows
        },
    )


def _number(release: object) -> int:
    assert isinstance(release, dict)
    return int(release["number"])


@pytest.mark.parametrize("attack", HLA_ATTACKS, ids=lambda attack: attack.__name__)
def test_nothing_is_learned_from_what_is_served(
    seen: HlaSeen, attack: Callable[[HlaSeen], list[Finding]]
) -> None:
    """Over additions of all banks and of one, and withdrawals, in all regions."""
    assert attack(seen) == []


def test_the_attacker_sees_all_tables(seen: HlaSeen) -> None:
    """Five loci, three regions, four releases; some rows and tables stand."""
    assert Counter(table.release for table in seen.tables) == dict.fromkeys(range(1, 5), 15)
    assert {table.as_of for table in seen.tables if table.release == 3} == {2}
    assert any(row.as_of < table.as_of for table in seen.tables for row in table.rows.values())
    assert any("OTHER" in table.rows for table in seen.tables)


# Where somebody is careless ----------------------------------------------------------------------


class Case(NamedTuple):
    """A broken rule: a history, the change to the program that publishes it, and what is learned.

    Attributes:
        history: Counts of the banks in each release.
        patches: Pairs of an object and the attribute that is replaced, with what replaces it.
        attack: The attack that must see it.
        says: The first that it says.
    """

    history: list[list[BankCount]]
    patches: list[tuple[object, str, object]]
    attack: Callable[[HlaSeen], list[Finding]]
    says: Finding


def _banks(codes: tuple[str, ...], *steps: dict[str, int], untyped: int = 30) -> list[BankCount]:
    genotypes: Counter[str] = Counter()
    for step in steps:
        genotypes.update(step)
    return [bank(code, genotypes, untyped) for code in codes]


def _exact(units: int, _least: int = 20) -> int:
    return units


def _always(*_: object) -> bool:
    return True


def _never(*_: object) -> bool:
    return False


FIRST = _banks(NORTH + SOUTH, GENOTYPES)
FOUR_GROUPS = {pair: units for pair, units in GENOTYPES.items() if "05" not in pair}
ONLY_BJ = [*_banks(("BJ",), GENOTYPES, ADDED), *_banks(NORTH[1:] + SOUTH, GENOTYPES)]
TWICE = {pair: 2 * units for pair, units in FOUR_GROUPS.items()}
REMAINS = {pair: units // 40 for pair, units in FOUR_GROUPS.items()}
TWO_GROUPS = {"01 01": 29, "01 02": 114, "02 02": 33}

CASES = {
    "a cell below 20": Case(
        [FIRST],
        [(disclosure, "holds", _always), (disclosure, "others_hold", _always)],
        attacks.small_cells,
        Finding("A in NORTH of release 1", "6 units with 05"),
    ),
    "no complementary suppression": Case(
        [FIRST],
        [(disclosure, "others_hold", _always), (tables, "rounded_down", _exact)],
        attacks.small_cells,
        Finding("A in NORTH of release 1", "6 units with OTHER"),
    ),
    "exact homozygotes": Case(
        [FIRST],
        [(tables, "rounded_homozygotes", _exact)],
        attacks.homozygotes,
        Finding("A in NORTH of release 1", "210 units with 01 twice"),
    ),
    "typed units that are exact": Case(
        [[*_banks(NORTH, GENOTYPES, untyped=2), *_banks(SOUTH, GENOTYPES)]],
        [(tables, "rounded_down", _exact)],
        attacks.untyped,
        Finding("A in NORTH of release 1", "6 untyped units"),
    ),
    "a nation that is counted for itself": Case(
        [_banks((*NORTH, *SOUTH, "X1", "X2"), GENOTYPES)],
        [(tables, "divisible", _always), (disclosure, "holds", _always)],
        attacks.margins,
        Finding("A in NATION of release 1", "4 units with 05 beside the parts"),
    ),
    "a change of 7": Case(
        [_banks(NORTH + SOUTH, FOUR_GROUPS), _banks(NORTH + SOUTH, FOUR_GROUPS, ADDED)],
        [(hla_changes.Change, "is_small", _never)],
        attacks.changes,
        Finding("A in NORTH of releases 1 and 2", "+3 units with 04"),
    ),
    "three releases round a withdrawal": Case(
        [
            FIRST,
            [*_banks(NORTH + SOUTH, GENOTYPES, TWICE)],
            [*_banks(NORTH + SOUTH, TWICE, REMAINS)],
        ],
        [(disclosure._Choice, "_only_grew", _always)],
        attacks.sums_of_three,
        Finding("A in NORTH of releases 2 and 3", "18 units with 03 left of 1"),
    ),
    "the batch of one bank": Case(
        [FIRST, ONLY_BJ],
        [(disclosure, "objection", lambda _: None), (hla_changes, "stands_for_many", _always)],
        attacks.bank_batches,
        Finding("A in NORTH of releases 1 and 2", "the table of BJ"),
    ),
    "ranges that tell each other": Case(
        [_banks(NORTH, TWO_GROUPS, untyped=0)[:2] + _banks(("SD",), TWO_GROUPS, untyped=1)],
        [(disclosure, "others_hold", _always)],
        attacks.reconstruction,
        Finding("A", "1 to 9 untyped in NATION of release 1"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_attacker_sees_carelessness(name: str) -> None:
    """Each broken rule is found; the same history is safe where the rule holds."""
    case = CASES[name]
    assert case.attack(_published(case.history)) == []
    with ExitStack() as stack:
        for target, attribute, careless in case.patches:
            stack.enter_context(patch.object(target, attribute, careless))
        careless_seen = _published(case.history)
    assert case.attack(careless_seen)[:1] == [case.says]


def test_every_attack_is_attacked() -> None:
    """No attack goes without a broken rule that it must see."""
    assert {case.attack for case in CASES.values()} == set(HLA_ATTACKS)


def _published(counts: list[list[BankCount]]) -> HlaSeen:
    """Publish a history, and return what everybody sees of it."""
    history = History()
    units: dict[tuple[int, str], dict[str, int]] = {}
    for number, banks in enumerate(counts, start=1):
        history.publish(banks)
        for area in (*PARTS, REST, NATION):
            units[number, area] = {
                each.bank: each.published for each in banks if area in ((each.part or REST), NATION)
            }
    return HlaSeen(history.served, units)
