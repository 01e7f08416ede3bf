"""Plans: what a document selects, prepared once for sets of objects."""

import weakref
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetails, collect_fields
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from schema.alike import alike_in
from schema.batched import BATCHED
from schema.columns import Attribute, Column, Resolved, Served, TypeName
from schema.leaves import Leaves
from schema.run import Place, UnfitError
from schema.shapes import Abstract, Kind, Lists, Objects, Selection, Shape

if TYPE_CHECKING:
    from schema.execution import SlicedExecutor

MAX_COLUMNS = 20_000
"""Columns of the plans that are kept for a schema; each takes about a kilobyte."""

_BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF
_CONDITIONS = ("skip", "include")


@dataclass(frozen=True)
class Plan:
    """How to execute an operation by sets.

    Attributes:
        root: What is selected of the root.
        size: Its columns, at any depth.
        waits: How many of them wait for something themselves.
    """

    root: Selection
    size: int
    waits: int


@dataclass
class _Known:
    """What is kept of an operation, as long as its document lives.

    Attributes:
        reference: The operation.
        fragments: The fragments that came with it.
        conditions: The variables on which it depends what is selected.
        plans: The plan for each of their values, or ``None`` where there can be none.
        size: Columns of the plans.
    """

    reference: "weakref.ref[OperationDefinitionNode]"
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...] | None
    plans: dict[tuple[Any, ...], Plan | None] = field(default_factory=dict)
    size: int = 0


class Plans:
    """The plans of one schema, those of the latest used operations kept."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, _Known] = OrderedDict()
        self._size = 0

    @classmethod
    def of_schema(cls, schema: GraphQLSchema) -> "Plans":
        """Return the plans of ``schema``, which live as long as it does."""
        found = schema.extensions.get(cls)  # type: ignore[call-overload]
        if found is None:
            found = schema.extensions[cls] = cls()  # type: ignore[index]
        return found  # type: ignore[no-any-return]

    def of(self, executor: "SlicedExecutor") -> Plan | None:
        """Return the plan of an executor's operation; ``None`` if it is to be executed as ever."""
        operation = executor.operation
        known = self._known.get(id(operation))
        if known is None or known.fragments != executor.fragment_definitions:
            known = self._read(operation, executor.fragment_definitions)
        else:
            self._known.move_to_end(id(operation))
        if known.conditions is None:
            return None
        coerced = executor.variable_values.coerced
        values = tuple(coerced.get(name) for name in known.conditions)
        if values not in known.plans:
            self._keep(known, values, _planned(executor))
        return known.plans[values]

    def _read(
        self, operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]
    ) -> _Known:
        key = id(operation)
        self._forget(key)
        # Forgotten together with the operation, whose identity another may have then.
        reference = weakref.ref(operation, lambda _: self._forget(key))
        known = _Known(reference, fragments, _conditions(operation, fragments))
        self._known[key] = known
        self._add(known, 1)
        return known

    def _keep(self, known: _Known, values: tuple[Any, ...], plan: Plan | None) -> None:
        known.plans[values] = plan
        self._add(known, plan.size if plan else 1)

    def _add(self, known: _Known, size: int) -> None:
        known.size += size
        self._size += size
        while self._size > MAX_COLUMNS:
            self._forget(next(iter(self._known)))

    def _forget(self, key: int) -> None:
        known = self._known.pop(key, None)
        if known is not None:
            self._size -= known.size


def _conditions(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...] | None:
    """Return the variables in ``@skip`` and ``@include``; ``None`` if there is more than these."""
    if operation.operation is not OperationType.QUERY or operation.directives:
        return None
    if any(each.directives or each.variable_definitions for each in fragments.values()):
        return None
    names: dict[str, None] = {}
    for root in (operation, *fragments.values()):
        for node in _selected(root.selection_set):
            for directive in node.directives or ():
                if directive.name.value not in _CONDITIONS:
                    return None
                values = [argument.value for argument in directive.arguments or ()]
                names.update((v.name.value, None) for v in values if isinstance(v, VariableNode))
    return tuple(names)


def _selected(
    selection_set: SelectionSetNode,
) -> Iterator[FieldNode | FragmentSpreadNode | InlineFragmentNode]:
    rest = [selection_set]
    while rest:
        for node in rest.pop().selections:
            assert isinstance(node, FieldNode | FragmentSpreadNode | InlineFragmentNode)  # noqa: S101 - for the type checker
            yield node
            below = getattr(node, "selection_set", None)
            if below:
                rest.append(below)


def _planned(executor: "SlicedExecutor") -> Plan | None:
    try:
        return _Planner(executor).plan()
    except Exception:  # noqa: BLE001 - whatever it is, the stock executor says it as ever
        return None


class _Planner:
    """Plans one operation, as the specification collects fields."""

    def __init__(self, executor: "SlicedExecutor") -> None:
        self._executor = executor
        self._schema = executor.schema
        self._strawberry = executor.schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001 - as strawberry's own Info does
        self._size = 0
        self._waits = 0

    def plan(self) -> Plan:
        """Return the plan.

        Raises:
            Exception: There is none.
        """
        executor = self._executor
        root = self._schema.query_type
        if root is None:
            raise UnfitError("a schema without queries")
        collected = collect_fields(
            self._schema,
            executor.fragments,
            executor.variable_values,
            root,
            executor.operation,
            executor.hide_suggestions,
        )
        return Plan(self._selection(root, collected), self._size, self._waits)

    def _selection(
        self,
        type_: GraphQLObjectType,
        collected: CollectedFields,
        alike: Collection[str] = (),
    ) -> Selection:
        if collected.new_defer_usages:
            raise UnfitError("@defer")
        columns = [
            self._column(type_, name, details)
            for name, details in collected.grouped_field_set.items()
        ]
        self._size += 1 + len(columns)
        self._waits += sum(column.waits for column in columns)
        return Selection(columns, alike)

    def _column(self, type_: GraphQLObjectType, name: str, details: list[FieldDetails]) -> Column:
        nodes = [each.node for each in details]
        field_name = nodes[0].name.value
        if field_name == "__typename":
            return TypeName(name, type_.name)
        definition = type_.fields[field_name]  # those of introspection are not among them
        place = Place(type_, definition, nodes)
        shape = self._shape(definition.type, place, details)
        source = definition.extensions[_BACKREF]
        self._require_usual(source, definition.resolve)
        how = source.metadata.get(BATCHED)
        if how is not None:
            return Served(name, how, shape)
        if source.base_resolver is not None:
            return Resolved(name, place, source, shape, self._strawberry)
        if source.default_resolver is not getattr:
            raise UnfitError("a default resolver of its own")
        return Attribute(name, source.python_name, shape)

    @staticmethod
    def _require_usual(source: StrawberryField, resolve: object) -> None:
        """Require that nothing stands between a field and its resolver."""
        if (
            source.extensions
            or type(source).get_result is not StrawberryField.get_result
            or getattr(resolve, "__module__", None) != GraphQLCoreConverter.__module__
        ):
            raise UnfitError("a field that is resolved in a way of its own")

    def _shape(self, type_: GraphQLOutputType, place: Place, details: list[FieldDetails]) -> Shape:
        nullable = not isinstance(type_, GraphQLNonNull)
        inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if is_leaf_type(inner):
            return Leaves(inner, nullable=nullable)
        if is_list_type(inner):
            return Lists(self._shape(inner.of_type, place, details), nullable=nullable)
        if is_object_type(inner):
            return Objects(self._kind(inner, details), place, nullable=nullable)
        if is_abstract_type(inner):
            possible = self._schema.get_possible_types(inner)
            kinds = {each: self._kind(each, details) for each in possible}
            return Abstract(inner, kinds, place, nullable=nullable)
        raise UnfitError("a type of an unknown kind")

    def _kind(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> Kind:
        definition = type_.extensions.get(_BACKREF)
        origin = None
        if isinstance(definition, StrawberryObjectDefinition) and not definition.is_type_of:
            origin = definition.origin
        collected = self._executor.collect_subfields(type_, details)
        selection = self._selection(type_, collected, alike_in(origin))
        return Kind(selection, type_.is_type_of, origin)
