"""The orders of a list of units."""

from enum import Enum
from typing import Annotated

import strawberry


@strawberry.enum(description="Order of a list of units.")
class UnitOrder(Enum):
    """Ties are broken by id."""

    ID = strawberry.enum_value("ID", description="By id, which says nothing about the unit.")
    TNC_DESC = strawberry.enum_value(
        "TNC_DESC",
        description="Highest band of total nucleated cells first, units without a recorded count "
        "last; by id within a band.",
    )


UnitOrderArgument = Annotated[UnitOrder, strawberry.argument(description="Order of the units.")]
