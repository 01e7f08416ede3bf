"""Costs that are kept are those that would be found again."""

import gc
from typing import Any

import pytest
from graphql import parse

from api.costs import Costs
from schema.build import build_schema
from schema.cost import cost_of

_SCHEMA = build_schema("2026-10")._schema
_PAGE = "query ($n: Int, $a: String) { banks(first: $n, after: $a) { nodes { code } } }"
_CONDITION = """
query ($x: Boolean!, $n: Int) { banks(first: $n) @include(if: $x) { nodes { code } } __typename }
"""
_IDS = "query ($i: [ID!]!) { nodes(ids: $i) { id } }"


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        (_PAGE, [{}, {"n": 5}, {"n": None}, {"n": 5.0}, {"n": 6, "a": "x"}, {"n": 5, "a": "y"}]),
        (
            _CONDITION,
            [
                {"x": True},
                {"x": False, "n": 3},
                {"x": True, "n": 3},
                {"x": False},
                {"n": 3},
                {"x": True},
                {"x": True, "n": 4},
            ],
        ),
        (_IDS, [{"i": ["a"] * n} for n in (0, 1, 2, 200, 1)]),
    ],
)
def test_a_kept_cost_is_the_one_of_the_same_variables(
    text: str, sets: list[dict[str, Any]]
) -> None:
    """In any order, also where a condition decides which variables matter."""
    document = parse(text)
    costs = Costs(_SCHEMA)
    for variables in (*sets, *reversed(sets), *sets):
        found = costs.of(document, None, variables).total
        assert found == cost_of(_SCHEMA, document, None, variables).total


def test_only_variables_that_size_something_count() -> None:
    """Each cursor leads to the same cost, which is looked up."""
    document = parse(_PAGE)
    costs = Costs(_SCHEMA)
    first = costs.of(document, None, {"n": 5, "a": "one"})
    assert first.variables == {"n"}
    assert costs.of(document, None, {"n": 5, "a": "two"}) is first
    assert costs.of(document, None, {"n": 6, "a": "two"}) is not first


def test_costs_go_with_their_document() -> None:
    """Another document may have its identity later."""
    costs = Costs(_SCHEMA)
    for _ in range(50):
        for text in (_PAGE, _CONDITION, "{ __typename }"):
            document = parse(text)
            variables = {"n": 7, "x": True}
            expected = cost_of(_SCHEMA, document, None, variables).total
            assert costs.of(document, None, variables).total == expected
    del document
    gc.collect()
    assert costs._known == {}
