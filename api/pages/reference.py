"""The reference of the schema, read from the definition that the serving schema prints."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    FieldNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    TypeNode,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    print_ast,
    visit,
)

from schema.example import Example, examples

_KINDS = {
    "ObjectTypeDefinitionNode": "object",
    "InterfaceTypeDefinitionNode": "interface",
    "InputObjectTypeDefinitionNode": "input",
    "EnumTypeDefinitionNode": "enum",
    "ScalarTypeDefinitionNode": "scalar",
    "DirectiveDefinitionNode": "directive",
}
KINDS = ("root", "object", "interface", "input", "enum", "scalar", "directive")
"""The kinds of parts, in the order in which they are shown."""
_ROOT = "Query"
_PAGING = frozenset({"first", "after", "last", "before"})


@dataclass(frozen=True)
class Part:
    """A field, an argument, or a value of an enum.

    Attributes:
        name: Its name.
        anchor: Where it is on the page, for instance ``Query.units``.
        type: Its type as it is written, cut around the named one: before, name, after.
        description: What it is.
        default: Its default, as it is written.
        deprecated: Why it goes, or ``None``.
        arguments: Of a field.
        weight: What a field costs each time it is resolved, or ``None``.
        assumed: How many items a list counts as without an argument that says so.
        sliced_by: The arguments that say how many items there are.
    """

    name: str
    anchor: str
    type: tuple[str, str, str] | None
    description: str
    default: str | None
    deprecated: str | None
    arguments: Sequence["Part"]
    weight: str | None
    assumed: str | None
    sliced_by: Sequence[str]

    @property
    def paged(self) -> bool:
        """Whether it takes the four arguments of paging."""
        return {each.name for each in self.arguments} >= _PAGING


@dataclass(frozen=True)
class TypePart:
    """A type or a directive.

    Attributes:
        name: Its name.
        kind: One of `KINDS`.
        description: What it is.
        interfaces: Which interfaces it implements.
        parts: Its fields, values or arguments.
        used_by: Which types have fields of it.
        examples: Those of the documentation in which it is asked for.
    """

    name: str
    kind: str
    description: str
    interfaces: Sequence[str]
    parts: Sequence[Part]
    used_by: Sequence[str]
    examples: Sequence[Example]


@lru_cache(maxsize=32)
def reference_of(definition: str) -> dict[str, list[TypePart]]:
    """Return the parts of a schema by their kinds.

    Args:
        definition: The schema in GraphQL, as it is served.
    """
    document = parse(definition)
    shown = _examples_by_type(build_schema(definition))
    users: dict[str, dict[str, None]] = defaultdict(dict)
    found: dict[str, list[TypePart]] = {kind: [] for kind in KINDS}
    for node in document.definitions:
        for part in _parts(node):
            for named in (part, *part.arguments):
                if named.type is not None:
                    users[named.type[1]][_name(node)] = None
    for node in document.definitions:
        name = _name(node)
        kind = "root" if name == _ROOT else _KINDS.get(type(node).__name__)
        if kind is not None:
            found[kind].append(_type_part(node, kind, [*users[name]], shown.get(name, ())))
    return found


def _type_part(
    node: DefinitionNode, kind: str, users: Sequence[str], shown: Sequence[Example]
) -> TypePart:
    interfaces = getattr(node, "interfaces", None) or ()
    return TypePart(
        name=_name(node),
        kind=kind,
        description=_text(getattr(node, "description", None)),
        interfaces=[each.name.value for each in interfaces],
        parts=list(_parts(node)),
        used_by=users,
        examples=shown,
    )


def _parts(node: DefinitionNode) -> Iterator[Part]:
    name = _name(node)
    if isinstance(node, EnumTypeDefinitionNode):
        yield from (_part(each, name) for each in node.values or ())
    elif isinstance(node, DirectiveDefinitionNode):
        yield from (_part(each, f"@{name}") for each in node.arguments or ())
    elif isinstance(
        node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | InputObjectTypeDefinitionNode
    ):
        yield from (_part(each, name) for each in node.fields or ())


def _part(
    node: FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode, owner: str
) -> Part:
    name = node.name.value
    anchor = f"{owner}.{name}"
    directives = {each.name.value: each for each in node.directives or ()}
    default = getattr(node, "default_value", None)
    slicing = _argument(directives.get("listSize"), "slicingArguments")
    return Part(
        name=name,
        anchor=anchor,
        type=None if isinstance(node, EnumValueDefinitionNode) else _type(node.type),
        description=_text(node.description),
        default=None if default is None else print_ast(default),
        deprecated=_argument(directives.get("deprecated"), "reason"),
        arguments=[_part(each, anchor) for each in getattr(node, "arguments", None) or ()],
        weight=_argument(directives.get("cost"), "weight"),
        assumed=_argument(directives.get("listSize"), "assumedSize"),
        sliced_by=[each.strip('"') for each in (slicing or "").strip("[]").split(", ") if each],
    )


def _argument(directive: ConstDirectiveNode | None, name: str) -> str | None:
    """Return an argument of a directive as it is written, text without its quotes."""
    if directive is None:
        return None
    for argument in directive.arguments or ():
        if argument.name.value == name:
            value = argument.value
            return value.value if isinstance(value, StringValueNode) else print_ast(value)
    return None


def _type(node: TypeNode) -> tuple[str, str, str]:
    if isinstance(node, NonNullTypeNode):
        before, name, after = _type(node.type)
        return before, name, f"{after}!"
    if isinstance(node, ListTypeNode):
        before, name, after = _type(node.type)
        return f"[{before}", name, f"{after}]"
    assert isinstance(node, NamedTypeNode)  # noqa: S101 - for the type checker
    return "", node.name.value, ""


def _name(node: DefinitionNode) -> str:
    named = getattr(node, "name", None)
    return "" if named is None else str(named.value)


def _text(node: StringValueNode | None) -> str:
    return "" if node is None else node.value


def _examples_by_type(schema: GraphQLSchema) -> Mapping[str, Sequence[Example]]:
    """Return the examples that ask for each type, of those that are valid."""
    found: dict[str, list[Example]] = defaultdict(list)
    for example in examples():
        if example.is_valid(schema):
            seen = _Seen(TypeInfo(schema))
            visit(parse(example.document), TypeInfoVisitor(seen.types, seen))
            for type_name in seen.names:
                found[type_name].append(example)
    return found


class _Seen(Visitor):
    """Notes the types of all fields of a document."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.names: dict[str, None] = {_ROOT: None}

    def enter_field(self, _node: FieldNode, *_: object) -> None:
        type_ = self.types.get_type()
        if type_ is not None:
            self.names[get_named_type(type_).name] = None


BUILT_IN = frozenset({"Boolean", "Float", "ID", "Int", "String"})
"""The scalars that every schema has."""
