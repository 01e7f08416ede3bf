"""The arguments of a resolver that is called for a whole set of objects."""

from enum import Enum
from typing import Any

from graphql import (
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
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
    changed; lists and input objects are made anew for each.
    """

    def __init__(self, place: Place, field: StrawberryField, schema: Any) -> None:  # noqa: ANN401 - strawberry's schema, or a subclass
        self._place = place
        self._config = schema.config
        self._registry = schema.schema_converter.scalar_registry
        self._fixed: dict[str, Any] = {}
        self._varying: list[StrawberryArgument] = []
        in_document = {each.name.value: each.value for each in place.nodes[0].arguments or ()}
        names = {self._name(argument): argument for argument in field.arguments}
        for name, argument in names.items():
            if not isinstance(in_document.get(name), _VARYING):
                fixed = self._made([argument], _only(place.field, name))
                if all(isinstance(value, _UNCHANGING) for value in fixed.values()):
                    self._fixed.update(fixed)
                    continue
            self._varying.append(argument)
        self._rest = _only(place.field, *map(self._name, self._varying))

    @property
    def fixed(self) -> bool:
        """Whether all of them follow from the document alone."""
        return not self._varying

    def of(self, run: Run, info: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the arguments of a run."""
        if not self._varying:
            return self._fixed.copy()
        executor = run.executor
        return self._fixed | self._made(
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


def _only(field: GraphQLField, *names: str) -> GraphQLField:
    """Return ``field`` as if it had no other arguments."""
    return GraphQLField(field.type, args={name: field.args[name] for name in names})
