"""What independent judges found of a release."""

import datetime as dt
from enum import Enum
from typing import Self

import strawberry

from loaders.judgements import JudgementRecord
from schema.arguments import LanguageArgument
from schema.types.language import Language


@strawberry.enum(description="What a judge came to.")
class Verdict(Enum):
    """Whether the promise of a release holds in what is published."""

    CONFIRMED = strawberry.enum_value(
        "CONFIRMED", description="All units are there, and each class has at least k of them."
    )
    REFUTED = strawberry.enum_value(
        "REFUTED", description="A class has fewer than k units, or units are missing."
    )


@strawberry.type(
    description="What an independent program found in the published units of a release. The "
    "operator runs it after the publication; what it found is never changed or removed."
)
class Judgement:
    """One run of a judge."""

    judge: str = strawberry.field(description='Name of the program, for instance "pycanon".')
    version: str = strawberry.field(description="Version of the program.")
    verdict: Verdict = strawberry.field(description="What it came to.")
    units: int = strawberry.field(description="Units that it read.")
    k: int = strawberry.field(
        description="Units of the smallest class that it found, by all published values."
    )
    k_of_batches: int = strawberry.field(
        description="The same where the release that added a unit counts as a value of it."
    )
    judged_at: dt.datetime = strawberry.field(description="When it was run.")

    @strawberry.field(description="The finding as a sentence.")
    def sentence(self, language: LanguageArgument = Language.EN) -> str:
        """Say it in a language."""
        confirmed = self.verdict is Verdict.CONFIRMED
        if language is Language.ZH:
            found = "确认" if confirmed else "否定"
            return (
                f"{self.judge} {self.version} 检查了 {self.units} 个单位,"
                f"最小类有 {self.k} 个单位:{found}。"
            )
        return (
            f"{self.judge} {self.version} read {self.units:,} units, found {self.k} in the "
            f"smallest class, and {'confirms' if confirmed else 'refutes'} the release."
        )

    @classmethod
    def of(cls, record: JudgementRecord) -> Self:
        """Return the public view of a judgement."""
        return cls(
            judge=record.judge,
            version=record.version,
            verdict=Verdict.CONFIRMED if record.confirmed else Verdict.REFUTED,
            units=record.units,
            k=record.k,
            k_of_batches=record.k_of_batches,
            judged_at=record.judged_at,
        )
