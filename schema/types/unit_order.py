"""The orders of a list of units."""

from enum import Enum
from typing import Annotated

import strawberry

from schema.lifetime import lifetime

_DESCRIPTION = "Order of a list of units."
_BY_ID = strawberry.enum_value("ID", description="By id, which says nothing about the unit.")
_TNC_DESC = strawberry.enum_value(
    "TNC_DESC",
    description="Highest band of total nucleated cells first, units without a recorded count "
    "last; by id within a band.",
)


@strawberry.enum(description=_DESCRIPTION)
class UnitOrder(Enum):
    """Ties are broken by id."""

    ID = _BY_ID
    TNC_DESC = _TNC_DESC
    TNC_ASC = strawberry.enum_value(
        "TNC_ASC",
        description="Lowest band of total nucleated cells first, units without a recorded count "
        "last; by id within a band.",
    )


@strawberry.enum(name="UnitOrder", description=_DESCRIPTION)
class EarlyUnitOrder(Enum):
    """What `UnitOrder` was before 2027-01, which added TNC_ASC."""

    ID = _BY_ID
    TNC_DESC = _TNC_DESC


_ARGUMENT = "Order of the units."

EarlyUnitOrderArgument = Annotated[
    EarlyUnitOrder,
    strawberry.argument(description=_ARGUMENT, metadata=lifetime(until="2027-01")),
]
UnitOrderArgument = Annotated[
    UnitOrder,
    strawberry.argument(description=_ARGUMENT, name="orderBy", metadata=lifetime(since="2027-01")),
]


def order_of(early: EarlyUnitOrder, order: UnitOrder) -> UnitOrder:
    """Return the order that a client chose by whichever of the two arguments its version has."""
    return order if early is EarlyUnitOrder.ID else UnitOrder[early.name]
