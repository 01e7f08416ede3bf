"""Scalars and enums of a whole set, turned into what the answer holds."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from math import isfinite
from typing import Any

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)

from schema.run import Run, UnfitError, require_plain

_CHECKED = 64
"""Values that are turned one by one between two looks at the clock."""
_NULL = type(None)

Check = Callable[[Sequence[Any]], bool]


def _are_32_bits(values: Sequence[int]) -> bool:
    low, high = min(values, default=0), max(values, default=0)
    return low >= GRAPHQL_MIN_INT and high <= GRAPHQL_MAX_INT


def _are_finite(values: Sequence[float]) -> bool:
    return all(map(isfinite, values))


_AS_THEY_ARE: dict[Callable[[Any], Any], tuple[type, Check | None]] = {
    GraphQLString.coerce_output_value: (str, None),
    GraphQLID.coerce_output_value: (str, None),
    GraphQLBoolean.coerce_output_value: (bool, None),
    GraphQLInt.coerce_output_value: (int, _are_32_bits),
    GraphQLFloat.coerce_output_value: (float, _are_finite),
}
"""By coercion: the type whose values stay as they are, if they pass the check."""


class Leaves:
    """The values of a scalar or an enum; see `schema.shapes.Shape`."""

    awaits = False
    constant = True

    def __init__(self, type_: GraphQLLeafType, *, nullable: bool) -> None:
        self.nullable = nullable
        self._coerce = type_.coerce_output_value
        kept: type | None
        self._check: Check | None
        kept, self._check = _AS_THEY_ARE.get(self._coerce, (None, None))
        known = (kept, _NULL if nullable else None)
        self._known = frozenset(each for each in known if each is not None)
        self._names = _names_of_members(type_)
        if self._names and nullable:
            self._names[id(None)] = None

    async def completed(self, run: Run, values: list[Any]) -> list[Any]:
        """Return ``values`` as the answer holds them.

        Raises:
            UnfitError: A null that may not be, or a value of a wrong kind.
        """
        if self._names:
            with suppress(KeyError):  # then one is no member
                return list(map(self._names.__getitem__, map(id, values)))
        types = set(map(type, values))
        if not types <= self._known:
            return await self._one_by_one(run, values, types)
        if self._check is not None and not self._check(_present(values, types)):
            raise UnfitError("a number out of bounds")
        return values

    async def _one_by_one(self, run: Run, values: list[Any], types: set[type]) -> list[Any]:
        if _NULL in types and not self.nullable:
            raise UnfitError("a null that may not be")
        require_plain(values, types)
        done: list[Any] = []
        for start in range(0, len(values), _CHECKED):
            if run.here.spent():
                await run.here.pause()
            done += [
                None if value is None else self._coerced(value)
                for value in values[start : start + _CHECKED]
            ]
        return done

    def _coerced(self, value: Any) -> Any:  # noqa: ANN401
        coerced = self._coerce(value)
        if coerced is None or coerced is Undefined:
            raise UnfitError("a value that becomes null")
        return coerced


def _present(values: list[Any], types: set[type]) -> list[Any]:
    return [value for value in values if value is not None] if _NULL in types else values


def _names_of_members(type_: GraphQLLeafType) -> dict[int, str | None]:
    """Return the name of each member of an enum by identity; none for other types.

    Members live as long as their class, and hash slowly.
    """
    members = getattr(type_, "wrapped_cls", None)
    if not isinstance(type_, GraphQLEnumType) or not isinstance(members, type(Enum)):
        return {}
    names: dict[int, str | None] = {}
    for member in members.__members__.values():
        try:
            names[id(member)] = type_.coerce_output_value(member)
        except (GraphQLError, ValueError):
            continue  # it is no part of this version
    return names
