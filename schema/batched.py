"""Fields whose values come from a batch function: one declaration serves both executors."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, TypeVar

import strawberry

from loaders.request import Store
from schema.context import Context, Info

KeyT = TypeVar("KeyT", bound=Hashable)
RecordT = TypeVar("RecordT")

BATCHED = "batched"
"""Key of a field's metadata for its `Batched`."""

Batch = Callable[[Store, list[KeyT]], list[RecordT] | Awaitable[list[RecordT]]]
"""``(store, keys) -> records aligned with keys``; a plain function if all is in memory."""


@dataclass(frozen=True)
class Batched:
    """How a field comes by its values.

    Attributes:
        batch: Returns the record of each key, or ``None``; keys come without repetition.
        key: Attribute of the field's object that holds the key, or ``None`` for a null.
        into: Makes the value of the field from a record.
    """

    batch: Callable[[Any, list[Any]], Any]
    key: str
    into: Callable[[Any], Any]

    @property
    def waits(self) -> bool:
        """Whether the batch function must be awaited."""
        return iscoroutinefunction(self.batch)

    async def load(self, context: Context, keys: list[Any]) -> list[Any]:
        """Return the values of different keys through the loader of the batch function."""
        records = await context.loaders.of(self.batch).load_many(keys)
        return [None if record is None else self.into(record) for record in records]

    def look_up(self, context: Context, keys: list[Any]) -> list[Any]:
        """Return the values of different keys from a batch function that is not awaited."""
        records = self.batch(context.loaders.store, keys)
        return [None if record is None else self.into(record) for record in records]


def batched(
    batch: Batch[KeyT, RecordT],
    *,
    key: str,
    description: str,
    into: Callable[[Any], Any] = lambda record: record,
    metadata: Mapping[Any, Any] | None = None,
) -> Any:  # noqa: ANN401 - the annotation of the attribute says the type
    """Return a field that ``batch`` serves: for a set of objects in one call.

    The stock executor gets the same values one by one, through the DataLoader of ``batch``, or
    from ``batch`` itself if that is a plain function. Objects with one key share one value.

    Args:
        batch: Returns the record of each key, or ``None`` where there is none.
        key: Attribute that holds the key of an object; where it is ``None``, the field is null.
        description: What the contract says of the field.
        into: Makes the field's value from a record, and from nothing else.
        metadata: Further metadata of the field, for instance a lifetime.
    """
    how = Batched(batch, key, into)
    return strawberry.field(
        resolver=resolver_of(how),
        description=description,
        metadata={**(metadata or {}), BATCHED: how},
    )


def resolver_of(how: Batched) -> Callable[..., Any]:
    """Return the resolver by which the stock executor gets the value of one object."""

    # They return what the annotation of the field's attribute says.
    async def load(self: Any, info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202, ANN401
        key = getattr(self, how.key)
        return None if key is None else (await how.load(info.context, [key]))[0]

    def look_up(self: Any, info: Info):  # type: ignore[no-untyped-def]  # noqa: ANN202, ANN401
        key = getattr(self, how.key)
        return None if key is None else how.look_up(info.context, [key])[0]

    return load if how.waits else look_up
