"""What may be said of a unit in public: an opaque id and a class of coarse values."""

import datetime as dt
from typing import NamedTuple

from domain.identifiers import unit_id
from domain.schemes import Scheme
from domain.units import AboGroup, ProcessingMethod, UnitClass

PROCESSING_OF: dict[str | None, ProcessingMethod] = {
    "PLR": ProcessingMethod.PLASMA_REDUCED,
    "RBR": ProcessingMethod.RBC_REDUCED,
    "PRR": ProcessingMethod.PLASMA_RBC_REDUCED,
    "BCE": ProcessingMethod.BUFFY_COAT,
    "DNE": ProcessingMethod.DENSITY_ENRICHED,
    "NOT": ProcessingMethod.NOT_REDUCED,
    "OTH": ProcessingMethod.OTHER,
    None: ProcessingMethod.UNKNOWN,
}
"""Our words for the codes of the WMDA field ``PROD_MOD``."""

_ABO_OF: dict[str | None, AboGroup] = {
    **{group.value: group for group in AboGroup},
    None: AboGroup.UNKNOWN,
}


class RawUnit(NamedTuple):
    """What anonymisation reads of a unit; nothing else of the intake zone can reach a release.

    Attributes:
        row: Id of the row in ``intake.raw_unit``.
        bank: Code of the bank.
        unit_number: The bank's own id of the unit.
        collected: Date of collection, else of birth.
        abo: ABO group, or ``None``: not recorded.
        tnc: Total nucleated cells (``TNC_FRZN``), a count of cells, or ``None``.
        cd34: CD34+ cells (``CD34PC_FRZN``), a count of cells, or ``None``.
        volume: Collected volume (``VOL``) in millilitres, or ``None``.
        modification: ``PROD_MOD``, or ``None``.
        waiting: Whether an earlier release considered the unit and held it back.
    """

    row: int
    bank: str
    unit_number: str
    collected: dt.date
    abo: str | None
    tnc: float | None
    cd34: float | None
    volume: float | None
    modification: str | None
    waiting: bool


class Candidate(NamedTuple):
    """An anonymised unit that a batch may publish.

    Attributes:
        row: Id of the row in ``intake.raw_unit``; it never leaves the intake zone.
        unit_id: Public id.
        unit_class: Values that would be published.
        waiting: Whether an earlier release considered the unit and held it back.
    """

    row: int
    unit_id: str
    unit_class: UnitClass
    waiting: bool


class Anonymiser:
    """Anonymises units one by one under one scheme and its key."""

    def __init__(self, scheme: Scheme, key: bytes) -> None:
        self._scheme = scheme
        self._key = key
        self._classes: dict[UnitClass, UnitClass] = {}

    def __call__(self, raw: RawUnit) -> Candidate:
        """Return what may be published of ``raw``."""
        unit_class = self._scheme.generalise(
            bank=raw.bank,
            collected=raw.collected,
            abo=_ABO_OF[raw.abo],
            tnc=raw.tnc,
            cd34=raw.cd34,
            volume=raw.volume,
            processing=PROCESSING_OF.get(raw.modification, ProcessingMethod.OTHER),
        )
        # Members share one object: hundreds of thousands of units have a few thousand classes.
        unit_class = self._classes.setdefault(unit_class, unit_class)
        identifier = unit_id(self._key, raw.bank, raw.unit_number)
        return Candidate(raw.row, identifier, unit_class, raw.waiting)
