"""Diseases that are treated with cord blood."""

from enum import Enum
from typing import Self

import strawberry

from domain.identifiers import indication_id
from loaders.indications import IndicationRecord
from schema.arguments import LanguageArgument
from schema.context import Context
from schema.types.language import Language
from schema.types.node import Node
from schema.types.source import Source, sources
from schema.weights import SOURCES


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
