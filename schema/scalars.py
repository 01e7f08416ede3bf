"""Scalars beyond those of GraphQL itself."""

from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
"""An integer that may exceed 32 bits."""

_LARGEST = 2**53 - 1


def _check(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise GraphQLError("BigInt is a whole number between -(2^53 - 1) and 2^53 - 1.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number as a JSON number, exact up to 2^53 - 1.",
        serialize=_check,
        parse_value=_check,
    )
}
