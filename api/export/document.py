"""From a document that selects units to one that reads a page of them."""

from dataclasses import dataclass
from typing import NoReturn

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    IntValueNode,
    NamedTypeNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    get_operation_ast,
)

from api.refusal import RefusalError
from schema.errors import Code

UNITS = "units"
ITEMS = ("nodes", "edges")
"""The fields of a list of units of which an export writes a line for each item."""
_PAGING = {
    "first": 'Leave "first" out: an export goes through all pages.',
    "after": 'Leave "after" out: the parameter "after" of the address says where to go on.',
    "last": 'Leave "last" out: an export goes forward only.',
    "before": 'Leave "before" out: an export goes forward only.',
}
_FORM = 'as in { units(filter: {bank: ["BJ"]}) { nodes { id } } }'
_AFTER = "cordgraph_after"


@dataclass(frozen=True, slots=True)
class Export:
    """What a document asks to be exported.

    Attributes:
        document: The document.
        operation: Its operation.
        units: The list of units.
        items: What is written a line of: its field ``nodes`` or ``edges``.
    """

    document: DocumentNode
    operation: OperationDefinitionNode
    units: FieldNode
    items: FieldNode

    @property
    def key(self) -> str:
        """Name of the items in the answer to `page`."""
        return self.items.name.value

    @property
    def after(self) -> str:
        """Name of the variable of `page` that has the cursor; no other variable has it."""
        name = _AFTER
        declared = {each.variable.name.value for each in self.operation.variable_definitions or ()}
        while name in declared:
            name += "_"
        return name

    def page(self, size: int) -> DocumentNode:
        """Return the document that reads one page.

        It differs in the paging alone, so that it selects what the document itself would.

        Args:
            size: Items of the page.
        """
        after = VariableNode(name=NameNode(value=self.after))
        arguments = (
            *(self.units.arguments or ()),
            ArgumentNode(name=NameNode(value="first"), value=IntValueNode(value=str(size))),
            ArgumentNode(name=NameNode(value="after"), value=after),
        )
        info = FieldNode(
            name=NameNode(value="pageInfo"),
            selection_set=_selection(_leaf("hasNextPage"), _leaf("endCursor")),
        )
        items = FieldNode(
            name=self.items.name, selection_set=self.items.selection_set, loc=self.items.loc
        )
        units = FieldNode(
            name=self.units.name,
            arguments=arguments,
            selection_set=_selection(_leaf("totalCount"), items, info),
            loc=self.units.loc,
        )
        cursor = VariableDefinitionNode(
            variable=after, type=NamedTypeNode(name=NameNode(value="String"))
        )
        operation = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=self.operation.name,
            variable_definitions=(*(self.operation.variable_definitions or ()), cursor),
            directives=self.operation.directives,
            selection_set=_selection(units),
            loc=self.operation.loc,
        )
        definitions = tuple(
            operation if each is self.operation else each for each in self.document.definitions
        )
        return DocumentNode(definitions=definitions, loc=self.document.loc)


def export_of(document: DocumentNode, operation_name: str | None) -> Export:
    """Return what a valid document asks to be exported.

    Raises:
        RefusalError: DOCUMENT_INVALID: it selects anything but units, and their nodes or edges.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:  # whoever read the document has refused that
        raise LookupError(operation_name)
    units = _only_field(operation, f'An export selects one field of the root, "{UNITS}"')
    if units.name.value != UNITS:
        _refuse(f'An export selects one field of the root, "{UNITS}"', units)
    for argument in units.arguments or ():
        problem = _PAGING.get(argument.name.value)
        if problem is not None:
            raise RefusalError(Code.DOCUMENT_INVALID, GraphQLError(problem, argument))
    what = f'An export selects one field of "{UNITS}", either "{ITEMS[0]}" or "{ITEMS[1]}"'
    items = _only_field(units, what)
    if items.name.value not in ITEMS:
        _refuse(what, items)
    return Export(document, operation, units, items)


def _only_field(parent: OperationDefinitionNode | FieldNode, what: str) -> FieldNode:
    selections = parent.selection_set.selections if parent.selection_set else ()
    for selection in selections:
        if not isinstance(selection, FieldNode):
            _refuse(f"{what}, not in a fragment", selection)
        if selection.directives:
            _refuse(f"{what}, without directives", selection)
    if len(selections) > 1:
        _refuse(what, selections[1])
    (found,) = selections
    assert isinstance(found, FieldNode)  # noqa: S101 - for the type checker
    return found


def _refuse(what: str, node: Node) -> NoReturn:
    raise RefusalError(Code.DOCUMENT_INVALID, GraphQLError(f"{what}, {_FORM}.", node))


def _leaf(name: str) -> FieldNode:
    return FieldNode(name=NameNode(value=name))


def _selection(*fields: FieldNode) -> SelectionSetNode:
    return SelectionSetNode(selections=fields)
