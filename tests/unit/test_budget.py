"""What a client is told that asks for too much."""

from typing import Any

import pytest
from graphql import parse
from hypothesis import given
from hypothesis import strategies as st

from api.budget import breakdown_json, check_cost
from api.refusal import RefusalError
from schema.build import build_schema
from schema.cost import Cost, cost_of
from schema.errors import Code
from schema.limits import LIMITS, Limits
from tests.queries import QueryMaker

SCHEMA = build_schema("2026-10")._schema


def _cost(text: str) -> Cost:
    return cost_of(SCHEMA, parse(text), None, {})


def _refused(text: str, limits: Limits = LIMITS) -> tuple[str, dict[str, Any]]:
    with pytest.raises(RefusalError) as refusal:
        check_cost(_cost(text), limits)
    assert refusal.value.code is Code.COST_EXCEEDED
    (error,) = refusal.value.errors
    assert error.extensions is not None
    return error.message, error.extensions


def _paged(outer: int, inner: int) -> str:
    return (
        f"{{ banks(first: {outer}) {{ nodes {{ units(first: {inner}) {{ nodes {{ id }} }} }} }} }}"
    )


def test_the_budget_includes_its_maximum() -> None:
    """What costs exactly the limit passes, and one object more does not."""
    text = "{ banks(first: 98) { nodes { code } } }"
    check_cost(_cost(text), Limits(max_cost=100))
    with pytest.raises(RefusalError):
        check_cost(_cost(text), Limits(max_cost=99))


def test_a_refusal_names_the_dearest_field_and_the_largest_page() -> None:
    """With the size that it names the request passes, and with one more it does not."""
    message, details = _refused(_paged(100, 100))
    assert message == (
        "The cost of this request is 12,702; at most 10,000 is allowed. Most of it is "
        '"banks.nodes.units.nodes" (UnitConnection.nodes): 10,000. '
        'It would pass with first: 78 at "banks".'
    )
    assert details == {
        "code": "COST_EXCEEDED",
        "limit": "max_cost",
        "maximum": 10_000,
        "found": 12_702,
        "field": "banks.nodes.units.nodes",
        "coordinate": "UnitConnection.nodes",
        "largest": {"argument": "first", "value": 78, "paths": ["banks"]},
    }
    check_cost(_cost(_paged(78, 100)), LIMITS)
    _refused(_paged(79, 100))


def test_several_pages_are_told_one_size() -> None:
    """Where no page alone would do, the size is one for all of them."""
    unit = "id tnc { min } bank { code } cd34 { min } volume { min } collectionPeriod { to }"

    def pages(size: int) -> str:
        each = (f"p{n}: units(first: {size}) {{ nodes {{ {unit} }} }}" for n in range(18))
        return f"{{ {' '.join(each)} }}"

    message, details = _refused(pages(100))
    assert message.endswith("It would pass with first: 88 at each of its 18 outermost pages.")
    assert details["largest"]["value"] == 88
    check_cost(_cost(pages(88)), LIMITS)
    _refused(pages(89))


def test_what_has_no_pages_is_told_to_ask_for_less() -> None:
    """An inventory has no size that could be lowered."""
    cells = "bank { code } tnc { min } cd34 { min }"
    message, details = _refused(
        f"{{ units {{ inventory(groupBy: [BANK TNC CD34 ADDED_IN]) {{ {cells} }} }} }}"
    )
    assert message.endswith(
        'Most of it is "units.inventory" (UnitConnection.inventory): 20,500. '
        "Ask for fewer fields or in several requests."
    )
    assert "largest" not in details


def test_values_have_a_limit_of_their_own() -> None:
    """Many scalars of few objects are refused, with the page that would pass."""
    leaves = " ".join(f"a{n}: id" for n in range(30))
    text = f"{{ units(first: 100) {{ nodes {{ {leaves} }} }} }}"
    message, details = _refused(text, Limits(max_values=1_000))
    assert message.startswith("The number of values of this request is 3,000; at most 1,000")
    assert details["limit"] == "max_values"
    assert details["largest"] == {"argument": "first", "value": 33, "paths": ["units"]}


@given(seed=st.integers(0, 2**32), limit=st.integers(5, 200))
def test_no_refusal_fails_to_name_a_field(seed: int, limit: int) -> None:
    """Whatever is asked, it passes or is refused with its cost and a field of it."""
    query = QueryMaker(SCHEMA, seed).make()
    cost = cost_of(SCHEMA, parse(query.text), None, query.variables)
    if cost.total <= limit:
        check_cost(cost, Limits(max_cost=limit))
        return
    with pytest.raises(RefusalError) as refusal:
        check_cost(cost, Limits(max_cost=limit))
    details = refusal.value.errors[0].extensions
    assert details is not None
    assert details["found"] == cost.total
    assert details["field"] in [part.path for part in cost.breakdown]


def test_a_breakdown_goes_from_dear_to_cheap() -> None:
    """Each part has the number of times that it is resolved, and all that it brings."""
    shown = breakdown_json(_cost(_paged(2, 3)), LIMITS)
    assert shown == {
        "cost": {"requested": 62, "limit": LIMITS.max_cost},
        "values": {"requested": 6, "limit": LIMITS.max_values},
        "objects": 12,
        "passes": True,
        "dependsOnVariables": False,
        "breakdown": [
            {"path": "banks", "coordinate": "Query.banks", "times": 1, "cost": 61, "values": 6},
            {
                "path": "banks.nodes",
                "coordinate": "BankConnection.nodes",
                "times": 1,
                "cost": 60,
                "values": 6,
            },
            {
                "path": "banks.nodes.units",
                "coordinate": "Bank.units",
                "times": 2,
                "cost": 58,
                "values": 6,
            },
            {
                "path": "banks.nodes.units.nodes",
                "coordinate": "UnitConnection.nodes",
                "times": 2,
                "cost": 6,
                "values": 6,
            },
            {
                "path": "banks.nodes.units.nodes.id",
                "coordinate": "CordBloodUnit.id",
                "times": 6,
                "cost": 0,
                "values": 6,
            },
        ],
    }
