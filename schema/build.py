"""Builds the schema of a version."""

from functools import cache

import strawberry
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig

from schema.query import Query
from schema.scalars import SCALARS
from schema.types.bank import Bank
from schema.types.indication import Indication
from schema.types.release import Release
from schema.types.unit import CordBloodUnit


@cache
def build_schema(version: str) -> strawberry.Schema:
    """Return the schema of ``version``, built once in each process."""
    if version != "2026-10":
        raise LookupError(f"there is no schema version {version}")
    schema = strawberry.Schema(
        query=Query,
        types=[Bank, CordBloodUnit, Indication, Release],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    _drop_null_defaults(schema._schema)  # noqa: SLF001 - strawberry has no public name for it
    return schema


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


def sdl(version: str) -> str:
    """Return the schema definition of ``version`` in the form that is checked in."""
    return build_schema(version).as_str().strip() + "\n"
