"""The arguments of a resolver that is called for a whole set of objects."""

from enum import Enum
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    VariableNode,
    is_scalar_type,
    is_specified_scalar_type,
)
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.field import StrawberryField

from schema.run import Place, Run

_VARYING = (VariableNode, ListValueNode, ObjectValueNode)
"""Values of a document that can hold variables, or become what a resolver could change."""
_UNCHANGING = (str, int, float, Enum, type(None))


class ColumnArguments:
    """The arguments by their names in Python, the same for all objects of a set.

    What follows from the document alone is made once, and shared by all requests if it cannot be
    changed; lists and input objects are made anew for each. Variables of the standard scalars need
    nothing done to them.
    """

    def __init__(self, place: Place, field: StrawberryField, schema: Any) -> None:  # noqa: ANN401 - strawberry's schema, or a subclass
        self._place = place
        self._config = schema.config
        self._registry = schema.schema_converter.scalar_registry
        self._fixed: dict[str, Any] = {}
        self._passed: list[tuple[str, str]] = []
        self._varying: list[StrawberryArgument] = []
        in_document = {each.name.value: each.value for each in place.nodes[0].arguments or ()}
        names = {self._name(argument): argument for argument in field.arguments}
        for name, argument in names.items():
            value = in_document.get(name)
            if isinstance(value, VariableNode) and _is_passed_on(place.field.args[name]):
                self._passed.append((argument.python_name, value.name.value))
                continue
            if not isinstance(value, _VARYING):
                fixed = self._made([argument], _only(place.field, name))
                if all(isinstance(value, _UNCHANGING) for value in fixed.values()):
                    self._fixed.update(fixed)
                    continue
            self._varying.append(argument)
        self._rest = _only(place.field, *map(self._name, self._varying))

    @property
    def fixed(self) -> bool:
        """Whether all of them follow from the document alone."""
        return not (self._varying or self._passed)

    def of(self, run: Run, info: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the arguments of a run."""
        arguments = self._fixed.copy()
        executor = run.executor
        coerced = executor.variable_values.coerced
        for name, variable in self._passed:
            if variable in coerced:
                arguments[name] = coerced[variable]
        if not self._varying:
            return arguments
        return arguments | self._made(
            self._varying,
            self._rest,
            executor.variable_values,
            info,
            hide=executor.hide_suggestions,
        )

    def _made(
        self,
        arguments: list[StrawberryArgument],
        field: GraphQLField,
        variables: VariableValues | None = None,
        info: Any = None,  # noqa: ANN401
        *,
        hide: bool = False,
    ) -> dict[str, Any]:
        given = get_argument_values(field, self._place.nodes[0], variables, None, hide)
        return convert_arguments(given, arguments, self._registry, self._config, info)

    def _name(self, argument: StrawberryArgument) -> str:
        return str(self._config.name_converter.from_argument(argument))


def _is_passed_on(argument: GraphQLArgument) -> bool:
    """Tell whether a variable is the argument's value as it is, and no value leaves it out."""
    has_default = argument.default_value is not Undefined or argument.default is not None
    is_standard = is_scalar_type(argument.type) and is_specified_scalar_type(argument.type)
    return is_standard and not has_default


def _only(field: GraphQLField, *names: str) -> GraphQLField:
    """Return ``field`` as if it had no other arguments."""
    return GraphQLField(field.type, args={name: field.args[name] for name in names})
