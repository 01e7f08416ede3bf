"""One execution of a plan: what all its parts need."""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, NoReturn

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo, Undefined

from loaders.request import Loaders
from loaders.slices import GRACE_S, Slices

if TYPE_CHECKING:
    from schema.execution import SlicedExecutor


class UnfitError(Exception):
    """Something that sets do not cover; the stock executor is to answer."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a plan has a column.

    Attributes:
        parent: Type of the objects whose field it is.
        field: The field.
        nodes: Where the document selects it; the first has the arguments.
    """

    parent: GraphQLObjectType
    field: GraphQLField
    nodes: list[FieldNode]


class Run:
    """What the parts of a plan share while it runs.

    Attributes:
        executor: The executor that runs the plan.
        here: The slices of time of the event loop.
        loaders: The loaders of the request, if only one column loads anything.
    """

    __slots__ = ("executor", "here", "loaders")

    def __init__(self, executor: "SlicedExecutor", here: Slices, loaders: Loaders | None) -> None:
        self.executor = executor
        self.here = here
        self.loaders = loaders

    def info(self, place: Place) -> GraphQLResolveInfo[Any]:
        """Return what resolvers are told of their field; it stands for all objects of a set."""
        return self.executor.build_resolve_info(
            place.field,
            place.nodes,
            place.parent,
            _NOWHERE,  # type: ignore[arg-type]
        )


class _Nowhere:
    """The path of a set, which has many: who asks for it makes the operation unfit."""

    def __getattr__(self, name: str) -> NoReturn:
        raise UnfitError(f"{name} of the path of a set")


_NOWHERE = _Nowhere()

_ABSENT = type(Undefined)
_RUNNING = (CoroutineType, GeneratorType)


def is_plain(type_: type) -> bool:
    """Tell whether values of a type are values as they are."""
    return not (
        type_ is _ABSENT
        or type_ in _RUNNING
        or issubclass(type_, Exception)
        or hasattr(type_, "__await__")
    )


def require_plain(values: Sequence[Any], types: Iterable[type]) -> None:
    """Require values as they are: neither exceptions nor awaitables.

    Args:
        values: What resolvers returned.
        types: The types that they have.

    Raises:
        UnfitError: Another value is among them; coroutines are closed.
    """
    for each in types:
        if not is_plain(each):
            close_all(values)
            raise UnfitError(f"a value of the type {each.__name__}")


def close_all(values: Iterable[Any]) -> None:
    """Close the coroutines among ``values`` that nobody will await."""
    for value in values:
        if isinstance(value, Coroutine):
            value.close()


async def all_of(pending: Sequence[Awaitable[Any]], here: Slices) -> list[Any]:
    """Await what resolvers returned, all at once; return their values in order.

    If one fails, or the wait is cancelled, the others are ended first.
    """
    try:
        if len(pending) == 1:
            return [await pending[0]]
        return await _gathered([_begun(each, here) for each in pending])
    finally:
        close_all(pending)  # a task that was cancelled before it began has left its own


async def _gathered(coroutines: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    tasks = [asyncio.create_task(each) for each in coroutines]
    try:
        return await asyncio.gather(*tasks)
    except (Exception, asyncio.CancelledError):
        await end_all(tasks)
        raise


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel what still runs, and wait until all have ended."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _begun(awaitable: Awaitable[Any], here: Slices) -> Any:  # noqa: ANN401
    """Begin when there is time: many may begin in one turn of the loop."""
    if here.spent(GRACE_S):
        await here.pause(GRACE_S)
    return await awaitable
