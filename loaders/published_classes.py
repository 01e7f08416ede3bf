"""What the members of a batch class have in common."""

from dataclasses import dataclass

from domain.bands import Band
from domain.periods import YearRange
from loaders.statements import Statement


@dataclass(frozen=True, slots=True)
class PublishedClass:
    """The published values of a batch class, and the release that added it.

    `None` is not published. Cells are in the unit of the band (TNC 10^8, CD34 10^6), volume is in
    millilitres; a band without ends means that the bank recorded no value.
    """

    bank: str | None
    period: YearRange | None
    abo: str | None
    tnc: Band | None
    cd34: Band | None
    volume: Band | None
    processing: str | None
    added: int


@dataclass(frozen=True, slots=True)
class BatchClassRecord:
    """A batch class as stored: its members and what they have in common."""

    id: int
    units: int
    added: int
    bank: str | None
    period_from: int | None
    period_to: int | None
    abo: str | None
    tnc_published: bool
    tnc_min: float | None
    tnc_max: float | None
    cd34_published: bool
    cd34_min: float | None
    cd34_max: float | None
    volume_published: bool
    volume_min: float | None
    volume_max: float | None
    processing: str | None


@dataclass(frozen=True, slots=True)
class WithdrawnClassRecord:
    """A batch class that release `withdrawn` and all later ones no longer hold."""

    id: int
    withdrawn: int


BATCH_CLASSES = Statement("batch_classes", BatchClassRecord)
WITHDRAWN_CLASSES = Statement("withdrawn_classes", WithdrawnClassRecord)
