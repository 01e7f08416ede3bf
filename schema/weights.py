"""What fields cost, as the directives of the IBM cost specification that the SDL shows."""

from collections.abc import Callable, Mapping

import strawberry
from graphql import GraphQLSchema
from strawberry import UNSET
from strawberry.schema_directive import Location

from schema.limits import LIMITS

MEASURE = "cost.measure"
"""Key of a field's metadata for its `Measure`."""

Measure = Callable[[Mapping[str, object]], int]
"""Returns the most items of a list, given the field's arguments; closer than an assumed size.

Arguments are as the client wrote them, names of enum values as text; what is not known is
``None``.
"""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What a field costs each time it is resolved, beside the objects that it returns, "
    "which cost 1 each. A field without it costs its objects only.",
)
class FieldCost:
    """``@cost`` of the IBM draft."""

    weight: str = strawberry.field(description="The cost, a whole number as text.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many items a list counts as: the largest of its slicing arguments, else the "
    "assumed size.",
)
class ListSize:
    """``@listSize`` of the IBM draft."""

    assumed_size: int | None = strawberry.field(
        default=UNSET, description="Items when no slicing argument is given."
    )
    slicing_arguments: list[str] | None = strawberry.field(
        default=UNSET,
        description="Arguments that give the number of items; one that is a list counts its "
        "entries.",
    )
    sized_fields: list[str] | None = strawberry.field(
        default=UNSET,
        description="Fields of the returned object whose lists have this size, in place of the "
        "field itself.",
    )
    require_one_slicing_argument: bool | None = strawberry.field(
        default=True, description="Whether exactly one slicing argument must be given."
    )


def describe_directives(schema: GraphQLSchema) -> None:
    """Give the arguments of the directives their descriptions, which strawberry drops."""
    for directive in schema.directives:
        definition = directive.extensions.get("strawberry-definition")
        for field, argument in zip(
            getattr(definition, "fields", ()), directive.args.values(), strict=False
        ):
            argument.description = argument.description or field.description


PAGED = ListSize(
    assumed_size=LIMITS.default_page_size,
    slicing_arguments=["first", "last"],
    sized_fields=["edges", "nodes"],
    require_one_slicing_argument=False,
)
"""A field that returns a connection."""

BY_IDS = ListSize(
    assumed_size=LIMITS.max_ids, slicing_arguments=["ids"], require_one_slicing_argument=False
)
"""A field that returns one item for each id."""


def at_most(size: int) -> ListSize:
    """Return the directive of a list without paging that has at most ``size`` items."""
    return ListSize(assumed_size=size, require_one_slicing_argument=False)


UNITS = (PAGED, FieldCost(weight="25"))
"""A field that returns units: selecting them reads all classes, even for a page of none."""

SOURCES = (at_most(12),)
"""The sources of a bank or an indication: one for each of its facts."""
FILES = (at_most(50),)
"""The files of a release."""
LEVELS = (at_most(10),)
"""The attributes of a scheme."""
VERSION_LIST = (at_most(20),)
"""The versions of the schema."""
MOST_JUDGEMENTS = 20
JUDGEMENTS = (at_most(MOST_JUDGEMENTS),)
"""What judges found of a release."""
CLASSES = (FieldCost(weight="5"),)
"""A figure that is counted over all classes of a release."""
GATE_REASONS = (at_most(10),)
"""The reasons why the gate is closed."""
INVENTORY = (FieldCost(weight="500"), at_most(LIMITS.max_inventory_cells))
"""A cross-table: it is summed from all classes, whatever its size."""
MOST_HLA_TABLES = 15
"""A release has one for each of five loci and three regions."""
HLA_TABLES = (at_most(MOST_HLA_TABLES),)
"""HLA frequency tables; the arguments tell more closely how many."""
HLA_ROWS = (at_most(40),)
"""The groups of a table: no locus has more first fields."""
CELL_DOSE = (FieldCost(weight="25"),)
"""Units by a dose of cells: they are summed from all classes, as in a list of units."""
DOSE_BANKS = (at_most(10),)
"""The counts of a dose: one for each bank, and one for units without a published bank."""
CELL_INDICATIONS = (at_most(60),)
"""The indications of a count of transplants: at most all that there are."""
MATCH_ESTIMATE = (FieldCost(weight="100"),)
"""A match estimate: a few thousand sums, whatever the size of the release."""
MATCH_LEVELS = (at_most(3),)
"""Six of six, five, four."""
HAPLOTYPES = (at_most(10),)
"""Published haplotypes within a patient's groups."""
STUDIES = (at_most(10),)
"""Studies that name a haplotype."""
