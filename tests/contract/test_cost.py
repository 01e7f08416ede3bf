"""The cost of an operation is never below what its execution returns."""

from typing import Any

import pytest
from graphql import get_introspection_query, parse, validate
from graphql.validation.validate import ValidationAbortedError
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from database.pool import Pool
from schema.build import build_schema
from schema.cost import Cost, cost_of
from schema.versions import VERSIONS
from tests.queries import QueryMaker
from tests.reading import context_of

_SEEDS = st.integers(0, 2**32)
_NAMES = [version.name for version in VERSIONS.served]
_MOST = 20_000
"""Dearer documents are not executed: they would take long."""


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(_objects(each) for each in value.values())
    return sum(_objects(each) for each in value) if isinstance(value, list) else 0


def _values(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_values(each) for each in value.values())
    return sum(_values(each) for each in value) if isinstance(value, list) else 1


async def _both(
    pool: Pool, version: str, text: str, variables: dict[str, Any] | None = None
) -> tuple[Cost, Any]:
    schema = build_schema(version)
    document = parse(text)
    faults = validate(schema._schema, document)
    if any(isinstance(fault, ValidationAbortedError) for fault in faults):
        reject()  # it compares too many fields, and would be refused before it costs anything
    assert faults == []
    cost = cost_of(schema._schema, document, None, variables or {})
    if cost.total > _MOST:
        return cost, {}
    result = await schema.execute(
        text, variable_values=variables, context_value=await context_of(pool)
    )
    return cost, result.data


@pytest.mark.parametrize("version", _NAMES)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=_SEEDS)
async def test_no_answer_has_more_than_its_cost(pool: Pool, version: str, seed: int) -> None:
    """Objects and values of any answer are at most what was computed before."""
    query = QueryMaker(build_schema(version)._schema, seed).make()
    cost, data = await _both(pool, version, query.text, query.variables)
    if data is not None:
        assert _objects(data) <= cost.objects <= cost.total, query
        assert _values(data) <= cost.values, query


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("{ __typename }", 0),
        ("{ banks(first: 3) { nodes { code } } }", 0),
        ("{ banks(last: 3) { edges { cursor node { code } } pageInfo { endCursor } } }", 0),
        ("{ releases(first: 2) { nodes { number } } }", 0),
        ("{ units(first: 100) { nodes { id } edges { node { tnc { min } } } } }", 25),
        ("{ units { nodes { id } } }", 25),
        ('{ bank(code: "BJ") { units(first: 7) { nodes { bank { code } } } } }', 25),
        ('{ nodes(ids: ["bnk_BJ", "rel_1", "ind_AML"]) { id } }', 0),
        ("{ a: units(first: 3) { nodes { id } } a: units(first: 3) { nodes { id } } }", 25),
        ("{ units(first: 5) { ...F ...F } } fragment F on UnitConnection { nodes { id } }", 25),
        ("{ units(first: 5) { nodes { id tnc @skip(if: true) { min } cd34 { min } } } }", 25),
        ("{ service { limits { maxCost } } }", 0),
    ],
)  # fmt: skip
async def test_pages_that_are_full_cost_exactly_what_they_return(
    pool: Pool, text: str, weight: int
) -> None:
    """Every object is one, and the rest is the weights of the fields."""
    cost, data = await _both(pool, "2026-10", text)
    assert cost.objects == _objects(data)
    assert cost.total == cost.objects + weight


async def test_the_introspection_of_every_tool_is_far_below_the_budget(pool: Pool) -> None:
    """It is counted, closely: less than twice its objects."""
    text = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    cost, data = await _both(pool, "2026-10", text)
    assert _objects(data) <= cost.objects < 2 * _objects(data)


@pytest.mark.parametrize(
    ("text", "variables", "total"),
    [
        ("query ($n: Int) { banks(first: $n) { nodes { code } } }", {}, 22),
        ("query ($n: Int) { banks(first: $n) { nodes { code } } }", {"n": None}, 22),
        ("query ($n: Int) { banks(first: $n) { nodes { code } } }", {"n": 7}, 9),
        ("query ($n: Int) { banks(first: $n) { nodes { code } } }", {"n": 7.0}, 9),
        ("query ($n: Int) { banks(first: $n) { nodes { code } } }", {"n": 10**9}, 102),
        ("query ($n: Int) { banks(first: $n) { nodes { code } } }", {"n": -1}, 2),
        ("query ($n: Int = 4) { banks(first: $n) { nodes { code } } }", {}, 6),
        ("query ($n: Int = 4) { banks(first: $n) { nodes { code } } }", {"n": None}, 22),
        ("query ($x: Boolean!) { banks @include(if: $x) { totalCount } }", {"x": False}, 1),
        ("query ($x: Boolean!) { banks @include(if: $x) { totalCount } }", {"x": True}, 2),
        ("query ($x: Boolean!) { banks @skip(if: $x) { totalCount } }", {}, 2),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a", "b", "c"]}, 4),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": "a"}, 2),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {}, 101),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a"] * 5000}, 101),
    ],
)
def test_variables_count_as_they_will_be_used(
    text: str, variables: dict[str, Any], total: int
) -> None:
    """Defaults, nulls and wrong values are read as execution reads them, or as the most."""
    cost = cost_of(build_schema("2026-10")._schema, parse(text), None, variables)
    assert (cost.total, cost.varies) == (total, True)


@pytest.mark.parametrize(
    ("dimensions", "cells"),
    [("", 1), ("BANK", 10), ("ABO_GROUP TNC", 48), ("BANK COLLECTION_PERIOD CD34 TNC", 5000)],
)
def test_an_inventory_counts_its_cells(dimensions: str, cells: int) -> None:
    """The product of the sizes of its dimensions, and at most the cap."""
    text = f"{{ units(first: 0) {{ inventory(groupBy: [{dimensions}]) {{ units }} }} }}"
    cost = cost_of(build_schema("2026-10")._schema, parse(text), None, {})
    assert cost.objects == 2 + cells
    assert cost.total == 2 + cells + 25 + 500


def test_an_object_of_several_types_costs_as_the_dearest() -> None:
    """Of a node, whose type is not known before, the most of each type counts."""
    text = """{ node(id: "x") {
        ... on Bank { a: sources { status } }
        ... on Release { a: files { path } anonymity { k } }
    } }"""
    cost = cost_of(build_schema("2026-10")._schema, parse(text), None, {})
    assert cost.objects == 2 + 50 + 1


def test_fragments_are_priced_once() -> None:
    """A chain that doubles at each of 25 steps takes no longer than its text."""
    chain = " ".join(
        f"fragment f{n} on Bank {{ a: units {{ nodes {{ bank {{ ...f{n + 1} }} }} }}"
        f" b: units {{ nodes {{ bank {{ ...f{n + 1} }} }} }} }}"
        for n in range(25)
    )
    text = f'{{ bank(code: "BJ") {{ ...f0 }} }} {chain} fragment f25 on Bank {{ code }}'
    cost = cost_of(build_schema("2026-10")._schema, parse(text), None, {})
    per_bank = 0
    for _ in range(25):
        per_bank = 2 * (1 + 25 + 20 * (1 + 1 + per_bank))
    assert cost.total == 2 + per_bank
    assert len(cost.breakdown) == 100


def test_an_operation_that_is_not_there_has_no_cost() -> None:
    """Neither by a wrong name nor by none among several."""
    schema = build_schema("2026-10")._schema
    for text, name in (("query a { __typename }", "b"), ("query a { a } query b { b }", None)):
        with pytest.raises(LookupError):
            cost_of(schema, parse(text), name, {})
