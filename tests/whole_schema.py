"""Documents that together select every field of a schema."""

from collections.abc import Iterator

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

_GIVEN = {
    "Query.bank.code": '"BJ"',
    "Query.indication.code": '"AML"',
    "Query.node.id": '"bnk_BJ"',
    "Query.nodes.ids": '["bnk_BJ", "ind_AML", "rel_1"]',
    "Query.unit.id": "$unit",
    "inventory.groupBy": "[ABO_GROUP]",
    "cellDose.weightKg": "26.7",
    "Query.matchEstimate.a": '["02", "11"]',
    "Query.matchEstimate.b": '["46", "58"]',
    "Query.matchEstimate.drb1": '["09", "09"]',
}
"""Values of required arguments, by coordinate or by field and argument."""
_PAGE = "first: 2"
_BRIEFLY = {
    "ActivityCell.asOf",
    "ActivityCell.indications",
    "BankCellDose.bank",
    "CellDose.release",
    "CordBloodUnit.addedIn",
    "HlaFrequency.asOf",
    "HlaFrequencyTable.asOf",
    "MatchEstimate.release",
}
"""Fields whose leaves are enough: what is below is opened elsewhere, and would cost too much."""


class WholeSchema:
    """Writes one document for each field of the root; each type is opened once on any way down.

    Attributes:
        selected: Coordinates of the fields that have been selected so far.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self.selected: set[str] = set()

    @property
    def coordinates(self) -> set[str]:
        """The fields of all object types, but those of introspection."""
        return {
            f"{type_.name}.{name}"
            for type_ in self._schema.type_map.values()
            if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
            for name in type_.fields
        }

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield name of the root's field and document."""
        root = self._schema.query_type
        assert root is not None
        for name, field in root.fields.items():
            variables = "($unit: ID!)" if "unit" in field.args or name == "unit" else ""
            yield name, f"query{variables} {{ {self._field(root, name, field, ())} }}"

    def _field(
        self,
        parent: GraphQLNamedType,
        name: str,
        field: GraphQLField,
        above: tuple[str, ...],
    ) -> str:
        type_ = get_named_type(field.type)
        nested = ""
        if type_ is parent or f"{parent.name}.{name}" in _BRIEFLY:
            nested = self._leaves(type_)
        elif type_.name in above:
            return ""
        elif not is_leaf_type(type_):
            nested = self._selection(type_, (*above, type_.name))
        self.selected.add(f"{parent.name}.{name}")
        return f"{name}{_arguments(parent, name, field)} {nested}".strip()

    def _selection(self, type_: GraphQLNamedType, above: tuple[str, ...]) -> str:
        if isinstance(type_, GraphQLInterfaceType):
            members = self._schema.get_possible_types(type_)
            parts = [f"... on {each.name} {self._leaves(each)}" for each in members]
            return f"{{ __typename {' '.join(parts)} }}"
        assert isinstance(type_, GraphQLObjectType)
        fields = (self._field(type_, name, field, above) for name, field in type_.fields.items())
        return f"{{ {' '.join(filter(None, fields))} }}"

    def _leaves(self, type_: GraphQLNamedType) -> str:
        assert isinstance(type_, GraphQLObjectType)
        fields = type_.fields.items()
        names = [name for name, field in fields if is_leaf_type(get_named_type(field.type))]
        return f"{{ {' '.join(names)} }}"


def _arguments(parent: GraphQLNamedType, name: str, field: GraphQLField) -> str:
    given = [
        f"{each}: {_GIVEN.get(f'{parent.name}.{name}.{each}') or _GIVEN[f'{name}.{each}']}"
        for each, argument in field.args.items()
        if is_required_argument(argument)
    ]
    if "first" in field.args:
        given.append("first: 1" if name == "activity" else _PAGE)  # each has all indications
    return f"({', '.join(given)})" if given else ""
