"""What the SDL says of costs is what they are computed with."""

import pytest
from graphql import (
    FieldDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    ObjectTypeDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
    value_from_ast_untyped,
)

from schema.build import build_schema
from schema.limits import LIMITS
from schema.pricing.rules import rule_of
from schema.types.inventory import DIMENSION_SIZES, InventoryDimension
from schema.versions import VERSIONS

_NAMES = [version.name for version in VERSIONS.served]


def _fields(version: str) -> dict[str, GraphQLField]:
    types = build_schema(version)._schema.type_map.values()
    return {
        f"{type_.name}.{name}": field
        for type_ in types
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
    }


def _in_sdl(node: FieldDefinitionNode) -> dict[str, dict[str, object]]:
    return {
        directive.name.value: {
            argument.name.value: value_from_ast_untyped(argument.value)
            for argument in directive.arguments or ()
        }
        for directive in node.directives or ()
        if directive.name.value in ("cost", "listSize")
    }


@pytest.mark.parametrize("version", _NAMES)
def test_the_sdl_shows_the_numbers_that_costs_are_computed_with(version: str) -> None:
    """Each field's weight and sizes are those of its directives, and no other field has any."""
    fields = _fields(version)
    document = parse(build_schema(version).definition())
    shown = {
        f"{type_.name.value}.{node.name.value}": _in_sdl(node)
        for type_ in document.definitions
        if isinstance(type_, ObjectTypeDefinitionNode)
        for node in type_.fields or ()
    }
    assert list(shown) != []
    for coordinate, directives in shown.items():
        rule = rule_of(fields[coordinate])
        assert rule.weight == int(str(directives.get("cost", {}).get("weight", 0))), coordinate
        size = directives.get("listSize")
        assert (rule.list_size is None) == (size is None), coordinate
        if rule.list_size is not None and size is not None:
            assert rule.list_size.assumed_size == size["assumedSize"]
            assert rule.list_size.slicing_arguments == size.get(
                "slicingArguments", rule.list_size.slicing_arguments
            )
            assert list(rule.sized_fields) == size.get("sizedFields", [])


@pytest.mark.parametrize("version", _NAMES)
def test_every_list_of_objects_has_a_size(version: str) -> None:
    """By a directive of its own, or by the field that returns its object."""
    fields = _fields(version)
    sized = {
        f"{rule.returns.name}.{name}"
        for rule in map(rule_of, fields.values())
        for name in rule.sized_fields
    }
    lists = {
        coordinate
        for coordinate, field in fields.items()
        if rule_of(field).is_list and not is_leaf_type(get_named_type(field.type))
    }
    unsized = {each for each in lists if rule_of(fields[each]).list_size is None}
    assert unsized == sized


def test_every_dimension_has_a_size() -> None:
    """The sizes are those of the enum, and described there."""
    assert set(DIMENSION_SIZES) == {member.name for member in InventoryDimension}
    enum = build_schema("2026-10")._schema.type_map["InventoryDimension"]
    for name, value in enum.values.items():  # type: ignore[attr-defined]
        assert f"Counts as {DIMENSION_SIZES[name]} values" in value.description


def test_the_directives_are_described() -> None:
    """With all their arguments, in the schema and in its SDL."""
    schema = build_schema("2026-10")._schema
    for name in ("cost", "listSize"):
        directive = schema.get_directive(name)
        assert directive is not None
        assert directive.description
        assert all(argument.description for argument in directive.args.values())


def test_all_limits_are_published() -> None:
    """The schema has a field for each, with the name of the limit."""
    shown = {name for name in _fields("2026-10") if name.startswith("Limits.")}
    assert "Limits.maxCost" in shown
    assert len(shown) == len(type(LIMITS).__dataclass_fields__)
