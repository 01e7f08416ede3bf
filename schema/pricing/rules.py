"""What one field costs by its directives, and how many items it may return."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from schema.limits import LIMITS
from schema.weights import MEASURE, FieldCost, ListSize, Measure

Size = int | Fraction
"""Items of a list; a fraction where only the mean over all parents is known."""

UNSIZED = LIMITS.max_page_size
"""Items of a list that says nothing about its size."""


@dataclass(frozen=True)
class Sized:
    """How many items a field returns, or the lists of the object that it returns.

    Attributes:
        size: The number of items.
        argument: The argument that gave it, or gives it by default; ``None`` if none can.
    """

    size: int
    argument: str | None = None


@dataclass(frozen=True)
class Rule:
    """The price of one field of the schema.

    Attributes:
        returns: Type of the field without lists and non-nulls.
        leaf: Whether this is a scalar or an enum.
        is_list: Whether it is a list.
        weight: Cost of resolving the field, beside its objects.
        list_size: The directive that sizes its list, or the lists of its object.
        measure: What knows the size better, given the arguments.
    """

    returns: GraphQLNamedType
    leaf: bool
    is_list: bool
    weight: int = 0
    list_size: ListSize | None = None
    measure: Measure | None = None

    @property
    def sized_fields(self) -> tuple[str, ...]:
        """The fields of the returned object whose lists this field sizes."""
        return tuple((self.list_size and self.list_size.sized_fields) or ())

    def sized(self, arguments: Mapping[str, object]) -> Sized:
        """Return how many items the field asks for with ``arguments``, at most."""
        directive = self.list_size
        if directive is None:
            return Sized(UNSIZED if self.is_list else 1)
        assumed = directive.assumed_size or UNSIZED
        if self.measure is not None:
            return Sized(min(assumed, self.measure(arguments)))
        names = directive.slicing_arguments or []
        sizes = {
            name: _items(arguments[name], UNSIZED)
            for name in names
            if arguments.get(name) is not None
        }
        if not sizes:
            return Sized(assumed, names[0] if names else None)
        widest = max(sizes, key=lambda name: sizes[name])
        return Sized(sizes[widest], widest)


def rule_of(field: GraphQLField) -> Rule:
    """Return the price of ``field``, from the directives that it was declared with."""
    returns = get_named_type(field.type)
    type_ = field.type.of_type if is_non_null_type(field.type) else field.type
    definition = field.extensions.get("strawberry-definition")
    declared = getattr(definition, "directives", None) or ()
    costs = [int(each.weight) for each in declared if isinstance(each, FieldCost)]
    sizes = [each for each in declared if isinstance(each, ListSize)]
    return Rule(
        returns=returns,
        leaf=is_leaf_type(returns),
        is_list=is_list_type(type_),
        weight=sum(costs),
        list_size=sizes[0] if sizes else None,
        measure=(getattr(definition, "metadata", None) or {}).get(MEASURE),
    )


def _items(given: object, most: int) -> int:
    """Return the items that an argument asks for; beyond ``most`` the field refuses them all."""
    if isinstance(given, list):
        return min(len(given), LIMITS.max_ids)
    if isinstance(given, str):
        return 1
    if isinstance(given, int | float) and given == given:  # noqa: PLR0124 - NaN is not itself
        return int(min(max(given, 0), most))
    return most
