"""Execution by sets: each corner of the type system answers as ever."""

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import parse, validate

from tests.executors import Answer, ask_by_sets, ask_stock
from tests.values import SCHEMA, Query


async def _both(text: str, schema: strawberry.Schema = SCHEMA, **variables: Any) -> Answer:
    """Execute a document in both ways, and demand the same answer."""
    root = schema._schema.query_type
    assert root is not None
    found = await ask_by_sets(schema, parse(text), variables, None, Query())
    expected = await ask_stock(schema, parse(text), variables, None, Query())
    assert (found.data, found.errors) == (expected.data, expected.errors)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "{ values { short { name } any { name } text none number whole flag } }",
        "{ values { ident day moment exact } }",
        "{ values { numberAsId numberAsText flagAsNumber colourAsValue } }",
        "{ values { numbers grid pair things { __typename name } } }",
        """{ values { things { name ...S ... on Plant { height seeds { ...S } } } } }
        fragment S on Stone { weight twin { name weight twin { name } } colour }""",
        "{ b: alone a: alone values { text } alone values { number text } }",
        "{ stones { name colour weight twin { twin { name } name } __typename } }",
        "{ stones(wish: {}, colour: AZURE) { name } }",
        "{ stones(wish: {colours: RED, most: null, from: 7}) { name } }",
        """query ($c: Colour!, $m: Int, $w: Wish) {
          a: stones(wish: {colours: [$c], most: $m}) { name }
          b: stones(wish: $w, colour: $c) { name }
        }""",
        "{ later { name } stones { name } other: later(seconds: 0.01) { weight } }",
        """{ thing {
          __typename name ... on Plant { height seeds { name } } ... on Stone { weight }
        } }""",
        "{ thing(cast: true) { __typename name ... on Plant { height } } }",
        "{ either { __typename ... on Thing { name } ... on Plant { height } } }",
        '{ told(text: "t") ...F } fragment F on Query { alone }',
        "{ ofParent alone }",
        "{ values { text @skip(if: true) } alone @include(if: false) }",
        "query ($no: Boolean! = false) { alone @include(if: $no) ... @skip(if: $no) { told } }",
        "{ __typename ... { __typename t: __typename } ... on Query { alone } }",
    ],
)
async def test_everything_is_answered_by_sets(text: str) -> None:
    """Types, arguments, fragments, conditions: the same bytes, and no stock executor."""
    assert validate(SCHEMA._schema, parse(text)) == []
    found = await _both(text, c="AZURE", w={"from": 1})
    assert found.setback is None
    assert found.by_sets
    assert found.errors == b""


@pytest.mark.parametrize(
    "field",
    [
        "tooLarge",
        "infinite",
        "noNumber",
        "missing",
        "missingList",
        "missingStone { name }",
        "missingThing { name }",
        "missingColour",
        "vanishing",
        "picky { name }",
        "failedStone { name }",
        "failedThing { name }",
        "failedAny { name }",
        "wrongColour",
        "failure",
        "failures",
        "gap",
        "noList",
        "noStone { name }",
        "noThing { name }",
        "cast { name }",
    ],
)
async def test_errors_are_those_of_the_stock_executor(field: str) -> None:
    """Each in its words, and at its place."""
    found = await _both(f"{{ values {{ text {field} }} }}")
    assert found.planned
    assert found.setback is not None
    assert found.errors != b""


@pytest.mark.parametrize(
    "text",
    [
        "{ where }",
        "{ hasPath }",
        "{ values { keys } }",
        "{ surprise }",
        "{ surprises }",
        "{ surprisingList }",
        "{ surprisingStone { name } }",
        "{ surprisingThing { name } }",
        "{ surprisingAny { name } }",
    ],
)
async def test_what_sets_do_not_cover_is_answered_all_the_same(text: str) -> None:
    """A path, an iterable that is no list, a coroutine out of the blue."""
    found = await _both(text)
    assert found.setback is not None
    assert found.errors == b""


async def test_a_resolver_is_told_of_the_request() -> None:
    """Field, context, variables and selection are there; only the path has no one value."""
    found = await _both("query ($a: Int) { x: told }", a=5)
    assert found.data == b"{\"x\":\"told None {'a': 5} ['told'] \"}"
    assert found.by_sets


async def test_no_loop_or_no_waiting_needs_no_await() -> None:
    """What does not wait is answered at once, in a running loop and without one."""
    text = "{ stones { name twin { name } } alone }"
    within = SCHEMA.execute_sync(text, root_value=Query())
    outside = await asyncio.to_thread(SCHEMA.execute_sync, text, root_value=Query())
    assert within.errors is None
    assert within.data == outside.data
