"""What a published cord blood unit can say: its groups, methods and class."""

from dataclasses import dataclass
from enum import StrEnum

from domain.bands import Band
from domain.periods import YearRange


class AboGroup(StrEnum):
    """ABO blood group; UNKNOWN where the bank recorded none."""

    A = "A"
    B = "B"
    O = "O"  # noqa: E741 - the blood group's name
    AB = "AB"
    UNKNOWN = "UNKNOWN"


class ProcessingMethod(StrEnum):
    """How a unit was reduced before freezing (WMDA ``PROD_MOD``), in the platform's words."""

    PLASMA_REDUCED = "PLASMA_REDUCED"
    RBC_REDUCED = "RBC_REDUCED"
    PLASMA_RBC_REDUCED = "PLASMA_RBC_REDUCED"
    BUFFY_COAT = "BUFFY_COAT"
    DENSITY_ENRICHED = "DENSITY_ENRICHED"
    NOT_REDUCED = "NOT_REDUCED"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, order=False)
class UnitClass:
    """An equivalence class: one combination of published values under one scheme.

    ``None`` means that the scheme does not publish the attribute. A band without ``minimum``
    and ``maximum`` means that the bank recorded no value.
    """

    bank: str | None
    period: YearRange | None
    abo: AboGroup | None
    tnc: Band | None
    cd34: Band | None
    volume: Band | None
    processing: ProcessingMethod | None
