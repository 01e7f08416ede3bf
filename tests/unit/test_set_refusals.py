"""Execution by sets: what it leaves to the stock executor from the start."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql import parse
from strawberry.extensions import SchemaExtension
from strawberry.extensions.field_extension import FieldExtension
from strawberry.schema.config import StrawberryConfig

from schema.executor import SetExecutor
from tests.executors import ask_by_sets, ask_stock


@strawberry.type
class _Query:
    alone: int = 1


_SCHEMA = strawberry.Schema(_Query)


class _Extended(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **named: Any) -> Any:
        return next_(source, info, **named)


@strawberry.type
class _ExtendedQuery:
    @strawberry.field(extensions=[_Extended()])
    def one(self) -> int:
        """Return a number past an extension."""
        return 1


@strawberry.type
class _ReadQuery:
    alone: int = 1


@strawberry.type
class _Changes:
    @strawberry.mutation
    def one(self) -> int:
        """Return a number."""
        return 1


@strawberry.type
class _Events:
    @strawberry.subscription
    async def one(self) -> AsyncIterator[int]:
        """Yield a number."""
        yield 1


class _Middleware(SchemaExtension):
    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        return 1 + _next(root, info, *args, **kwargs)


def _by_hand(source: object, name: str) -> object:
    return getattr(source, name)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (strawberry.Schema(_ExtendedQuery), "{ one }"),
        (strawberry.Schema(_ExtendedQuery, mutation=_Changes), "mutation { one }"),
        (
            strawberry.Schema(_ReadQuery, config=StrawberryConfig(default_resolver=_by_hand)),
            "{ alone }",
        ),
        (_SCHEMA, "{ __schema { queryType { name } } alone }"),
        (_SCHEMA, '{ __type(name: "Query") { name } }'),
        (_SCHEMA, "query @unknown { alone }"),
        (_SCHEMA, "{ alone @unknown }"),
        (_SCHEMA, "{ unknown alone }"),
    ],
)
async def test_the_stock_executor_has_the_rest_from_the_start(
    schema: strawberry.Schema, text: str
) -> None:
    """What stands between fields and resolvers, other operations, and what is not valid."""
    found = await ask_by_sets(schema, parse(text), {}, None, _Query())
    expected = await ask_stock(schema, parse(text), {}, None, _Query())
    assert not found.planned
    assert (found.data, found.errors) == (expected.data, expected.errors)


async def test_middleware_sees_every_field() -> None:
    """With a schema extension that resolves, nothing is executed by sets."""
    schema = strawberry.Schema(
        _Query, extensions=[_Middleware], execution_context_class=SetExecutor
    )
    result = await schema.execute("{ alone }", root_value=_Query())
    assert result.data == {"alone": 2}


async def test_fields_one_after_the_other_are_not_a_set() -> None:
    """A caller who wants them so gets them so."""
    document = parse("{ alone }")
    executor: Any = SetExecutor.build(_SCHEMA._schema, document, _Query())
    assert executor.execute_operation(serially=True).data == {"alone": 1}
    assert not executor.planned
    assert executor.execute_operation(serially=False).data == {"alone": 1}
    assert executor.planned
