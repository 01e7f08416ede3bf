"""Regions above the level of a bank."""

from enum import Enum

import strawberry

from schema.types.language import Language

REGION_NAMES = {
    "NORTH": {Language.EN: "North", Language.ZH: "北方"},
    "SOUTH": {Language.EN: "South", Language.ZH: "南方"},
    "NATION": {Language.EN: "Nation", Language.ZH: "全国"},
}
"""Names of the regions by language."""


@strawberry.enum(
    description="A part of the country that is made of whole banks, or all of it. A table of a "
    "region has contributions of at least three banks."
)
class Region(Enum):
    """The regions of `domain.regions`."""

    NORTH = strawberry.enum_value(
        "NORTH",
        description="North (北方): the banks north of the line of the Qinling mountains and the "
        "Huai river. Bank.region says which they are.",
    )
    SOUTH = strawberry.enum_value(
        "SOUTH",
        description="South (南方): the banks south of that line.",
    )
    NATION = strawberry.enum_value(
        "NATION", description="Nation (全国): all banks, also those of neither part."
    )
