"""A range of calendar years."""

import strawberry

from schema.lasting import lasting


@lasting
@strawberry.type(description="Calendar years, both ends included.")
class YearRange:
    """A collection period."""

    from_: int = strawberry.field(name="from", description="First year of the range.")
    to: int = strawberry.field(description="Last year of the range.")
