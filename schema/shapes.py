"""How the values of a field, over a whole set of objects, become parts of the answer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from graphql import GraphQLAbstractType, GraphQLObjectType
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from schema.columns import Column, filled, filled_together
from schema.lasting import is_lasting
from schema.rows import Rows, writer_of
from schema.run import Place, Run, UnfitError, is_plain, require_plain

_NULL = type(None)
_LISTS = frozenset({list, tuple})
_ROWS = 512
"""Objects that are made between two looks at the clock."""
SELECTIONS = 4
"""Selections that note what they made of the same values."""
_KEPT = 256
"""Objects that last, of which one selection keeps what the answer has."""


class Shape(Protocol):
    """Completes values as the specification says, many at a time.

    Attributes:
        awaits: Whether resolvers below are awaited.
        nullable: Whether nulls may be among the values.
        constant: Whether what it makes of a value follows from the value alone.
    """

    awaits: bool
    nullable: bool
    constant: bool

    async def completed(self, run: Run, values: list[Any]) -> list[Any]:
        """Return what the answer has for each of ``values``.

        Raises:
            UnfitError: The stock executor is to answer.
            Exception: A resolver failed, which is its affair too.
        """


class Selection:
    """What is selected of objects of one type.

    Attributes:
        columns: Its fields, in the order of the answer.
        awaits: Whether resolvers are awaited.
        constant: Whether what it makes of an object follows from the object alone.
        shares: Whether objects share some of what it makes of them.
    """

    def __init__(self, columns: Sequence[Column], alike: Collection[str] = ()) -> None:
        """Take the fields.

        Args:
            columns: The fields, in the order of the answer.
            alike: Attributes in which objects with the same ``notes`` do not differ.
        """
        self.columns = tuple(columns)
        self.awaits = any(column.awaits for column in columns)
        self.constant = all(column.constant for column in columns)
        self._shared = [column for column in columns if column.source in alike]
        self._own = [column for column in columns if column.source not in alike]
        self.shares = bool(self._shared)
        shared = {column.name for column in self._shared}
        names = [column.name for column in columns]
        self._write = writer_of(names, shared) if columns else None
        self._fill = filled_together if sum(each.awaits for each in columns) > 1 else filled

    async def rows(self, run: Run, objects: list[Any]) -> Rows:
        """Return what the answer has for each of ``objects``."""
        if self._write is None or not objects:
            return [{} for _ in objects]
        columns = await self._fill(run, self._own, objects)
        if self.shares:
            columns.append(await self._noted(run, objects))
        if len(objects) <= _ROWS:
            return self._write(columns)
        rows: Rows = []
        for start in range(0, len(objects), _ROWS):
            if run.here.spent():
                await run.here.pause()
            rows += self._write([column[start : start + _ROWS] for column in columns])
        return rows

    async def _noted(self, run: Run, objects: list[Any]) -> list[tuple[Any, ...]]:
        """Return the values that objects with the same notes share, for each of ``objects``."""
        notes = [each.notes for each in objects]
        try:
            return [noted[self] for noted in notes]
        except KeyError:
            pass
        found = {id(noted): noted.get(self) for noted in notes}
        new = {id(each.notes): each for each in objects if found[id(each.notes)] is None}
        columns = await filled(run, self._shared, list(new.values()))
        for each, values in zip(new.values(), zip(*columns, strict=True), strict=True):
            found[id(each.notes)] = values
            if len(each.notes) >= SELECTIONS:
                each.notes.clear()
            each.notes[self] = values
        return [found[id(noted)] for noted in notes]


class _Composite:
    """What objects and lists have in common: nulls are put aside."""

    def __init__(self, *, awaits: bool, nullable: bool, constant: bool) -> None:
        self.awaits = awaits
        self.nullable = nullable
        self.constant = constant

    async def completed(self, run: Run, values: list[Any]) -> list[Any]:
        """See `Shape.completed`."""
        types = set(map(type, values))
        if _NULL not in types:
            return await self._complete(run, values, types)
        if not self.nullable:
            raise UnfitError("a null that may not be")
        present = [value for value in values if value is not None]
        done = iter(await self._complete(run, present, types - {_NULL}))
        return [None if value is None else next(done) for value in values]

    async def _complete(self, run: Run, values: list[Any], types: set[type]) -> list[Any]:
        raise NotImplementedError


class Lists(_Composite):
    """Lists, whose items are completed together."""

    def __init__(self, item: Shape, *, nullable: bool) -> None:
        super().__init__(awaits=item.awaits, nullable=nullable, constant=item.constant)
        self._item = item

    async def _complete(self, run: Run, values: list[Any], types: set[type]) -> list[Any]:
        if not types <= _LISTS:
            require_plain(values, types)
            raise UnfitError("a list that is neither list nor tuple")
        if len(values) == 1:
            return [await self._item.completed(run, list(values[0]))]
        items = [item for value in values for item in value]
        done = iter(await self._item.completed(run, items))
        return [list(islice(done, len(value))) for value in values]


class Objects(_Composite):
    """Objects of one type; one that comes more than once is completed once, if that is dear.

    What was made of objects that last is kept with the plan, up to `_KEPT`.
    """

    def __init__(self, kind: "Kind", place: Place, *, nullable: bool) -> None:
        constant = kind.selection.constant
        super().__init__(awaits=kind.selection.awaits, nullable=nullable, constant=constant)
        self._kind = kind
        self._place = place
        self._keeps = constant and kind.lasts
        self._repeats = not kind.selection.shares
        self._kept: dict[int, dict[str, Any] | None] = {}
        self._keepers: list[Any] = []  # an identity is one's own for as long as one lives

    async def completed(self, run: Run, values: list[Any]) -> list[Any]:
        """See `Shape.completed`."""
        if not self._kept:
            return await super().completed(run, values)
        try:
            return list(map(self._kept.__getitem__, map(id, values)))
        except KeyError:
            return await super().completed(run, values)

    async def _complete(self, run: Run, values: list[Any], types: set[type]) -> list[Any]:
        if not self._repeats:
            self._kind.check(run, self._place, values, types)
            return await self._kind.selection.rows(run, values)
        identities = list(map(id, values))
        distinct = dict(zip(identities, values, strict=True))
        objects = values if len(distinct) == len(values) else list(distinct.values())
        self._kind.check(run, self._place, objects, types)
        rows = await self._kind.selection.rows(run, objects)
        if self._keeps:
            self._keep(objects, rows)
        if objects is values:
            return rows
        by_identity = dict(zip(distinct, rows, strict=True))
        return list(map(by_identity.__getitem__, identities))

    def _keep(self, objects: list[Any], rows: Rows) -> None:
        if len(objects) + len(self._kept) > _KEPT:
            self._kept.clear()
            self._keepers.clear()
        if len(objects) < _KEPT:
            self._keepers += objects
            self._kept.update(zip(map(id, objects), rows, strict=True))
            if self.nullable:
                self._kept[id(None)] = None


class Abstract(_Composite):
    """Objects of an interface or a union, completed type by type."""

    def __init__(
        self,
        type_: GraphQLAbstractType,
        kinds: Mapping[GraphQLObjectType, "Kind"],
        place: Place,
        *,
        nullable: bool,
    ) -> None:
        awaits = any(kind.selection.awaits for kind in kinds.values())
        super().__init__(awaits=awaits, nullable=nullable, constant=False)
        self._type = type_
        self._kinds = kinds
        self._place = place

    async def _complete(self, run: Run, values: list[Any], types: set[type]) -> list[Any]:
        require_plain(values, types)
        objects = list({id(value): value for value in values}.values())
        of_kinds: dict[GraphQLObjectType, list[Any]] = {}
        for value in objects:
            of_kinds.setdefault(self._type_of(run, value), []).append(value)
        by_identity: dict[int, dict[str, Any]] = {}
        for type_, members in of_kinds.items():
            kind = self._kinds[type_]
            kind.check(run, self._place, members, set(map(type, members)))
            rows = await kind.selection.rows(run, members)
            by_identity.update(zip(map(id, members), rows, strict=True))
        return [by_identity[id(value)] for value in values]

    def _type_of(self, run: Run, value: Any) -> GraphQLObjectType:  # noqa: ANN401
        executor, info = run.executor, run.info(self._place)
        resolve = self._type.resolve_type or executor.type_resolver
        name = resolve(value, info, self._type)
        return executor.ensure_valid_runtime_type(name, self._type, [], info, value)


def _are_cast(objects: list[Any]) -> bool:
    marks = [getattr(each, TYPE_CAST_ATTRIBUTE, None) for each in objects]
    return any(marks)


class Kind:
    """An object type of the schema, and what a document selects of it.

    Attributes:
        selection: What is selected.
        lasts: Whether its objects live on and never change.
    """

    def __init__(
        self,
        selection: Selection,
        belongs: Callable[[Any, Any], Any] | None,
        origin: type | None,
    ) -> None:
        """Take what tells members of the type.

        Args:
            selection: What is selected of objects of the type.
            belongs: ``is_type_of`` of the type, or ``None`` if any object will do.
            origin: Class whose instances belong unless they are cast, or ``None``.
        """
        self.selection = selection
        self._belongs = belongs
        self._origin = {origin} if origin and is_plain(origin) else None
        self.lasts = self._origin is not None and is_lasting(origin)

    def check(self, run: Run, place: Place, objects: list[Any], types: set[type]) -> None:
        """Require that ``objects``, which have ``types``, are of the type.

        Raises:
            UnfitError: One is not.
        """
        if types != self._origin:
            require_plain(objects, types)
        elif self._belongs is None or not _are_cast(objects):
            return
        if self._belongs is None:
            return
        info = run.info(place)
        for each in objects:
            if self._belongs(each, info) is not True:
                raise UnfitError("an object of another type")
