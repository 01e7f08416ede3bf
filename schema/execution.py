"""Executes documents in slices of time, so that no request holds up the others."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any

from graphql import GraphQLOutputType, GraphQLResolveInfo, get_nullable_type, is_leaf_type
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import AwaitableOrValue, Path, gather_with_cancel
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from loaders.slices import GRACE_S, Slices, slices


class SlicedExecutor(StrawberryGraphQLCoreExecutionContext):
    """The stock executor, which pauses between the items of lists and before new fields.

    The answer is the same: only the moments at which the event loop may turn are added.
    """

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: list[FieldDetails],
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,  # noqa: ANN401 - the library's own
    ) -> AwaitableOrValue[list[Any]]:
        """Complete a list; what is left when the slice is spent is completed later."""
        if is_leaf_type(get_nullable_type(item_type)):
            return super().complete_iterable_value(
                item_type, field_details_list, info, path, items, position_context
            )

        def complete(item: Any, index: int, results: list[Any]) -> bool:  # noqa: ANN401
            place = path.add_key(index, None)
            arguments = (item_type, field_details_list, info, place, position_context)
            if self.is_awaitable(item):
                results.append(self.complete_awaitable_list_item_value(item, *arguments))
                return True
            return self.complete_list_item_value(item, results, *arguments)

        here = running_slices()
        if here is None:
            return super().complete_iterable_value(
                item_type, field_details_list, info, path, items, position_context
            )
        pieces = _Pieces(iter(items), complete, here, self.settle_in_background)
        if pieces.advance():
            return pieces.gathered() if pieces.awaited else pieces.results
        return pieces.go_on()

    async def complete_awaitable_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: list[FieldDetails],
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Awaitable[Any],
        position_context: Any,  # noqa: ANN401 - the library's own
    ) -> Any:  # noqa: ANN401
        """Complete what a resolver awaits, when there is time to begin and to go on."""
        here = slices()
        if here.spent(GRACE_S):
            try:
                await here.pause(GRACE_S)
            except BaseException:
                if isinstance(result, Coroutine):
                    result.close()
                raise
        return await super().complete_awaitable_value(
            return_type, field_details_list, info, path, _resumed(result, here), position_context
        )


class _Pieces:
    """A list that is completed piece by piece.

    Attributes:
        results: The items so far; those in ``awaited`` are awaitables still.
        awaited: Their indices.
    """

    def __init__(
        self,
        items: Iterator[Any],
        complete: Callable[[Any, int, list[Any]], bool],
        here: Slices,
        settle: Callable[[list[Awaitable[Any]]], None],
    ) -> None:
        self.results: list[Any] = []
        self.awaited: list[int] = []
        self._items = items
        self._complete = complete
        self._here = here
        self._settle = settle

    def advance(self) -> bool:
        """Complete items until the slice is spent; tell whether that was all."""
        try:
            for item in self._items:
                if self._complete(item, len(self.results), self.results):
                    self.awaited.append(len(self.results) - 1)
                if self._here.spent():
                    return False
        except Exception:
            self._abandon()
            raise
        return True

    async def go_on(self) -> list[Any]:
        """Complete the rest in later turns of the loop."""
        try:
            while True:
                await self._here.pause()
                if self.advance():
                    break
        except BaseException:
            self._abandon()
            raise
        return await self.gathered()

    async def gathered(self) -> list[Any]:
        """Return the items when all of them are there."""
        pending = (self.results[index] for index in self.awaited)
        found = await gather_with_cancel(*pending)
        for index, value in zip(self.awaited, found, strict=True):
            self.results[index] = value
        return self.results

    def _abandon(self) -> None:
        pending = [self.results[index] for index in self.awaited]
        self.awaited.clear()
        if pending:
            self._settle(pending)


async def _resumed(result: Awaitable[Any], here: Slices) -> Any:  # noqa: ANN401
    resolved = await result
    if here.spent():
        await here.pause()
    return resolved


def running_slices() -> Slices | None:
    """Return the slices of the running loop; ``None`` if execution is synchronous."""
    try:
        return slices()
    except RuntimeError:
        return None
