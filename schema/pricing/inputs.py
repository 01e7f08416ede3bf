"""What is known of arguments and conditions before anything is executed."""

from collections.abc import Mapping
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
        consulted: Whether any variable has been looked at: the cost depends on them.
    """

    def __init__(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
        self.consulted = False
        self._variables = variables
        self._defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
        }

    def leaves_out(self, selection: SelectionNode) -> bool:
        """Tell whether ``@skip`` or ``@include`` surely leaves ``selection`` out."""
        return any(self._excludes(directive) for directive in selection.directives or ())

    def arguments(self, field: FieldNode) -> dict[str, object]:
        """Return the arguments of ``field`` that are given."""
        given = {each.name.value: self._value(each.value) for each in field.arguments or ()}
        return {name: value for name, value in given.items() if value is not ABSENT}

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
        self.consulted = True
        if name in self._variables:
            return self._variables[name]
        default = self._defaults.get(name)
        if default is None:
            return ABSENT
        return None if isinstance(default, NullValueNode) else self._value(default)
