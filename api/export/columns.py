"""The columns of a table of units: where the values of a selection lie."""

from collections.abc import Iterator
from typing import Any

from graphql import Executor, GraphQLObjectType, get_named_type, get_nullable_type, is_object_type
from graphql.execution.collect_fields import FieldDetails, collect_fields

from api.export.document import UNITS

Column = tuple[str, ...]
"""Response names from an item down to a value: a scalar, an enum, or a list with all it holds."""


def columns_of(executor: Executor[Any], key: str) -> list[Column]:
    """Return the columns of the items that an operation selects, in the order of the document.

    They follow from the document and its variables alone, never from the data.

    Args:
        executor: Is about to execute a page of an export.
        key: Name of the items in the list of units.
    """
    root = executor.schema.query_type
    assert root is not None  # noqa: S101 - it has units
    collected = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root,
        executor.operation,
        executor.hide_suggestions,
    )
    units = _named_object(root, UNITS)
    of_units = executor.collect_subfields(units, collected.grouped_field_set[UNITS])
    item = _named_object(units, key)
    return list(_columns(executor, item, of_units.grouped_field_set[key], ()))


def _columns(
    executor: Executor[Any], type_: GraphQLObjectType, details: list[FieldDetails], path: Column
) -> Iterator[Column]:
    for name, found in executor.collect_subfields(type_, details).grouped_field_set.items():
        field = type_.fields.get(found[0].node.name.value)  # none is __typename
        inner = None if field is None else get_nullable_type(field.type)
        if is_object_type(inner):
            yield from _columns(executor, inner, found, (*path, name))
        else:
            yield (*path, name)


def _named_object(type_: GraphQLObjectType, field: str) -> GraphQLObjectType:
    named = get_named_type(type_.fields[field].type)
    assert isinstance(named, GraphQLObjectType)  # noqa: S101 - the contract says so
    return named
