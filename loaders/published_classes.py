"""Reads of published values: what the members of a batch class have in common."""

from dataclasses import dataclass

from loaders.statements import Pool, Statement


@dataclass(frozen=True, slots=True)
class PublishedRecord:
    """Published values, and the release that added them.

    Cells are in the unit of the band (TNC 10^8, CD34 10^6), volume is in millilitres. A
    published band without ends means that the bank recorded no value.
    """

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
    added: int


@dataclass(frozen=True, slots=True)
class PublishedClassRecord(PublishedRecord):
    """The published values of a batch class."""

    batch_class_id: int


PUBLISHED_CLASSES = Statement("published_classes", PublishedClassRecord)


async def published_classes(pool: Pool, ids: list[int]) -> list[PublishedClassRecord]:
    """Return the published values of each batch class; every id must exist."""
    found = {row.batch_class_id: row for row in await PUBLISHED_CLASSES.fetch(pool, ids)}
    return [found[id_] for id_ in ids]
