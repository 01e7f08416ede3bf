"""Prices an operation along its document, each fragment once."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)

from schema.pricing.census import ONE, census_of, population_below
from schema.pricing.inputs import Inputs
from schema.pricing.price import OBJECT, VALUE, Amount, FieldPrice, SelectionPrice
from schema.pricing.rules import Rule, Size, rule_of

Sizes = tuple[tuple[str, Size], ...]
"""The sizes that a field gives to lists of its object."""

Selections = tuple[SelectionSetNode, ...]
"""The selection sets of fields that share a response name; execution merges them."""


@cache
def _rule(schema: GraphQLSchema, type_name: str, field_name: str) -> Rule | None:
    type_ = schema.type_map[type_name]
    if not isinstance(type_, GraphQLObjectType):
        return None
    field = schema.get_field(type_, field_name)
    return None if field is None else rule_of(field)


class Pricer:
    """Prices selections of one operation. The document has passed validation."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, inputs: Inputs) -> None:
        self._schema = schema
        self._inputs = inputs
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._known: dict[object, SelectionPrice] = {}

    def price(
        self,
        type_: GraphQLNamedType,
        selections: Selections,
        sizes: Sizes = (),
        population: str = ONE,
    ) -> SelectionPrice:
        """Return the price of ``selections`` on one object of ``type_``.

        Args:
            type_: An object type or an abstract one.
            selections: What is selected.
            sizes: Sizes of lists that the parent field gives.
            population: What the object is one of, if it is one of introspection.
        """
        key = (type_.name, tuple(map(id, selections)), sizes, population)
        if key not in self._known:
            if is_abstract_type(type_):
                possible = self._schema.get_possible_types(type_)
                self._known[key] = _highest([self.price(each, selections) for each in possible])
            else:
                groups = self._collected(type_.name, selections)
                self._known[key] = SelectionPrice.of(
                    self._field(type_.name, name, nodes, dict(sizes), population)
                    for name, nodes in groups.items()
                )
        return self._known[key]

    def _field(
        self,
        parent: str,
        name: str,
        nodes: Sequence[FieldNode],
        sizes: Mapping[str, Size],
        population: str,
    ) -> FieldPrice:
        field_name = nodes[0].name.value
        coordinate = f"{parent}.{field_name}"
        rule = _rule(self._schema, parent, field_name)
        if rule is None:
            return FieldPrice(name, coordinate, Amount(), 0, 0, None, (), ())
        asked = max((rule.sized(self._inputs.arguments(node)) for node in nodes), key=_size)
        size: Size = 1 if rule.sized_fields else asked.size
        if field_name in sizes:
            size = sizes[field_name]
        elif coordinate.startswith("__"):
            size = census_of(self._schema).sized(coordinate, population)
        below = SelectionPrice(VALUE)
        if not rule.leaf:
            below = self.price(
                rule.returns,
                tuple(node.selection_set for node in nodes if node.selection_set),
                tuple((each, asked.size) for each in rule.sized_fields),
                population_below(coordinate, population),
            )
        each = below.amount if rule.leaf else below.amount.plus(OBJECT)
        amount = each.times(size).plus(Amount(cost=rule.weight))
        return FieldPrice(
            name,
            coordinate,
            amount,
            size,
            rule.weight,
            asked.argument,
            rule.sized_fields,
            below.fields,
        )

    def _collected(self, type_name: str, selections: Selections) -> dict[str, list[FieldNode]]:
        """Group the fields by response name, as execution does."""
        groups: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection_set in selections:
            for node in self._fields(type_name, selection_set, visited):
                name = (node.alias or node.name).value
                groups.setdefault(name, []).append(node)
        return groups

    def _fields(
        self, type_name: str, selection_set: SelectionSetNode, visited: set[str]
    ) -> Iterator[FieldNode]:
        for selection in selection_set.selections:
            if self._inputs.leaves_out(selection):
                continue
            if isinstance(selection, FieldNode):
                yield selection
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode | None = None
            if isinstance(selection, InlineFragmentNode):
                fragment = selection
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._unseen(selection.name.value, visited)
            if fragment is not None and self._applies(fragment, type_name):
                yield from self._fields(type_name, fragment.selection_set, visited)

    def _unseen(self, name: str, visited: set[str]) -> FragmentDefinitionNode | None:
        if name in visited:
            return None
        visited.add(name)
        return self._fragments.get(name)

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_name: str
    ) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == type_name:
            return True
        abstract = self._schema.type_map.get(condition.name.value)
        type_ = self._schema.type_map[type_name]
        return (
            abstract is not None
            and is_abstract_type(abstract)
            and isinstance(type_, GraphQLObjectType)
            and self._schema.is_sub_type(abstract, type_)
        )


def _size(sized: object) -> int:
    size: int = getattr(sized, "size", 0)
    return size


def _highest(prices: Sequence[SelectionPrice]) -> SelectionPrice:
    """Return the highest amounts of ``prices``, and the fields of the one that costs most."""
    amount = Amount()
    for price in prices:
        amount = amount.highest(price.amount)
    widest = max(prices, key=lambda price: price.amount.cost)
    return SelectionPrice(amount, widest.fields)
