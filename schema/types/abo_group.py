"""ABO blood groups."""

from enum import Enum

import strawberry


@strawberry.enum(description="ABO blood group of a unit.")
class AboGroup(Enum):
    """The four groups, and UNKNOWN."""

    A = strawberry.enum_value("A", description="Group A.")
    B = strawberry.enum_value("B", description="Group B.")
    O = strawberry.enum_value("O", description="Group O.")  # noqa: E741 - the group's name
    AB = strawberry.enum_value("AB", description="Group AB.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="The bank recorded no group.")
