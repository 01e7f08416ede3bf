"""What protects the people behind a release's units."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domain.schemes import Scheme
from loaders.releases import ReleaseRecord
from schema.lifetime import lifetime
from schema.weights import LEVELS

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


@strawberry.type(
    description="The k-anonymity of a release: each unit shares all its published values with at "
    "least k - 1 others of its batch, and two releases differ by 0 or at least k units for every "
    "combination of values."
)
class Anonymity:
    """Measures of a release."""

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
    judge: str | None = strawberry.field(
        description=_CONFIRMED,
        metadata=lifetime(until="2028-01", deprecated="2027-01", replacement="confirmedBy"),
    )
    confirmed_by: str | None = strawberry.field(
        description=_CONFIRMED, metadata=lifetime(since="2027-01")
    )

    @classmethod
    def of(cls, record: ReleaseRecord) -> Self:
        """Return the measures of a release."""
        return cls(
            scheme=record.scheme,
            k=record.k,
            smallest_class=record.smallest_class,
            class_count=record.class_count,
            median_class=record.median_class,
            max_risk=1 / record.smallest_class,
            mean_risk=record.class_count / record.unit_count if record.unit_count else 0.0,
            held_back_percent=record.held_back_percent,
            levels=_levels(record.scheme, record.scheme_levels),
            judge=record.judge,
            confirmed_by=record.judge,
        )


def _levels(number: int, levels: Mapping[str, Any]) -> list[AttributeLevel]:
    scheme = Scheme.from_json(number, levels)
    words = {
        "bank": "each bank",
        "collectionPeriod": scheme.period_years and f"{scheme.period_years}-year periods",
        "aboGroup": "each group" if scheme.abo else None,
        "tnc": _bands(scheme.tnc_cuts, "x 10^8 cells"),
        "cd34": _bands(scheme.cd34_cuts, "x 10^6 cells"),
        "volume": _bands(scheme.volume_cuts, "ml"),
        "processing": "each method" if scheme.processing else None,
    }
    return [
        AttributeLevel(attribute=name, published=bool(level), level=level or "not published")
        for name, level in words.items()
    ]


def _bands(cuts: tuple[float, ...] | None, unit: str) -> str | None:
    if cuts is None:
        return None
    return f"{len(cuts) + 1} bands cut at {', '.join(f'{cut:.15g}' for cut in cuts)} {unit}"
