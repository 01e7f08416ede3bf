"""How many types, fields and arguments a schema has, for the price of introspecting it."""

from fractions import Fraction
from functools import cache

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
)

from schema.pricing.rules import Size

ALL = "all"
"""Each type, field or argument of the schema once: what is reached through __schema."""
ONE = "one"
"""A single named type."""
WRAPPERS = 3
"""Wrappings of a type, as in ``[Item!]!``."""
_REFERENCE = tuple(f"reference {depth}" for depth in range(WRAPPERS + 1))
"""The type of a field or argument, after so many steps of ofType."""


class Census:
    """Numbers of what introspection returns."""

    def __init__(self, schema: GraphQLSchema) -> None:
        types = list(schema.type_map.values())
        fields = [field for type_ in types for field in _fields(type_)]
        self._counts: dict[str, list[int]] = {
            "__Type.fields": [len(_fields(type_)) for type_ in types],
            "__Type.inputFields": [_input_fields(type_) for type_ in types],
            "__Type.enumValues": [_enum_values(type_) for type_ in types],
            "__Type.interfaces": [_interfaces(type_) for type_ in types],
            "__Type.possibleTypes": [_possible(schema, type_) for type_ in types],
            "__Field.args": [len(field.args) for field in fields],
            "__Directive.args": [len(each.args) for each in schema.directives],
            "__Directive.locations": [len(each.locations) for each in schema.directives],
        }
        self._roots = {
            "__Schema.types": len(types),
            "__Schema.directives": len(schema.directives),
            "__Schema.queryType": int(schema.query_type is not None),
            "__Schema.mutationType": int(schema.mutation_type is not None),
            "__Schema.subscriptionType": int(schema.subscription_type is not None),
        }

    def sized(self, coordinate: str, population: str) -> Size:
        """Return how many items a field of introspection has, at most.

        Args:
            coordinate: Such as ``__Type.fields``.
            population: What the parent object is one of. Of `ALL` this is the mean, so that the
                whole population together has the exact number.
        """
        if coordinate in self._roots:
            return self._roots[coordinate]
        if coordinate == "__Type.ofType":
            return int(population in _REFERENCE[:-1])
        counts = self._counts.get(coordinate)
        if counts is None:
            return 1
        if population == ALL:
            return Fraction(sum(counts), max(1, len(counts)))
        return max(counts, default=0)


def population_below(coordinate: str, population: str) -> str:
    """Return what the objects are that a field of introspection returns."""
    if coordinate in ("__Schema.types", "__Schema.directives"):
        return ALL
    if coordinate in ("__Field.type", "__InputValue.type"):
        return _REFERENCE[0]
    if coordinate == "__Type.ofType":
        depth = _REFERENCE.index(population) if population in _REFERENCE else WRAPPERS
        return _REFERENCE[min(depth + 1, WRAPPERS)]
    if coordinate.endswith(("fields", "inputFields", "enumValues", "args")):
        return population if population == ALL else ONE
    return ONE


@cache
def census_of(schema: GraphQLSchema) -> Census:
    """Return the numbers of ``schema``, counted once."""
    return Census(schema)


def _fields(type_: GraphQLNamedType) -> list[GraphQLField]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return list(type_.fields.values())
    return []


def _input_fields(type_: GraphQLNamedType) -> int:
    return len(type_.fields) if isinstance(type_, GraphQLInputObjectType) else 0


def _enum_values(type_: GraphQLNamedType) -> int:
    return len(type_.values) if isinstance(type_, GraphQLEnumType) else 0


def _interfaces(type_: GraphQLNamedType) -> int:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return len(type_.interfaces)
    return 0


def _possible(schema: GraphQLSchema, type_: GraphQLNamedType) -> int:
    return len(schema.get_possible_types(type_)) if is_abstract_type(type_) else 0
