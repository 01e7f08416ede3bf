"""How units were processed before freezing."""

from enum import Enum

import strawberry


@strawberry.enum(description="How a unit was reduced before it was frozen.")
class ProcessingMethod(Enum):
    """WMDA's product modifications in plain words."""

    PLASMA_REDUCED = strawberry.enum_value("PLASMA_REDUCED", description="Plasma was removed.")
    RBC_REDUCED = strawberry.enum_value("RBC_REDUCED", description="Red blood cells were removed.")
    PLASMA_RBC_REDUCED = strawberry.enum_value(
        "PLASMA_RBC_REDUCED", description="Plasma and red blood cells were removed."
    )
    BUFFY_COAT = strawberry.enum_value(
        "BUFFY_COAT", description="Only the buffy coat (the layer of white cells) was kept."
    )
    DENSITY_ENRICHED = strawberry.enum_value(
        "DENSITY_ENRICHED", description="Mononuclear cells were enriched by density."
    )
    NOT_REDUCED = strawberry.enum_value("NOT_REDUCED", description="Nothing was removed.")
    OTHER = strawberry.enum_value("OTHER", description="Another method.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="The bank recorded no method.")
