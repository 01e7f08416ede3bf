"""What may be said of a unit in public: an opaque id and a class of coarse values."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from domain.identifiers import unit_id
from domain.schemes import CELLS_PER_CD34, CELLS_PER_TNC, Scheme
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
        self._known: dict[tuple[object, ...], UnitClass] = {}

    def __call__(self, raw: RawUnit) -> Candidate:
        """Return what may be published of ``raw``."""
        scheme = self._scheme
        # What is equal in these has the same class, whatever the scheme publishes of it.
        values = (
            raw.bank,
            raw.collected.year,
            raw.abo,
            _place(raw.tnc, CELLS_PER_TNC, scheme.tnc_cuts),
            _place(raw.cd34, CELLS_PER_CD34, scheme.cd34_cuts),
            _place(raw.volume, 1.0, scheme.volume_cuts),
            raw.modification,
        )
        unit_class = self._known.get(values)
        if unit_class is None:
            unit_class = self._known[values] = self._class_of(raw)
        identifier = unit_id(self._key, raw.bank, raw.unit_number)
        return Candidate(raw.row, identifier, unit_class, raw.waiting)

    def _class_of(self, raw: RawUnit) -> UnitClass:
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
        return self._classes.setdefault(unit_class, unit_class)


def _place(value: float | None, scale: float, cuts: Sequence[float] | None) -> int | None:
    """Return the number of the band that holds ``value``; ``None``: not recorded or published."""
    if value is None or cuts is None:
        return None
    return bisect_right(cuts, value / scale)
