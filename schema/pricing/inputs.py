"""What is known of arguments and conditions before anything is executed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    EnumValueNode,
    FieldNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

ABSENT = object()
"""Stands for an argument or variable that is not given."""

_DIGITS = 18
"""Digits of a number that are read: more is beyond any size, and reading it takes long."""

_CONDITIONS = {"skip": True, "include": False}
"""The directives that leave a selection out, each with the value of "if" that does so."""


class Inputs:
    """The variables of one operation, as they came, with the defaults of the document.

    Attributes:
        consulted: Names of the variables that were looked at: the cost depends on these.
    """

    def __init__(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
        self.consulted: set[str] = set()
        self._variables = variables
        self._defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
        }

    def leaves_out(self, selection: SelectionNode) -> bool:
        """Tell whether ``@skip`` or ``@include`` surely leaves ``selection`` out."""
        return any(self._excludes(directive) for directive in selection.directives or ())

    def arguments(self, field: FieldNode) -> Mapping[str, object]:
        """Return the arguments of ``field`` that are given; their variables are looked at late."""
        return _Arguments(field, self._value)

    def _excludes(self, directive: DirectiveNode) -> bool:
        excluding = _CONDITIONS.get(directive.name.value)
        if excluding is None:
            return False
        values = [self._value(each.value) for each in directive.arguments or ()]
        return any(value is excluding for value in values)

    def _value(self, node: ValueNode) -> object:
        if isinstance(node, VariableNode):
            return self._variable(node.name.value)
        if isinstance(node, IntValueNode):
            return int(node.value[:_DIGITS])
        if isinstance(node, BooleanValueNode | StringValueNode | EnumValueNode):
            return node.value
        if isinstance(node, ListValueNode):
            values = (self._value(each) for each in node.values)
            return [None if value is ABSENT else value for value in values]
        return None

    def _variable(self, name: str) -> object:
        self.consulted.add(name)
        if name in self._variables:
            return self._variables[name]
        default = self._defaults.get(name)
        if default is None:
            return ABSENT
        return None if isinstance(default, NullValueNode) else self._value(default)


class _Arguments(Mapping[str, object]):
    """The arguments of one field; the value of each is worked out when it is asked for."""

    def __init__(self, field: FieldNode, value_of: Callable[[ValueNode], object]) -> None:
        self._nodes = {each.name.value: each.value for each in field.arguments or ()}
        self._value_of = value_of

    def __getitem__(self, name: str) -> object:
        value = self._value_of(self._nodes[name])
        if value is ABSENT:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._nodes if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
