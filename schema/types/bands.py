"""Bands of measured values."""

from enum import Enum

import strawberry

from schema.lasting import lasting


@strawberry.enum(description="What the numbers of a cell band count.")
class CellUnit(Enum):
    """Powers of ten of cells."""

    E8 = strawberry.enum_value("E8", description="10^8 cells (100 million).")
    E6 = strawberry.enum_value("E6", description="10^6 cells (1 million).")


@lasting
@strawberry.type(
    description="A range of cell counts: min <= count < max. Without min and max the bank "
    "recorded no count."
)
class CellBand:
    """A TNC or CD34 band."""

    min: float | None = strawberry.field(
        description="Lower end, included; null in the lowest band and where nothing was recorded."
    )
    max: float | None = strawberry.field(
        description="Upper end, excluded; null in the highest band and where nothing was recorded."
    )
    unit: CellUnit = strawberry.field(description="What min and max count.")


@lasting
@strawberry.type(
    description="A range of volumes in millilitres: min <= volume < max. Without min and max the "
    "bank recorded no volume."
)
class VolumeBand:
    """A band of collected volumes."""

    min: float | None = strawberry.field(
        description="Lower end in millilitres, included; null in the lowest band and where "
        "nothing was recorded."
    )
    max: float | None = strawberry.field(
        description="Upper end in millilitres, excluded; null in the highest band and where "
        "nothing was recorded."
    )
