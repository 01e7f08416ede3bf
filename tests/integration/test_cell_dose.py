"""Counts of a dose of cells, against an oracle in plain Python, and over a real socket."""

import itertools
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest

from tests.changing_world import Batch, Ends, units_of
from tests.graphql_client import GraphQLClient

VERSION = "2027-01"
COUNTS = "certain possible unknown units"
DOSE = """
query ($weight: Float!, $tnc: Float! = 3e7, $cd34: Float, $filter: UnitFilter) {
  cellDose(
    weightKg: $weight, minimumTncPerKg: $tnc, minimumCd34PerKg: $cd34
    filter: $filter
  ) {
    weightKg minimumTncPerKg minimumCd34PerKg neededTnc neededCd34 release { number }
    COUNTS byBank { bank { code name } COUNTS }
  }
}
""".replace("COUNTS", COUNTS)
LIST = """
query ($filter: UnitFilter) {
  units(filter: $filter, first: 100) { totalCount nodes { id } }
}
"""
SHORT, UNKNOWN, POSSIBLE, CERTAIN = range(4)
WEIGHTS = (2.5, 26.6, 26.7, 33.3, 33.4, 40, 41.6, 41.7, 250)
"""Kilograms around those at which 8, 10 and 12.5 x 10^8 cells are just enough."""


def _reach(band: Ends, needed: Fraction) -> int:
    low, high = band
    if low is None and high is None:
        return UNKNOWN
    if low is not None and Fraction(low) >= needed:
        return CERTAIN
    return POSSIBLE if high is None or Fraction(high) > needed else SHORT


def _unit_reach(batch: Batch, weight: float, cd34: str | None) -> int:
    kilograms = Fraction(str(weight))
    tnc = _reach(batch.tnc, kilograms * 3 / 10)
    return tnc if cd34 is None else min(tnc, _reach(batch.cd34, kilograms * Fraction(cd34)))


def _counts(reaches: list[int]) -> dict[str, int]:
    certain = reaches.count(CERTAIN)
    possible = certain + reaches.count(POSSIBLE)
    counts = (certain, possible, reaches.count(UNKNOWN), len(reaches))
    return dict(zip(COUNTS.split(), counts, strict=True))


@pytest.mark.parametrize("release", [1, 2, 3, 4])
@pytest.mark.parametrize("cd34", [None, "0.15"])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_counts_are_those_of_the_units(
    changing_client: GraphQLClient, release: int, cd34: str | None, weight: float
) -> None:
    """In all and for each bank, of a release with its withdrawals, by one measure and by two."""
    of_banks: dict[str, list[int]] = defaultdict(list)
    for batch in units_of(release).values():
        of_banks[batch.bank].append(_unit_reach(batch, weight, cd34))
    told = changing_client.ask(
        DOSE, version=VERSION, release=release, weight=weight, cd34=1.5e5 if cd34 else None
    )["cellDose"]
    assert {name: told[name] for name in COUNTS.split()} == _counts(
        list(itertools.chain.from_iterable(of_banks.values()))
    )
    by_bank = {each["bank"]["code"]: each for each in told["byBank"]}
    assert list(by_bank) == sorted(of_banks)
    for code, reaches in of_banks.items():
        assert {name: by_bank[code][name] for name in COUNTS.split()} == _counts(reaches)
    assert told["release"] == {"number": release}


@pytest.mark.parametrize("reach", ["CERTAIN", "POSSIBLE"])
@pytest.mark.parametrize("cd34", [None, "0.15"])
@pytest.mark.parametrize("weight", [26.7, 40, 41.7])
def test_the_filter_draws_the_line_of_the_counts(
    changing_client: GraphQLClient, weight: float, cd34: str | None, reach: str
) -> None:
    """Its units are those that the oracle names, together with other conditions too."""
    least = CERTAIN if reach == "CERTAIN" else POSSIBLE
    dose = {"weightKg": weight, "reach": reach, "minimumCd34PerKg": 1.5e5 if cd34 else None}
    for banks in (None, ["BJ"], ["GD", "SH"]):
        expected = [
            id_
            for id_, batch in units_of(3).items()
            if _unit_reach(batch, weight, cd34) >= least and (not banks or batch.bank in banks)
        ]
        conditions = {"bank": banks, "cellDose": dose}
        told = changing_client.ask(LIST, version=VERSION, release=3, filter=conditions)["units"]
        assert told["totalCount"] == len(expected)
        assert [node["id"] for node in told["nodes"]] == expected[:100]


def test_a_list_counts_what_it_selects(changing_client: GraphQLClient) -> None:
    """The field of a list, that of a bank's list, and that of the root with a filter agree."""
    parts = f"cellDose(weightKg: 40) {{ {COUNTS} byBank {{ bank {{ code }} {COUNTS} }} }}"
    document = f"""{{
      root: cellDose(release: 3, weightKg: 40, filter: {{ bank: ["BJ"] }}) {{
        {COUNTS} byBank {{ bank {{ code }} {COUNTS} }}
      }}
      list: units(release: 3, filter: {{ bank: ["BJ"] }}, first: 0) {{ {parts} }}
      bank(code: "BJ", release: 3) {{ units(first: 0) {{ {parts} }} }}
      release(number: 3) {{ units(first: 0, filter: {{ bank: ["BJ"] }}) {{ {parts} }} }}
    }}"""
    told = changing_client.ask(document, version=VERSION)
    counts = {"certain": 14, "possible": 40, "unknown": 15, "units": 87}
    assert told["root"] == {**counts, "byBank": [{"bank": {"code": "BJ"}, **counts}]}
    assert told["list"]["cellDose"] == told["root"]
    assert told["bank"]["units"]["cellDose"] == told["root"]
    assert told["release"]["units"]["cellDose"] == told["root"]


def test_what_was_asked_is_told_again(changing_client: GraphQLClient) -> None:
    """Weight, minimums and needs; the default is the guideline's 3.0e7."""
    told = changing_client.ask(DOSE, version=VERSION, weight=26.7, cd34=150000)["cellDose"]
    assert {name: told[name] for name in told if name.startswith(("weight", "minimum"))} == {
        "weightKg": 26.7,
        "minimumTncPerKg": 30000000.0,
        "minimumCd34PerKg": 150000.0,
    }
    assert (told["neededTnc"], told["neededCd34"]) == (8.01, 4.005)
    told = changing_client.ask("{ cellDose(weightKg: 20) { neededCd34 } }", version=VERSION)
    assert told == {"cellDose": {"neededCd34": None}}


def test_a_list_of_nothing_has_counts_of_nothing(changing_client: GraphQLClient) -> None:
    """No bank is listed that has no unit."""
    told = changing_client.ask(DOSE, version=VERSION, weight=20, filter={"bank": []})["cellDose"]
    assert [told[name] for name in COUNTS.split()] == [0, 0, 0, 0]
    assert told["byBank"] == []


@pytest.mark.parametrize(
    ("numbers", "refusal"),
    [
        ({"weightKg": 2500}, 'weightKg": 2500 is not a body weight'),
        ({"weightKg": 0.3}, 'weightKg": 0.3 is not a body weight'),
        ({"weightKg": 0}, 'weightKg": 0 is not a body weight'),
        ({"weightKg": -4}, 'weightKg": -4 is not a body weight'),
        ({"weightKg": 20, "minimumTncPerKg": 3.0}, "Did you mean 3e7?"),
        ({"weightKg": 20, "minimumTncPerKg": 3e9}, "It looks like the cells of a whole unit"),
        ({"weightKg": 20, "minimumCd34PerKg": 1.5}, "Did you mean 1.5e5?"),
    ],
)
def test_wrong_units_are_refused_where_they_stand(
    changing_client: GraphQLClient, numbers: dict[str, Any], refusal: str
) -> None:
    """Of the root, of a list, and of a filter: one error, and the rest of the answer stays."""
    given = ", ".join(f"{name}: {value}" for name, value in numbers.items())
    document = f"""{{
      banks {{ totalCount }}
      root: cellDose({given}) {{ certain }}
      list: units(first: 0) {{ totalCount cellDose({given}) {{ certain }} }}
      filtered: units(filter: {{ cellDose: {{ {given} }} }}) {{ totalCount }}
    }}"""
    filtered, listed, root = changing_client.refusals(document, version=VERSION)
    assert (filtered.path, listed.path, root.path) == ("filtered", "list/cellDose", "root")
    assert {each.code for each in (filtered, listed, root)} == {"INVALID_ARGUMENT"}
    assert all(refusal in each.message for each in (filtered, listed, root))
    assert filtered.message.startswith('Filter "cellDose.')
    assert root.message.startswith('Argument "')
    answer = changing_client.post(document, version=VERSION).json()
    assert answer["data"]["banks"]["totalCount"] == 3
    assert answer["data"]["list"] == {"totalCount": 215, "cellDose": None}


def test_the_first_version_knows_no_doses(changing_client: GraphQLClient) -> None:
    """Fields, arguments and filter came with 2027-01."""
    for document in (
        "{ cellDose(weightKg: 20) { certain } }",
        "{ units { cellDose(weightKg: 20) { certain } } }",
        "{ units(filter: { cellDose: { weightKg: 20 } }) { totalCount } }",
    ):
        answer = changing_client.post(document, version="2026-10")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"
