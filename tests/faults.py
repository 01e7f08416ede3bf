"""Faults in the resolvers and attributes of a schema's types, where a test wants them."""

import functools
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from inspect import iscoroutinefunction
from typing import Any

import strawberry
from graphql import DocumentNode, FieldNode, GraphQLObjectType, TypeInfo, TypeInfoVisitor, visit
from graphql.language import Visitor
from strawberry.types.fields.resolver import StrawberryResolver

from schema.batched import BATCHED, Batched

_PLAIN = (str, int, float, bool, type(None))


class Kind(Enum):
    """What happens in place of a value."""

    RAISE = auto()
    NULL = auto()
    EXCEPTION = auto()
    STRANGE = auto()
    HUGE = auto()
    NOT_A_NUMBER = auto()


class _Strange:
    def __repr__(self) -> str:
        return "<strange>"


_INSTEAD: dict[Kind, Any] = {
    Kind.NULL: None,
    Kind.EXCEPTION: ValueError("returned"),
    Kind.STRANGE: _Strange(),
    Kind.HUGE: 2**40,
    Kind.NOT_A_NUMBER: float("nan"),
}


@dataclass(frozen=True)
class Fault:
    """A fault of one field.

    Attributes:
        coordinate: The field, for instance ``Bank.city``.
        kind: What happens.
        share: One in how many objects it happens to; which ones follows from what they hold.
    """

    coordinate: str
    kind: Kind
    share: int

    def strikes(self, thing: object) -> bool:
        """Tell whether it happens to an object."""
        held = {
            name: value
            for name, value in getattr(thing, "__dict__", {}).items()
            if isinstance(value, _PLAIN)
        }
        return zlib.crc32(repr(held).encode()) % self.share == 0

    def happen(self) -> Any:
        """Return the value in place of the right one, or raise."""
        if self.kind is Kind.RAISE:
            raise ValueError(f"{self.coordinate} failed")
        return _INSTEAD[self.kind]


class Faults:
    """The faults of a schema, which are none until a test sets them.

    Attributes:
        now: The faults by their coordinates.
    """

    def __init__(self, schema: strawberry.Schema) -> None:
        self.now: dict[str, Fault] = {}
        self._schema = schema._schema

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Stand between all fields and their values for a while."""
        undo: list[Callable[[], None]] = []
        try:
            for type_ in self._schema.type_map.values():
                definition = (type_.extensions or {}).get("strawberry-definition")
                if isinstance(type_, GraphQLObjectType) and definition is not None:
                    for name, field in type_.fields.items():
                        source = field.extensions["strawberry-definition"]
                        coordinate = f"{type_.name}.{name}"
                        undo.append(self._install(coordinate, definition.origin, source))
            yield
        finally:
            for each in reversed(undo):
                each()

    def outcome(self, coordinate: str, thing: object, right: Callable[[], Any]) -> Any:
        """Return the right value of an object's field, or let its fault happen."""
        fault = self.now.get(coordinate)
        return right() if fault is None or not fault.strikes(thing) else fault.happen()

    def _install(self, coordinate: str, origin: type, source: Any) -> Callable[[], None]:
        how = source.metadata.get(BATCHED)
        if how is not None:
            return self._in_batch(coordinate, how)
        if source.base_resolver is not None:
            return self._in_resolver(coordinate, source.base_resolver)
        setattr(origin, source.python_name, _Attribute(self, coordinate, source.python_name))
        return lambda: delattr(origin, source.python_name)

    def _in_batch(self, coordinate: str, how: Batched) -> Callable[[], None]:
        before = how.into

        def into(record: object) -> Any:
            return self.outcome(coordinate, record, lambda: before(record))

        object.__setattr__(how, "into", into)
        return lambda: object.__setattr__(how, "into", before)

    def _in_resolver(
        self, coordinate: str, resolver: StrawberryResolver[Any]
    ) -> Callable[[], None]:
        before: Any = resolver.wrapped_func

        @functools.wraps(before)
        def plain(self_: object, *rest: Any, **named: Any) -> Any:
            return self.outcome(coordinate, self_, lambda: before(self_, *rest, **named))

        @functools.wraps(before)
        async def awaiting(self_: object, *rest: Any, **named: Any) -> Any:
            value = self.outcome(coordinate, self_, lambda: before(self_, *rest, **named))
            return await value if hasattr(value, "__await__") else value

        resolver.wrapped_func = awaiting if iscoroutinefunction(before) else plain
        return functools.partial(setattr, resolver, "wrapped_func", before)


class _Attribute:
    """Shows an attribute of an object's own, or its fault."""

    def __init__(self, faults: Faults, coordinate: str, name: str) -> None:
        self._faults, self._coordinate, self._name = faults, coordinate, name

    def __get__(self, thing: object, owner: type | None = None) -> Any:
        if thing is None:
            raise AttributeError(self._name)
        right = thing.__dict__[self._name]
        return self._faults.outcome(self._coordinate, thing, lambda: right)

    def __set__(self, thing: object, value: object) -> None:
        thing.__dict__[self._name] = value


def selected_in(schema: strawberry.Schema, document: DocumentNode) -> list[str]:
    """Return the coordinates of the fields of objects that a document selects."""
    inner = schema._schema
    types = TypeInfo(inner)
    found: dict[str, None] = {}

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = types.get_parent_type()
            if parent is None or node.name.value.startswith("__"):
                return
            members = [parent] if isinstance(parent, GraphQLObjectType) else []
            for each in members or inner.get_possible_types(parent):  # type: ignore[arg-type]
                found[f"{each.name}.{node.name.value}"] = None

    visit(document, TypeInfoVisitor(types, Collect()))
    return list(found)
