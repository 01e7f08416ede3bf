"""Diseases that are treated with cord blood."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from domain.identifiers import indication_id
from loaders.indications import IndicationRecord
from schema.activity_list import activity_list
from schema.arguments import After, Before, First, LanguageArgument, Last
from schema.context import Context, Info
from schema.lifetime import lifetime
from schema.types.activity_filter import ActivityFilter, ActivityRegion, FromYear, ToYear
from schema.types.language import Language
from schema.types.node import Node
from schema.types.source import Source, sources
from schema.weights import PAGED, SOURCES

if TYPE_CHECKING:
    from schema.types.activity_connection import ActivityConnection


@strawberry.enum(description="Group of indications.")
class IndicationGroup(Enum):
    """The five groups of the reference table."""

    MALIGNANT = strawberry.enum_value(
        "MALIGNANT", description="Leukaemias, lymphomas and other malignant diseases."
    )
    HAEMOGLOBINOPATHY = strawberry.enum_value(
        "HAEMOGLOBINOPATHY", description="Inherited disorders of haemoglobin."
    )
    MARROW_FAILURE = strawberry.enum_value(
        "MARROW_FAILURE", description="Failures of the bone marrow and of blood cell lines."
    )
    IMMUNE_DEFICIENCY = strawberry.enum_value(
        "IMMUNE_DEFICIENCY", description="Inherited disorders of the immune system."
    )
    METABOLIC = strawberry.enum_value(
        "METABOLIC", description="Inherited metabolic and storage disorders."
    )


@strawberry.type(description="A disease that is treated by transplanting blood stem cells.")
class Indication(Node):
    """An indication as one release knew it."""

    record: strawberry.Private[IndicationRecord]

    code: str = strawberry.field(description='Short code of the indication, for instance "AML".')
    group: IndicationGroup = strawberry.field(description="Group of the indication.")
    icd10: str | None = strawberry.field(description="Code in ICD-10 (WHO, international version).")
    icd11: str | None = strawberry.field(
        description="Code in ICD-11 for Mortality and Morbidity Statistics (WHO)."
    )
    orpha: str | None = strawberry.field(description="Code in the Orphanet nomenclature.")

    @strawberry.field(description="Name of the indication.")
    def name(self, language: LanguageArgument = Language.EN) -> str:
        """Pick the name in a language."""
        return self.record.name_zh if language is Language.ZH else self.record.name_en

    @strawberry.field(description="Where the names and codes come from.", directives=SOURCES)
    def sources(self) -> list[Source]:
        """Return the sources in stored order."""
        return sources(self.record.sources)

    @strawberry.field(
        description="Transplants for this indication, in the release that it was read from: the "
        "cells that hold it, alone or together with others.",
        directives=[PAGED],
        metadata=lifetime(since="2027-01"),
    )
    def activity(
        self,
        info: Info,
        region: ActivityRegion = None,
        from_year: FromYear = None,
        to_year: ToYear = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> (
        Annotated["ActivityConnection", strawberry.lazy("schema.types.activity_connection")] | None
    ):
        """Select cells."""
        conditions = ActivityFilter(from_year, to_year, region, self.code)
        paging = (first, after, last, before)
        return activity_list(info.context, self.record.release, conditions, paging)

    @classmethod
    def coded(cls, context: Context, release: int, code: str) -> Self | None:
        """Return the indication ``code`` as ``release`` knows it, or ``None``."""
        record = context.catalogue.indications(release).get(code)
        return None if record is None else cls.of(record)

    @classmethod
    def of(cls, record: IndicationRecord) -> Self:
        """Return the indication of a record."""
        return cls(
            id=strawberry.ID(indication_id(record.code)),
            record=record,
            code=record.code,
            group=IndicationGroup(record.indication_group),
            icd10=record.icd10,
            icd11=record.icd11,
            orpha=record.orpha,
        )
