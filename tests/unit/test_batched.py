"""A field with a batch function: one call for a set, one by one elsewhere, the same answer."""

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import parse

from loaders.catalogue import Catalogue
from loaders.class_reading import read_classes
from loaders.releases import ReleaseList
from loaders.request import Loaders, Store
from schema.batched import batched
from schema.context import Context
from schema.executor import SetExecutor
from tests.executors import Answer, ask_by_sets, ask_stock

_calls: list[tuple[str, list[int]]] = []


async def _slow_squares(_store: Store, keys: list[int]) -> list[int | None]:
    await asyncio.sleep(0)
    _calls.append(("slow", keys))
    if 13 in keys:
        raise ValueError("thirteen")
    return [None if key > 9 else key * key for key in keys]


def _squares(_store: Store, keys: list[int]) -> list[int | None]:
    _calls.append(("quick", keys))
    return [None if key > 9 else key * key for key in keys]


@strawberry.type
class _Square:
    size: int

    @strawberry.field
    def counted(self) -> int:
        """Count the calls."""
        _calls.append(("counted", [self.size]))
        return self.size

    @classmethod
    def of(cls, size: int) -> "_Square":
        """Return the square of a record."""
        return cls(size=size)


@strawberry.type
class _Number:
    value: strawberry.Private[int | None]

    slow: _Square | None = batched(
        _slow_squares, key="value", into=_Square.of, description="Loaded."
    )
    quick: _Square | None = batched(_squares, key="value", into=_Square.of, description="At hand.")
    plain: int | None = batched(_squares, key="value", description="A leaf.")
    needed: int = batched(_squares, key="value", description="Not null.")


@strawberry.type
class _Query:
    @strawberry.field
    def numbers(self, values: list[int | None]) -> list[_Number]:
        """Return numbers."""
        return [_Number(value=value) for value in values]


_SCHEMA = strawberry.Schema(_Query, execution_context_class=SetExecutor)


class _Nothing:
    async def fetch(self, _query: str, *_args: object) -> list[Any]:
        return []


async def _both(text: str, values: list[int | None]) -> tuple[Answer, list[Any]]:
    """Ask in both ways; return the answer by sets, and the calls that it took."""
    source: Any = _Nothing()
    catalogue = Catalogue(
        "", ReleaseList([]), await read_classes(source, None), {}, {}, [], None, [], [], {}
    )
    document, variables = parse(f"query ($v: [Int]!) {text}"), {"v": values}

    def context() -> Context:
        return Context(Loaders(Store(source, catalogue)))

    _calls.clear()
    found = await ask_by_sets(_SCHEMA, document, variables, context())
    calls = list(_calls)
    expected = await ask_stock(_SCHEMA, document, variables, context())
    assert (found.data, found.errors) == (expected.data, expected.errors)
    return found, calls


@pytest.mark.parametrize("kind", ["slow", "quick"])
async def test_a_set_is_one_call_with_different_keys(kind: str) -> None:
    """Nulls are no keys, keys may have no record, and equal keys share an object."""
    text = f"{{ numbers(values: $v) {{ {kind} {{ counted }} }} }}"
    found, calls = await _both(text, [3, 2, None, 3, 10, 2])
    assert found.by_sets
    assert found.data.count(b'{"counted":9}') == found.data.count(b'{"counted":4}') == 2
    assert calls == [(kind, [3, 2, 10]), ("counted", [9]), ("counted", [4])]


@pytest.mark.parametrize("kind", ["slow { size }", "quick { size }", "plain"])
@pytest.mark.parametrize("values", [[], [None], [10, None], [1]])
async def test_sets_may_be_empty_or_null(kind: str, values: list[int | None]) -> None:
    """Without a key nothing is called."""
    found, calls = await _both(f"{{ numbers(values: $v) {{ {kind} }} }}", values)
    assert found.by_sets
    assert bool(calls) is any(value is not None for value in values)


async def test_two_fields_that_wait_share_a_batch() -> None:
    """Two lists at once load what they have in common once."""
    found, calls = await _both(
        "{ a: numbers(values: $v) { slow { size } } b: numbers(values: $v) { slow { size } } }",
        [1, 2],
    )
    assert found.by_sets
    assert calls == [("slow", [1, 2])]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{ numbers(values: $v) { slow { size } } }", [1, 13]),
        ("{ numbers(values: $v) { needed } }", [1, None]),
        ("{ numbers(values: $v) { needed } }", [1, 10]),
    ],
)
async def test_failures_are_those_of_the_stock_executor(
    text: str, values: list[int | None]
) -> None:
    """A batch that fails, and a null where none may be."""
    found, _ = await _both(text, values)
    assert found.setback is not None
    assert found.errors != b""
