"""Execution by sets: arguments are made from a document once, but nobody shares what can change."""

import gc
import weakref
from typing import Any

import strawberry
from graphql import parse

from schema.executor import SetExecutor
from tests.executors import ask_by_sets


@strawberry.input
class _Box:
    items: list[int] = strawberry.field(default_factory=list)


class _Request:
    """The context of a request."""


@strawberry.type
class _Query:
    @strawberry.field
    def filled(
        self,
        info: strawberry.Info,
        box: _Box | None = None,
        items: list[int] = [5],  # noqa: B006 - that is the point
        size: int = 2,
        name: str | None = "n",
    ) -> str:
        """Change everything that can be changed."""
        items.append(size)
        if box is not None:
            box.items.append(size)
        return f"{box} {items} {name} {info.context is not None}"

    @strawberry.field
    def fixed(self, info: strawberry.Info, size: int = 2) -> int:
        """Return what follows from the document."""
        return size + (info.context is None)


_SCHEMA = strawberry.Schema(_Query, execution_context_class=SetExecutor)


async def _twice(text: str, **variables: Any) -> list[bytes]:
    document = parse(text)
    found = [await ask_by_sets(_SCHEMA, document, variables, _Request()) for _ in range(2)]
    assert all(each.by_sets for each in found)
    return [each.data for each in found]


async def test_requests_do_not_share_what_can_change() -> None:
    """Literals, defaults and variables are new for each, of lists and of input objects."""
    for text in (
        "{ filled }",
        "{ filled(items: [1]) }",
        "{ filled(items: 1) }",
        "{ filled(box: {items: [7]}) }",
        "{ filled(box: {items: 7}, size: 3) }",
    ):
        first, second = await _twice(text)
        assert first == second


async def test_variables_are_those_of_the_request() -> None:
    """The same document has another answer with other variables, wherever they stand."""
    text = """query ($i: Int!, $s: Int, $n: String) {
      a: filled(items: [$i], size: $s, name: $n) b: filled(box: {items: [1, $i]}, size: 4)
    }"""
    document = parse(text)
    shown = []
    for variables in ({"i": 1}, {"i": 2, "s": 8}, {"i": 2, "n": None}):
        found = await ask_by_sets(_SCHEMA, document, variables, _Request())
        assert found.by_sets
        shown.append(found.data)
    assert shown == [
        b'{"a":"None [1, 2] n True","b":"_Box(items=[1, 1, 4]) [5, 4] n True"}',
        b'{"a":"None [2, 8] n True","b":"_Box(items=[1, 2, 4]) [5, 4] n True"}',
        b'{"a":"None [2, 2] None True","b":"_Box(items=[1, 2, 4]) [5, 4] n True"}',
    ]


async def test_a_plan_keeps_nothing_of_a_request() -> None:
    """The context is gone with the request, although the document stays."""
    document = parse("{ filled fixed(size: 3) }")
    request = _Request()
    gone = weakref.ref(request)
    assert (await ask_by_sets(_SCHEMA, document, {}, request)).by_sets
    del request
    gc.collect()
    assert gone() is None
