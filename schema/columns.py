"""The fields of a selection: where the values of a whole set of objects come from."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Protocol

from strawberry.types.field import StrawberryField

from schema.batched import Batched
from schema.column_arguments import ColumnArguments
from schema.rows import reader_of
from schema.run import Place, Run, UnfitError, all_of, close_all, end_all

if TYPE_CHECKING:
    from schema.shapes import Shape

_CALLS = 64
"""Resolvers that are called between two looks at the clock."""


class Column(Protocol):
    """A field of a selection.

    Attributes:
        name: Its name in the answer.
        waits: Whether its own resolver or batch function is awaited.
        awaits: Whether that, or one below, is awaited.
        constant: Whether its values follow from the objects alone, and not from the request.
        source: The attribute from which its values follow in one catalogue, if they do.
    """

    name: str
    waits: bool
    awaits: bool
    constant: bool
    source: str | None

    async def fill(self, run: Run, objects: list[Any]) -> list[Any]:
        """Return what the answer has for each of ``objects``.

        Raises:
            Exception: The stock executor is to answer.
        """


async def filled(run: Run, columns: Sequence[Column], objects: list[Any]) -> list[list[Any]]:
    """Fill ``columns`` one after the other."""
    found = []
    for column in columns:
        if run.here.spent():
            await run.here.pause()
        found.append(await column.fill(run, objects))
    return found


async def filled_together(
    run: Run, columns: Sequence[Column], objects: list[Any]
) -> list[list[Any]]:
    """Fill ``columns`` as `filled` does, those that await at the same time."""
    # Not one of them is awaited here, which would hold up the failure of another.
    tasks = {
        column: asyncio.create_task(column.fill(run, objects))
        for column in columns
        if column.awaits
    }
    try:
        rest = [column for column in columns if column not in tasks]
        found = dict(zip(rest, await filled(run, rest, objects), strict=True))
        found.update(zip(tasks, await asyncio.gather(*tasks.values()), strict=True))
    except (Exception, asyncio.CancelledError):
        await end_all(tasks.values())
        raise
    return [found[column] for column in columns]


class TypeName:
    """``__typename``."""

    waits = False
    awaits = False
    constant = True
    source: str | None = None

    def __init__(self, name: str, type_name: str) -> None:
        self.name = name
        self._type_name = type_name

    async def fill(self, _run: Run, objects: list[Any]) -> list[Any]:
        """See `Column.fill`."""
        return [self._type_name] * len(objects)


class Attribute:
    """A field that shows an attribute."""

    waits = False

    def __init__(self, name: str, attribute: str, shape: "Shape") -> None:
        self.name = name
        self.awaits = shape.awaits
        self.constant = shape.constant
        self.source = attribute if shape.constant else None
        self._read = reader_of(attribute)
        self._shape = shape

    async def fill(self, run: Run, objects: list[Any]) -> list[Any]:
        """See `Column.fill`."""
        return await self._shape.completed(run, self._read(objects))


class Served:
    """A field that a batch function serves."""

    constant = False

    def __init__(self, name: str, how: Batched, shape: "Shape") -> None:
        self.name = name
        self.waits = how.waits
        self.awaits = self.waits or shape.awaits
        self.source = how.key if shape.constant and not self.waits else None
        self._how = how
        self._read = reader_of(how.key)
        self._shape = shape

    async def fill(self, run: Run, objects: list[Any]) -> list[Any]:
        """See `Column.fill`."""
        how, context = self._how, run.executor.context_value
        of_objects = self._read(objects)
        every = dict.fromkeys(of_objects)
        keys = [key for key in every if key is not None]
        found: list[Any] = []
        if keys:
            found = await how.load(context, keys) if self.waits else how.look_up(context, keys)
        every.update(zip(keys, found, strict=True))
        done = await self._shape.completed(run, list(every.values()))
        return list(map(dict(zip(every, done, strict=True)).__getitem__, of_objects))


class Resolved:
    """A field with a resolver."""

    source: str | None = None

    def __init__(
        self,
        name: str,
        place: Place,
        field: StrawberryField,
        shape: "Shape",
        schema: Any,  # noqa: ANN401 - strawberry's schema, or a subclass
    ) -> None:
        resolver = field.base_resolver
        if resolver is None or isinstance(resolver.wrapped_func, classmethod):
            raise UnfitError("a field without a resolver that can be called")
        self.name = name
        self._place = place
        self._field = field
        self._shape = shape
        self._info_class = schema.config.info_class
        self._given = ColumnArguments(place, field, schema)
        self._call: Callable[..., Any] = resolver.wrapped_func
        self.waits = iscoroutinefunction(self._call)
        self.awaits = self.waits or shape.awaits
        self._takes_self = resolver.self_parameter is not None
        told = resolver.info_parameter
        self._info: str | None = str(told.name) if told else None
        others = (resolver.parent_parameter, resolver.root_parameter)
        self._parents = [other.name for other in others if other]
        alone = self._info is None and not self.waits and self._given.fixed
        self.constant = alone and shape.constant

    async def fill(self, run: Run, objects: list[Any]) -> list[Any]:
        """See `Column.fill`."""
        arguments = self._arguments(run)
        if run.loaders is not None:
            run.loaders.alone = len(objects) == 1
        values: list[Any] = []
        try:
            for start in range(0, len(objects), _CALLS):
                if run.here.spent():
                    await run.here.pause()
                values.extend(self._called(objects[start : start + _CALLS], arguments))
        except BaseException:
            close_all(values)
            raise
        if self.waits:
            values = await all_of(values, run.here)
        return await self._shape.completed(run, values)

    def _called(self, objects: list[Any], arguments: dict[str, Any]) -> Iterator[Any]:
        call = self._call
        if self._parents:
            return (
                call(*self._itself(each), **arguments, **dict.fromkeys(self._parents, each))
                for each in objects
            )
        if not self._takes_self:
            return (call(**arguments) for _ in objects)
        return (call(each, **arguments) for each in objects)

    def _itself(self, each: Any) -> tuple[Any, ...]:  # noqa: ANN401
        return (each,) if self._takes_self else ()

    def _arguments(self, run: Run) -> dict[str, Any]:
        if not self._field.arguments and self._info is None:
            return {}
        raw = run.info(self._place)
        info = self._info_class(_raw_info=raw, _field=self._field)
        arguments = self._given.of(run, info)
        if self._info is not None:
            arguments[self._info] = info
        return arguments
