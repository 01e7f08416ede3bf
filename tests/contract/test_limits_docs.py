"""What docs/limits.md says of costs and limits is true."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from graphql import parse, validate

from schema.build import build_schema
from schema.cost import cost_of
from schema.limits import LIMITS
from schema.types.inventory import DIMENSION_SIZES
from schema.weights import CELL_DOSE, INVENTORY, MATCH_ESTIMATE, UNITS, FieldCost

TEXT = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```graphql\n(.*?)```\s+Cost: \*\*([0-9]+)\*\*", TEXT, re.DOTALL)
_ROW = re.compile(r"^\| `([A-Za-z0-9_]+)` \| ([0-9]+) \|", re.MULTILINE)


def test_there_is_a_cost_to_every_example() -> None:
    """None is left untested."""
    assert len(EXAMPLES) == TEXT.count("```graphql") == 6


@pytest.mark.parametrize(("document", "cost"), EXAMPLES)
def test_an_example_costs_what_is_shown(document: str, cost: str) -> None:
    """By the same computation as every request."""
    schema = build_schema("2026-10")._schema
    assert validate(schema, parse(document)) == []
    assert cost_of(schema, parse(document), None, {}).total == int(cost)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)


def test_every_number_is_in_a_table() -> None:
    """Limits, weights and sizes of dimensions, with their values."""
    weights = {
        name: int(directive.weight)
        for name, directives in (
            ("units", UNITS),
            ("inventory", INVENTORY),
            ("cellDose", CELL_DOSE),
            ("matchEstimate", MATCH_ESTIMATE),
        )
        for directive in directives
        if isinstance(directive, FieldCost)
    }
    limits = {_camel(name): value for name, value in asdict(LIMITS).items()}
    shown = {name: int(value) for name, value in _ROW.findall(TEXT)}
    assert shown == {**limits, **weights, **DIMENSION_SIZES}
