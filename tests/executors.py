"""Runs one document by sets and by the stock executor, and shows what each answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import strawberry
from graphql import DocumentNode, ExecutionResult
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.executor import SetExecutor


@dataclass(frozen=True)
class Answer:
    """An answer as bytes.

    Attributes:
        data: As it is.
        errors: Those of the fields, ordered by path: they come in no promised order.
        planned: Whether it began by sets.
        setback: What kept it from ending so.
    """

    data: bytes
    errors: bytes
    planned: bool
    setback: Exception | None

    @property
    def nulled(self) -> set[tuple[str | int, ...]]:
        """The places in the data that errors made null.

        Fields are executed at once: when one that may not be null fails, its object becomes null,
        and which errors below it had come by then depends on the moment.
        """
        places = set()
        for error in filter(None, self.errors.split(b"\n")):
            rest = orjson.loads(self.data)
            place: list[str | int] = []
            for key in orjson.loads(error).get("path", ()):
                if rest is None:
                    break
                place.append(key)
                rest = rest[key]
            places.add(tuple(place))
        return places

    @property
    def by_sets(self) -> bool:
        """Whether no stock executor had a part in it."""
        return self.planned and self.setback is None


async def ask(
    executor_class: type[Executor[Any]],
    schema: strawberry.Schema,
    document: DocumentNode,
    variables: Mapping[str, Any],
    context: object,
    root: object = None,
) -> Answer:
    """Execute the only operation of a document."""
    executor: Any = executor_class.build(
        schema._schema,
        document,
        root_value=root,
        context_value=context,
        raw_variable_values=dict(variables),
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
    )
    if isinstance(executor, list):
        errors = orjson.dumps([error.formatted for error in executor])
        return Answer(b"", errors, planned=False, setback=None)
    result = executor.execute_operation()
    if optimized_is_awaitable(result):
        result = await result
    assert isinstance(result, ExecutionResult)
    shown = sorted(orjson.dumps(error.formatted) for error in result.errors or ())
    planned = getattr(executor, "planned", False)
    setback = getattr(executor, "setback", None)
    return Answer(orjson.dumps(result.data), b"\n".join(shown), planned, setback)


ask_by_sets = partial(ask, SetExecutor)
"""Executes a document as the service does."""
ask_stock = partial(ask, StrawberryGraphQLCoreExecutionContext)
"""Executes a document by Strawberry's own executor."""
