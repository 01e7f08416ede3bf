"""Conditions on the dose of cells that a unit has for a recipient."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated

import strawberry

from domain.cell_dose import (
    MINIMUM_TNC_PER_KG,
    CellDose,
    InvalidDoseError,
    Reach,
)
from schema.errors import Code, ContractError

DOSE_SOURCE = "Dehn et al., Blood 2019;134:924"
_WEIGHT = "Body weight of the recipient in kilograms, 1 to 250."
_TNC = (
    "Total nucleated cells of the frozen unit for each kilogram of the recipient, at least; 1e6 "
    f"to 5e8. The default, 3.0e7, is the minimum of a single unit in {DOSE_SOURCE}."
)
_CD34 = (
    "CD34+ cells of the frozen unit for each kilogram of the recipient, at least; 1e4 to 1e7. "
    f"{DOSE_SOURCE} give 1.5e5 for a single unit. Left out or null: CD34+ "
    "cells are not looked at."
)
_NAMES = {
    "weight_kg": "weightKg",
    "tnc_per_kg": "minimumTncPerKg",
    "cd34_per_kg": "minimumCd34PerKg",
}
WeightArgument = Annotated[float, strawberry.argument(description=_WEIGHT)]
TncArgument = Annotated[float, strawberry.argument(description=_TNC)]
Cd34Argument = Annotated[float | None, strawberry.argument(description=_CD34)]


@strawberry.enum(description="How surely a unit reaches a dose.")
class DoseReach(Enum):
    """What a band tells."""

    CERTAIN = strawberry.enum_value(
        "CERTAIN", description="The whole band does: its lower end is enough."
    )
    POSSIBLE = strawberry.enum_value(
        "POSSIBLE",
        description="A value of the band does; units that surely do are among them, units without "
        "a recorded count are not.",
    )


@strawberry.input(
    description="A dose of cells that a unit must reach for a recipient. Counts are those of the "
    "frozen unit, before it is thawed. This is no medical advice: choosing a unit takes its exact "
    "counts, its HLA match and much else that is not published."
)
class CellDoseFilter:
    """The dose as the client gave it."""

    weight_kg: float = strawberry.field(description=_WEIGHT)
    minimum_tnc_per_kg: float = strawberry.field(default=MINIMUM_TNC_PER_KG, description=_TNC)
    minimum_cd34_per_kg: float | None = strawberry.field(default=None, description=_CD34)
    reach: DoseReach = strawberry.field(
        default=DoseReach.CERTAIN, description="How surely the units reach it."
    )

    def dose(self) -> CellDose:
        """Return the dose.

        Raises:
            ContractError: it is none.
        """
        return dose_of(
            self.weight_kg,
            self.minimum_tnc_per_kg,
            self.minimum_cd34_per_kg,
            place='Filter "cellDose.{}"',
        )


def dose_of(
    weight_kg: float,
    minimum_tnc_per_kg: float,
    minimum_cd34_per_kg: float | None,
    place: str = 'Argument "{}"',
) -> CellDose:
    """Return the dose of the numbers that a client gave.

    Args:
        weight_kg: As in the contract, like those that follow.
        minimum_tnc_per_kg: The same.
        minimum_cd34_per_kg: The same.
        place: Says where a number stands, with ``{}`` for its name.

    Raises:
        ContractError: a number is none that a recipient has.
    """
    try:
        return CellDose(weight_kg, minimum_tnc_per_kg, minimum_cd34_per_kg)
    except InvalidDoseError as error:
        where = place.format(_NAMES[error.name])
        raise ContractError(Code.INVALID_ARGUMENT, f"{where}: {error.message}") from None


REACHES: Mapping[DoseReach, Reach] = {
    DoseReach.CERTAIN: Reach.CERTAIN,
    DoseReach.POSSIBLE: Reach.POSSIBLE,
}
"""What a unit must be to match."""
