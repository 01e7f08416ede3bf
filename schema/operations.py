"""Executors for the operations of documents: what follows from a document is found only once."""

import math
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    DocumentNode,
    Executor,
    FragmentDefinitionNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from strawberry.execution import optimized_is_awaitable

_PLAIN: Mapping[object, type] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLInt: int,
    GraphQLFloat: float,
    GraphQLBoolean: bool,
}
"""By scalar: the type whose values need nothing done to them."""


@dataclass(frozen=True, slots=True)
class _Variable:
    """A variable of a standard scalar.

    Attributes:
        signature: Its declaration.
        plain: The type whose values need nothing done to them.
        optional: Whether it may be left out, or be null, and then is so.
        absent: What is known of it when it is left out.
    """

    signature: GraphQLVariableSignature
    plain: type
    optional: bool
    absent: VariableValueSource


@dataclass(frozen=True, slots=True)
class _Known:
    """What follows from a document and the name of an operation.

    Attributes:
        document: The document, whose identity another may have once it is gone.
        operation: The operation.
        definitions: The fragments of the document.
        fragments: The same as the executor has them.
        variables: The variables; ``None`` if some are of other types than the standard scalars.
    """

    document: weakref.ref[DocumentNode]
    operation: OperationDefinitionNode
    definitions: dict[str, FragmentDefinitionNode]
    fragments: Any
    variables: Sequence[_Variable] | None


class Operations:
    """Makes executors for the operations of valid documents of one schema."""

    def __init__(
        self, schema: GraphQLSchema, executor_class: type[Executor[Any]], max_errors: int
    ) -> None:
        """Make executors of a class.

        Args:
            schema: The schema.
            executor_class: What executes.
            max_errors: Most errors of variables that are told.
        """
        self._schema = schema
        self._class = executor_class
        self._max_errors = max_errors
        self._known: dict[tuple[int, str | None], _Known] = {}

    def __len__(self) -> int:
        """Count the operations that are known."""
        return len(self._known)

    def executor(
        self,
        document: DocumentNode,
        name: str | None,
        variables: Mapping[str, Any],
        context: object,
    ) -> Executor[Any] | list[GraphQLError]:
        """Return an executor for one run of an operation, or what is wrong with its variables."""
        known = self._known.get((id(document), name))
        if known is None:
            return self._first(document, name, variables, context)
        values = _values(known.variables, variables) or get_variable_values(
            self._schema,
            known.operation.variable_definitions or (),
            dict(variables),
            max_errors=self._max_errors,
        )
        if isinstance(values, list):
            return values
        return self._class(
            self._schema,
            known.definitions,
            known.fragments,
            None,
            context,
            known.operation,
            values,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            False,  # noqa: FBT003 - by position in the library
            None,
            cast("Any", optimized_is_awaitable),
            None,
        )

    def _first(
        self,
        document: DocumentNode,
        name: str | None,
        variables: Mapping[str, Any],
        context: object,
    ) -> Executor[Any] | list[GraphQLError]:
        executor = self._class.build(
            self._schema,
            document,
            context_value=context,
            raw_variable_values=dict(variables),
            operation_name=name,
            max_coercion_errors=self._max_errors,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        if isinstance(executor, list):
            return executor
        key = id(document), name
        self._known[key] = _Known(
            weakref.ref(document, lambda _: self._known.pop(key, None)),
            executor.operation,
            executor.fragment_definitions,
            executor.fragments,
            _variables(self._schema, executor.operation),
        )
        return executor


def _variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode
) -> Sequence[_Variable] | None:
    found = []
    for node in operation.variable_definitions or ():
        signature = get_variable_signature(schema, node)
        if isinstance(signature, GraphQLError):
            return None
        type_ = signature.type
        required = isinstance(type_, GraphQLNonNull)
        plain = _PLAIN.get(type_.of_type if isinstance(type_, GraphQLNonNull) else type_)
        if plain is None:
            return None
        optional = not required and node.default_value is None
        found.append(_Variable(signature, plain, optional, VariableValueSource(signature)))
    return found


def _values(
    variables: Sequence[_Variable] | None, given: Mapping[str, Any]
) -> VariableValues | None:
    """Return the values of variables, if there is nothing to be done to any of them."""
    if variables is None:
        return None
    sources: dict[str, VariableValueSource] = {}
    coerced: dict[str, Any] = {}
    for variable in variables:
        name = variable.signature.name
        if name not in given:
            if not variable.optional:
                return None
            sources[name] = variable.absent
            continue
        value = given[name]
        if not (_is_plain(value, variable.plain) or (value is None and variable.optional)):
            return None
        sources[name] = VariableValueSource(variable.signature, value)
        coerced[name] = value
    return VariableValues(sources, coerced)


def _is_plain(value: object, plain: type) -> bool:
    if type(value) is not plain:
        return False
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT
