"""A schema that holds what is alive in one version of the contract."""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self, TypeVar

import strawberry
from graphql import (
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from schema.executor import SetExecutor
from schema.lifetime import Lifetime, lifetime_of
from schema.weights import describe_directives

PartT = TypeVar("PartT", StrawberryField, StrawberryArgument)
Dropped = Callable[[str], bool]
"""Tells of a coordinate whether a schema is to be built without it."""


class LifetimeError(Exception):
    """The lifetimes of two parts of the contract contradict each other."""


class VersionedSchema(strawberry.Schema):
    """The schema of one version: the types of all, filtered by the lifetimes of their parts.

    Attributes:
        version: Name of the version.
        lifetimes: Lifetime of each living field, argument and input field that has an end or a
            deprecation, in whatever version, by its coordinate.

    Raises:
        LifetimeError: Two living parts share a name.
    """

    def __init__(
        self,
        version: str,
        query: type,
        types: Iterable[type] = (),
        config: StrawberryConfig | None = None,
        dropped: Dropped = lambda _coordinate: False,
    ) -> None:
        self.version = version
        self._types = tuple(types)
        self.lifetimes: dict[str, Lifetime] = {}
        self._dropped = dropped
        self._living: dict[int, tuple[StrawberryObjectDefinition, list[StrawberryField]]] = {}
        try:
            super().__init__(
                query=query,
                types=self._types,
                config=config,
                execution_context_class=SetExecutor,
            )
        except TypeError as error:
            if isinstance(error.__cause__, LifetimeError):
                raise error.__cause__ from None
            raise
        self._drop_enum_values()
        _drop_null_defaults(self._schema)
        describe_directives(self._schema)

    def definition(self) -> str:
        """Return the schema in GraphQL, in the form that is checked in."""
        return self.as_str().strip() + "\n"

    def without(self, dropped: Dropped) -> Self:
        """Return a new schema of the same version and types, without what is ``dropped``.

        A type of which nothing were left keeps its parts, as GraphQL has no empty types.
        """
        return type(self)(self.version, self.query, self._types, self.config, dropped)

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Return copies of a type's living fields; the fields themselves serve all schemas."""
        known = self._living.get(id(type_definition))
        if known is None:
            owner = self.config.name_converter.from_type(type_definition)
            fields = self._alive(owner, type_definition.fields, f"{owner}.{{}}")
            known = type_definition, [self._with_living_parts(owner, each) for each in fields]
            self._living[id(type_definition)] = known
        return known[1]

    def _collect_graphql_directives(
        self, schema_directive_types: Iterable[type]
    ) -> tuple[GraphQLDirective, ...]:
        """Leave out directives that only parts of other versions carry."""
        carried = {
            type(directive) for owner in self._owners() for directive in owner.directives or ()
        }
        return super()._collect_graphql_directives(
            each for each in schema_directive_types if each in carried or each in self._types
        )

    def _owners(self) -> Iterator[Any]:
        """Yield everything in this schema that can carry a directive."""
        for definition, fields in self._living.values():
            yield definition
            for field in fields:
                yield field
                yield from field.arguments
        for concrete in self.schema_converter.type_map.values():
            if isinstance(concrete.definition, StrawberryEnumDefinition):
                yield concrete.definition
                yield from concrete.definition.values

    def _with_living_parts(self, owner: str, field: StrawberryField) -> StrawberryField:
        """Leave to a copied field what is this schema's own, and its living arguments."""
        name = self.config.name_converter.from_field(field)
        # A field that an extension gives its arguments must not start with those that were
        # collected from the shared one, and neither may share what an extension remembers.
        field.extensions = [copy.copy(extension) for extension in field.extensions]
        if field.base_resolver is None:
            field.arguments = None  # type: ignore[assignment]
        else:
            where = f"{owner}.{name}"
            field.arguments = self._alive(where, field.arguments, f"{where}({{}}:)")
            for argument in field.arguments:
                argument.deprecation_reason = self._reason(argument)
        field.deprecation_reason = self._reason(field)
        return field

    def _alive(self, owner: str, parts: Sequence[PartT], coordinate: str) -> list[PartT]:
        """Return copies of the living ``parts``, noting the lifetimes of those that end."""
        found: dict[str, PartT] = {}
        left_out = self._left_out(parts, coordinate)
        for part in parts:
            life = lifetime_of(part.metadata)
            name = self.config.name_converter.get_graphql_name(part)
            place = coordinate.format(name)
            if not life.alive(self.version) or place in left_out:
                continue
            if name in found:
                raise LifetimeError(self._clash(owner, name, found[name], part))
            found[name] = copy.copy(part)
            if life.until or life.deprecated:
                self.lifetimes[place] = life
        return list(found.values())

    def _left_out(self, parts: Sequence[PartT], coordinate: str) -> set[str]:
        """Return the coordinates to leave out; none if nothing were left of the owner."""
        convert = self.config.name_converter.get_graphql_name
        living = {
            coordinate.format(convert(part))
            for part in parts
            if lifetime_of(part.metadata).alive(self.version)
        }
        dropped = {place for place in living if self._dropped(place)}
        return dropped if dropped < living or coordinate.endswith(":)") else set()

    def _clash(self, owner: str, name: str, one: PartT, other: PartT) -> str:
        shown = [f"{each.python_name} ({lifetime_of(each.metadata)})" for each in (one, other)]
        return (
            f"{owner} has two living parts named {name} in version {self.version}: "
            f"{' and '.join(shown)}. Give them lifetimes that do not overlap."
        )

    def _reason(self, part: PartT) -> str | None:
        return lifetime_of(part.metadata).deprecation_reason(self.version) or (
            part.deprecation_reason
        )

    def _drop_enum_values(self) -> None:
        for type_ in self._schema.type_map.values():
            if isinstance(type_, GraphQLEnumType):
                dropped = [each for each in type_.values if self._dropped(f"{type_}.{each}")]
                for name in dropped if len(dropped) < len(type_.values) else ():
                    del type_.values[name]


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """Let what may be left out have no default in the contract, rather than a default of null.

    Python's default stays None, so that resolvers see no difference.
    """
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            inputs = list(type_.fields.values())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            inputs = [arg for field in type_.fields.values() for arg in field.args.values()]
        else:
            continue
        for given in inputs:
            if given.default_value is None:
                given.default_value = Undefined
