"""Where a document uses parts of the contract that go.

Each definition is walked once, however often a fragment is spread, so that the work is linear in
the document's length; a use inside a fragment has the path of its first spread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    is_input_type,
    type_from_ast,
)

from schema.deprecations import Notice

Path = tuple[str, ...]
"""Response names from the root to a field; a variable's uses begin with ``$`` and its name."""

MAX_USES = 20
"""Most uses that are told of one request."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a request uses a part that goes."""

    notice: Notice
    path: Path

    def as_json(self) -> dict[str, object]:
        """Return the use as clients read it."""
        shown = self.notice.as_json()
        return {"coordinate": shown.pop("coordinate"), "path": list(self.path), **shown}


class Guide:
    """Knows which parts of a schema go, and finds where a request uses them."""

    def __init__(self, schema: GraphQLSchema, notices: Mapping[str, Notice]) -> None:
        self._schema = schema
        self._notices = notices
        self._touched = _touched_inputs(schema, notices)

    def uses_in(self, document: DocumentNode, operation: OperationDefinitionNode) -> list[Use]:
        """Return the uses in an operation of a valid document, in the order of its text."""
        if not self._notices:
            return []
        return _distinct(_Walk(self._schema, self._notices, document).uses(operation))

    def touched_variables(self, operation: OperationDefinitionNode) -> dict[str, GraphQLType]:
        """Return the types of the operation's variables in whose values there may be uses."""
        found = {}
        for definition in operation.variable_definitions or ():
            type_ = type_from_ast(self._schema, definition.type)
            if type_ and get_named_type(type_).name in self._touched:
                found[definition.variable.name.value] = type_
        return found

    def uses_in_variables(
        self, variables: Mapping[str, GraphQLType], values: Mapping[str, Any]
    ) -> list[Use]:
        """Return the uses in the values that were given for `touched_variables`."""
        found: list[Use] = []
        for name, type_ in variables.items():
            if name in values:
                found += self._in_value(values[name], type_, (f"${name}",))
        return _distinct(iter(found))

    def _in_value(self, value: object, type_: GraphQLType, path: Path) -> Iterator[Use]:
        named: GraphQLNamedType = get_named_type(type_)
        if isinstance(value, list):
            for each in value:
                yield from self._in_value(each, type_, path)
        elif isinstance(named, GraphQLEnumType) and isinstance(value, str):
            yield from _use(self._notices, f"{named}.{value}", path)
        elif isinstance(named, GraphQLInputObjectType) and isinstance(value, dict):
            for name, inner in value.items():
                field = named.fields.get(name)
                if field is not None:
                    yield from _use(self._notices, f"{named}.{name}", (*path, name))
                    yield from self._in_value(inner, field.type, (*path, name))


class _Walk:
    """One walk through an operation and the fragments that it reaches."""

    def __init__(
        self, schema: GraphQLSchema, notices: Mapping[str, Notice], document: DocumentNode
    ) -> None:
        self._schema = schema
        self._notices = notices
        self._waiting = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def uses(self, operation: OperationDefinitionNode) -> Iterator[Use]:
        for definition in operation.variable_definitions or ():
            type_ = type_from_ast(self._schema, definition.type)
            if type_ is not None and definition.default_value is not None:
                path: Path = (f"${definition.variable.name.value}",)
                yield from self._in_literal(definition.default_value, type_, path)
        root = self._schema.get_root_type(operation.operation)
        pending = _entries(operation.selection_set, root, ())
        while pending:
            selection, parent, place = pending.pop()
            if isinstance(selection, FieldNode):
                yield from self._field(selection, parent, place, pending)
            else:
                pending += self._fragment(selection, parent, place)

    def _field(
        self, node: FieldNode, parent: GraphQLNamedType, path: Path, pending: "_Pending"
    ) -> Iterator[Use]:
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return
        name = node.name.value
        field = parent.fields.get(name)
        if field is None:  # __typename and introspection
            return
        here = (*path, (node.alias or node.name).value)
        coordinate = f"{parent}.{name}"
        yield from _use(self._notices, coordinate, here)
        for given in node.arguments or ():
            argument = field.args.get(given.name.value)
            if argument is not None:
                place = f"{coordinate}({given.name.value}:)"
                yield from _use(self._notices, place, here)
                yield from self._in_literal(given.value, argument.type, here)
        if node.selection_set:
            pending += _entries(node.selection_set, get_named_type(field.type), here)

    def _fragment(self, node: SelectionNode, parent: GraphQLNamedType, path: Path) -> "_Pending":
        """Return the selections of a fragment, unless it was walked before."""
        found: SelectionNode | FragmentDefinitionNode | None = node
        if isinstance(node, FragmentSpreadNode):
            found = self._waiting.pop(node.name.value, None)
        if not isinstance(found, InlineFragmentNode | FragmentDefinitionNode):
            return []
        if found.type_condition:
            type_ = self._schema.type_map.get(found.type_condition.name.value)
            parent = type_ or parent
        return _entries(found.selection_set, parent, path)

    def _in_literal(self, node: ValueNode, type_: GraphQLType, path: Path) -> Iterator[Use]:
        named: GraphQLNamedType = get_named_type(type_)
        if isinstance(node, ListValueNode):
            for each in node.values:
                yield from self._in_literal(each, type_, path)
        elif isinstance(named, GraphQLEnumType) and isinstance(node, EnumValueNode):
            yield from _use(self._notices, f"{named}.{node.value}", path)
        elif isinstance(named, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
            for entry in node.fields:
                field = named.fields.get(entry.name.value)
                if field is not None:
                    yield from _use(self._notices, f"{named}.{entry.name.value}", path)
                    yield from self._in_literal(entry.value, field.type, path)


_Pending = list[tuple[SelectionNode, GraphQLNamedType, Path]]


def _entries(
    selection_set: SelectionSetNode, parent: GraphQLNamedType | None, path: Path
) -> _Pending:
    """Return the selections, last one first, since they are taken from the end."""
    if parent is None:
        return []
    return [(each, parent, path) for each in reversed(selection_set.selections)]


def _use(notices: Mapping[str, Notice], coordinate: str, path: Path) -> Iterator[Use]:
    notice = notices.get(coordinate)
    if notice is not None:
        yield Use(notice, path)


def _distinct(uses: Iterator[Use]) -> list[Use]:
    return list(dict.fromkeys(uses))


def _touched_inputs(schema: GraphQLSchema, notices: Mapping[str, Notice]) -> frozenset[str]:
    """Return the names of the input types in whose values a part that goes can stand."""
    touched = {coordinate.partition(".")[0] for coordinate in notices}
    inputs = [each for each in schema.type_map.values() if isinstance(each, GraphQLInputObjectType)]
    before = -1
    while len(touched) > before:
        before = len(touched)
        for type_ in inputs:
            inner = {get_named_type(field.type).name for field in type_.fields.values()}
            if inner & touched:
                touched.add(type_.name)
    return frozenset(
        name for name in touched if name in schema.type_map and is_input_type(schema.type_map[name])
    )
