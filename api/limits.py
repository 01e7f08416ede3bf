"""What a document may ask for in size, checked before validation in time linear in its length."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableDefinitionNode,
)

from api.refusal import RefusalError
from schema.errors import Code, ContractError
from schema.limits import LIMITS, Limits


@dataclass(slots=True)
class Extent:
    """How much a definition selects, fragments included once they are added."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    root_fields: int = 0
    spreads: int = 0
    uses: list[tuple[str, int]] = field(default_factory=list)
    """The fragments spread here, each with its depth."""

    def add(self, other: "Extent", depth: int) -> None:
        """Add a fragment's extent, which is spread at ``depth``."""
        self.depth = max(self.depth, depth + other.depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.spreads += 1 + other.spreads
        if depth == 0:
            self.root_fields += other.root_fields


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document that is larger than ``limits`` allow, or has the character NUL in a string.

    Each definition is walked once, however often and in whatever nesting it is spread. Cycles
    and unknown fragments count as nothing here; validation reports them.

    Raises:
        RefusalError: LIMIT_EXCEEDED, naming the limit, what the document has and the maximum;
            DOCUMENT_INVALID for a NUL, which the database cannot take.
    """
    _require_executable(document)
    fragments = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
    _require("fragments", len(fragments), limits.max_fragments)
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    _require("operations", len(operations), limits.max_operations)
    _check_nodes(document, limits)
    added = _Fragments({d.name.value: _extent(d.selection_set, limits) for d in fragments})
    for operation in operations:
        extent = added.add_to(_extent(operation.selection_set, limits))
        _require("depth", extent.depth, limits.max_depth)
        _require("aliases", extent.aliases, limits.max_aliases)
        _require("root fields", extent.root_fields, limits.max_root_fields)
        _require("fields", extent.fields, limits.max_fields)
        _require("fragment spreads", extent.spreads, limits.max_spreads)


def check_variables(variables: Mapping[str, Any], limits: Limits = LIMITS) -> None:
    """Refuse variables that are too many, too deep, or hold the character NUL.

    Raises:
        RefusalError: LIMIT_EXCEEDED, or VARIABLES_INVALID for a NUL.
    """
    count = 0
    pending: list[tuple[Any, int]] = [(value, 1) for value in variables.values()]
    while pending:
        value, depth = pending.pop()
        count += 1
        _require("variable depth", depth, limits.max_variable_depth)
        _require("variable values", count, limits.max_variable_values)
        if isinstance(value, dict):
            pending += ((each, depth + 1) for each in value.values())
        elif isinstance(value, list):
            pending += ((each, depth + 1) for each in value)
        elif isinstance(value, str) and "\0" in value:
            raise RefusalError(
                Code.VARIABLES_INVALID, "A variable holds the character NUL, which no value has."
            )


def exceeded(name: str, found: int | None, maximum: int) -> RefusalError:
    """Return the refusal for a limit that was passed; ``found`` is ``None`` if not counted."""
    seen = "more" if found is None else f"{found:,}"
    error = ContractError(
        Code.LIMIT_EXCEEDED,
        f"Too much in one request: {name} may be at most {maximum:,}, and there are {seen}.",
    )
    error.extensions = {**(error.extensions or {}), "limit": name, "maximum": maximum}
    if found is not None and found < 2**53:
        error.extensions["found"] = found
    return RefusalError(Code.LIMIT_EXCEEDED, error)


def _require_executable(document: DocumentNode) -> None:
    """Refuse definitions of types, which have other parts than those that are counted here."""
    for definition in document.definitions:
        if not isinstance(definition, ExecutableDefinitionNode):
            message = "A document has operations and fragments, not definitions of types."
            raise RefusalError(Code.DOCUMENT_INVALID, GraphQLError(message, definition))


def _require(name: str, found: int, maximum: int) -> None:
    if found > maximum:
        raise exceeded(name, found, maximum)


def _extent(selection_set: SelectionSetNode, limits: Limits) -> Extent:
    """Measure one definition without following its spreads."""
    extent = Extent()
    pending: list[tuple[SelectionNode, int]] = [(each, 0) for each in selection_set.selections]
    while pending:
        selection, depth = pending.pop()
        if isinstance(selection, FragmentSpreadNode):
            extent.uses.append((selection.name.value, depth))
            continue
        if isinstance(selection, FieldNode):
            extent.depth = max(extent.depth, depth + 1)
            if selection.alias:
                extent.aliases += 1
                _require("length of an alias", len(selection.alias.value), limits.max_alias_length)
            extent.fields += 1
            extent.root_fields += depth == 0
            depth += 1
        nested = getattr(selection, "selection_set", None)
        if nested:
            pending += ((each, depth) for each in nested.selections)
    return extent


class _Fragments:
    """Adds up fragments, each once. Recursion is as deep as there are fragments, so bounded."""

    def __init__(self, extents: Mapping[str, Extent]) -> None:
        self._extents = extents
        self._totals: dict[str, Extent] = {}
        self._open: set[str] = set()

    def add_to(self, extent: Extent) -> Extent:
        """Return ``extent`` with all that its spreads bring."""
        for name, depth in extent.uses:
            extent.add(self._total(name), depth)
        return extent

    def _total(self, name: str) -> Extent:
        if name not in self._extents or name in self._open:
            return Extent()
        if name not in self._totals:
            self._open.add(name)
            self._totals[name] = self.add_to(self._extents[name])
            self._open.discard(name)
        return self._totals[name]


def _check_nodes(document: DocumentNode, limits: Limits) -> None:
    """Count the directives, and look at every literal, wherever they stand in the text."""
    directives = 0
    pending: list[Any] = list(document.definitions)
    while pending:
        node = pending.pop()
        pending += getattr(node, "variable_definitions", None) or ()
        nested = getattr(node, "selection_set", None)
        if nested:
            pending += nested.selections
        found = getattr(node, "directives", None) or ()
        directives += len(found)
        for holder in (node, *found):
            for argument in getattr(holder, "arguments", None) or ():
                _check_literal(argument.value, limits)
        if isinstance(node, VariableDefinitionNode) and node.default_value:
            _check_literal(node.default_value, limits)
    _require("directives", directives, limits.max_directives)


def _check_literal(literal: ValueNode, limits: Limits) -> None:
    pending: list[ValueNode] = [literal]
    while pending:
        value = pending.pop()
        if isinstance(value, ListValueNode):
            _require(
                "entries of a list in the document", len(value.values), limits.max_literal_entries
            )
            pending += value.values
        elif isinstance(value, ObjectValueNode):
            _require("fields of an input object", len(value.fields), limits.max_literal_entries)
            pending += (each.value for each in value.fields)
        elif isinstance(value, IntValueNode | FloatValueNode):
            _require("digits of a number", len(value.value), limits.max_number_length)
        elif isinstance(value, StringValueNode) and "\0" in value.value:
            error = GraphQLError("A string holds the character NUL, which no value has.", value)
            raise RefusalError(Code.DOCUMENT_INVALID, error)
