"""What protects the people behind a release's units."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domain.schemes import Scheme
from loaders.class_figures import ClassFigures, class_figures
from loaders.judgements import JudgementRecord
from loaders.releases import ReleaseRecord
from schema.context import Info
from schema.lifetime import lifetime
from schema.scalars import BigInt
from schema.types.judgement import Judgement
from schema.weights import CLASSES, JUDGEMENTS, LEVELS, MOST_JUDGEMENTS

_LOSSES = {"collectionPeriod": "period", "aboGroup": "abo"}
"""What losses call an attribute that has another name in public."""
_CONFIRMED = "Independent program that confirmed k, with its version; null when none did."


@strawberry.type(description="How finely an attribute is published under a scheme.")
class AttributeLevel:
    """One attribute of a scheme."""

    attribute: str = strawberry.field(
        description='Name of the field of CordBloodUnit, for instance "tnc".'
    )
    published: bool = strawberry.field(
        description="Whether the attribute is published; otherwise it is null for all units."
    )
    level: str = strawberry.field(
        description='How finely, in words, for instance "5-year periods".'
    )
    loss_percent: int | None = strawberry.field(
        description="Whole per cent of the attribute that the level loses: 0 at the finest that "
        "the policy allows, 100 where it is not published; null where no figure was kept.",
        metadata=lifetime(since="2027-01"),
    )


@strawberry.type(
    description="The k-anonymity of a release: each unit shares all its published values with at "
    "least k - 1 others of its batch, and two releases differ by 0 or at least k units for every "
    "combination of values."
)
class Anonymity:
    """Measures of a release."""

    number: strawberry.Private[int]

    scheme: int = strawberry.field(
        description="Number of the scheme under which the release's batch was published."
    )
    k: int = strawberry.field(description="Fewest units that share all published values.")
    smallest_class: int = strawberry.field(
        description="Units of the smallest class that a batch of the release published."
    )
    class_count: int = strawberry.field(
        description="Classes in the release, counted for each batch."
    )
    median_class: int = strawberry.field(description="Units of the median class.")
    max_risk: float = strawberry.field(
        description="Highest chance to single out a unit by its published values: 1 / "
        "smallestClass.",
        metadata=lifetime(
            deprecated="2027-01",
            replacement="smallestClass",
            reason="Use smallestClass: the highest risk is 1 / smallestClass.",
        ),
    )
    mean_risk: float = strawberry.field(
        description="Mean chance to single out a unit: classCount / units."
    )
    held_back_percent: int = strawberry.field(
        description="Percent of the consented units that wait until enough others share their "
        "values, rounded."
    )
    levels: list[AttributeLevel] = strawberry.field(
        description="How finely each attribute is published.", directives=LEVELS
    )
    worst_bank_held_back_percent: int | None = strawberry.field(
        description="The same of the bank of which the largest share waits, rounded up; in steps "
        "of 5 or more where one per cent would be fewer than 11 units. Null where no figure was "
        "kept.",
        metadata=lifetime(since="2027-01"),
    )
    worst_abo_group_held_back_percent: int | None = strawberry.field(
        description="The same of the ABO group of which the largest share waits; units without a "
        "recorded group are none.",
        metadata=lifetime(since="2027-01"),
    )
    loss_percent: int | None = strawberry.field(
        description="Whole per cent of all attributes that the levels lose together, by the "
        "weights of the scheme search; null where no figure was kept.",
        metadata=lifetime(since="2027-01"),
    )
    judge: str | None = strawberry.field(
        description=_CONFIRMED,
        metadata=lifetime(until="2028-01", deprecated="2027-01", replacement="confirmedBy"),
    )

    @strawberry.field(
        description="Mean units of a class.", metadata=lifetime(since="2027-01"), directives=CLASSES
    )
    def mean_class(self, info: Info) -> float:
        """Count the classes."""
        return self._figures(info).mean

    @strawberry.field(
        description="C_AVG: mean units of a class as a multiple of k. 1 would be the finest "
        "possible.",
        metadata=lifetime(since="2027-01"),
        directives=CLASSES,
    )
    def average_class_ratio(self, info: Info) -> float:
        """Compare the mean with k."""
        return self._figures(info).mean / self.k

    @strawberry.field(
        description="Discernibility: the sum of the squares of the units of each class. What is "
        "held back is not counted: it is nobody's to know.",
        metadata=lifetime(since="2027-01"),
        directives=CLASSES,
    )
    def discernibility(self, info: Info) -> BigInt:
        """Count pairs that nothing tells apart."""
        return BigInt(self._figures(info).discernibility)

    @strawberry.field(
        description="Fewest units by which the release differs from the one before for any "
        "combination of published values for which it differs; null if it changed nothing.",
        metadata=lifetime(since="2027-01"),
        directives=CLASSES,
    )
    def smallest_difference(self, info: Info) -> int | None:
        """Look at what was added and left out."""
        return self._figures(info).smallest_difference

    @strawberry.field(
        description=_CONFIRMED + " A live field: judges come after the publication.",
        metadata=lifetime(since="2027-01"),
    )
    def confirmed_by(self, info: Info) -> str | None:
        """Name the newest judge, if it confirmed."""
        found = self._judgements(info)
        if not found or not found[-1].confirmed:
            return None
        return f"{found[-1].judge} {found[-1].version}"

    @strawberry.field(
        description="What independent judges found, the earliest first; empty while none has "
        "judged the release. A live field.",
        metadata=lifetime(since="2027-01"),
        directives=JUDGEMENTS,
    )
    def judgements(self, info: Info) -> list[Judgement]:
        """Show the newest of what was recorded."""
        return [Judgement.of(record) for record in self._judgements(info)[-MOST_JUDGEMENTS:]]

    def _judgements(self, info: Info) -> list[JudgementRecord]:
        info.context.live = True
        return info.context.catalogue.judgements(self.number)

    def _figures(self, info: Info) -> ClassFigures:
        return class_figures(info.context.catalogue.classes, self.number)

    @classmethod
    def of(cls, record: ReleaseRecord) -> Self:
        """Return the measures of a release."""
        losses = record.losses or {}
        return cls(
            number=record.number,
            scheme=record.scheme,
            k=record.k,
            smallest_class=record.smallest_class,
            class_count=record.class_count,
            median_class=record.median_class,
            max_risk=1 / record.smallest_class,
            mean_risk=record.class_count / record.unit_count if record.unit_count else 0.0,
            held_back_percent=record.held_back_percent,
            worst_bank_held_back_percent=record.bank_held_back_percent,
            worst_abo_group_held_back_percent=record.abo_held_back_percent,
            loss_percent=losses.get("all"),
            levels=_levels(record.scheme, record.scheme_levels, losses),
            judge=record.judge,
        )


def _levels(
    number: int, levels: Mapping[str, Any], losses: Mapping[str, int | None]
) -> list[AttributeLevel]:
    scheme = Scheme.from_json(number, levels)
    words = {
        "bank": "each bank" if scheme.bank else None,
        "collectionPeriod": scheme.period_years and f"{scheme.period_years}-year periods",
        "aboGroup": "each group" if scheme.abo else None,
        "tnc": _bands(scheme.tnc_cuts, "x 10^8 cells"),
        "cd34": _bands(scheme.cd34_cuts, "x 10^6 cells"),
        "volume": _bands(scheme.volume_cuts, "ml"),
        "processing": "each method" if scheme.processing else None,
    }
    return [
        AttributeLevel(
            attribute=name,
            published=bool(level),
            level=level or "not published",
            loss_percent=losses.get(_LOSSES.get(name, name)),
        )
        for name, level in words.items()
    ]


def _bands(cuts: tuple[float, ...] | None, unit: str) -> str | None:
    if cuts is None:
        return None
    return f"{len(cuts) + 1} bands cut at {', '.join(f'{cut:.15g}' for cut in cuts)} {unit}"
