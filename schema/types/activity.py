"""Counts of transplants: the cells of a release."""

from typing import Self

import strawberry

from domain.disclosure import MINIMUM_ACTIVITY, MINIMUM_BANKS
from loaders.activity import ActivityRecord
from schema.arguments import LanguageArgument
from schema.batched import batched
from schema.context import Context, Info
from schema.types.indication import Indication, IndicationGroup
from schema.types.language import Language
from schema.types.region import REGION_NAMES, Region
from schema.types.release import Release, releases_by_number
from schema.types.year_range import YearRange
from schema.weights import CELL_INDICATIONS

_OTHERS = {
    None: {Language.EN: "Other indications", Language.ZH: "其他适应证"},
    IndicationGroup.MALIGNANT: {
        Language.EN: "Other malignant diseases",
        Language.ZH: "其他恶性疾病",
    },
    IndicationGroup.HAEMOGLOBINOPATHY: {
        Language.EN: "Other haemoglobinopathies",
        Language.ZH: "其他血红蛋白病",
    },
    IndicationGroup.MARROW_FAILURE: {
        Language.EN: "Other marrow failures",
        Language.ZH: "其他骨髓衰竭",
    },
    IndicationGroup.IMMUNE_DEFICIENCY: {
        Language.EN: "Other immune deficiencies",
        Language.ZH: "其他免疫缺陷病",
    },
    IndicationGroup.METABOLIC: {
        Language.EN: "Other metabolic diseases",
        Language.ZH: "其他代谢性疾病",
    },
}
"""What indications are called that are told together, by their group."""


@strawberry.type(
    description="Units that banks released for transplant, for an indication or several, in a year "
    "or a range of years. Units are counted, not patients: one may get two. A cell has at least "
    f"{MINIMUM_ACTIVITY} units of at least {MINIMUM_BANKS} banks; what has fewer is told together "
    "with others. The cells of a release are disjoint, so that their units add up."
)
class ActivityCell:
    """A cell as one release shows it."""

    record: strawberry.Private[ActivityRecord]
    release: strawberry.Private[int]
    as_of_number: strawberry.Private[int]

    indication_codes: list[str] = strawberry.field(
        description="Codes of the indications, ordered. Where they are several, it is not told how "
        "many units are of which, or whether all of them have any."
    )
    years: YearRange = strawberry.field(
        description="Calendar years in which the units left the banks. How many left in which of "
        "them is not told."
    )
    region: Region = strawberry.field(
        description="Banks that released the units: those of a part of the nation, or all."
    )
    units: int = strawberry.field(description="Units released for transplant, not patients.")

    as_of: Release = batched(
        releases_by_number,
        key="as_of_number",
        description="The release as of which the units were counted. It may be an earlier one: a "
        f"count is renewed only if it changes by at least {MINIMUM_ACTIVITY} units of at least "
        f"{MINIMUM_BANKS} banks.",
    )

    @strawberry.field(description="The indications, ordered by code.", directives=CELL_INDICATIONS)
    def indications(self, info: Info) -> list[Indication]:
        """Look them up."""
        return _indications(info.context, self.record, self.release)

    @strawberry.field(
        description="Group of the indications; null where they are of several groups."
    )
    def group(self, info: Info) -> IndicationGroup | None:
        """Compare the groups of the indications."""
        return group_of(info.context, self.record, self.release)

    @strawberry.field(description="The cell in words: indications, years and region.")
    def name(self, info: Info, language: LanguageArgument = Language.EN) -> str:
        """Say it in a language."""
        found = _indications(info.context, self.record, self.release)
        if len(found) == 1:
            record = found[0].record
            what = record.name_zh if language is Language.ZH else record.name_en
        else:
            what = _OTHERS[group_of(info.context, self.record, self.release)][language]
        first, last = self.years.from_, self.years.to
        years = str(first) if first == last else f"{first}-{last}"
        where = REGION_NAMES[self.region.name][language]
        return (
            f"{what},{years}年,{where}" if language is Language.ZH else f"{what}, {years}, {where}"
        )

    @classmethod
    def of(cls, record: ActivityRecord, release: int) -> Self:
        """Return the cell of a record as ``release`` shows it."""
        return cls(
            record=record,
            release=release,
            as_of_number=record.as_of,
            indication_codes=list(record.indications),
            years=YearRange(from_=record.year_from, to=record.year_to),
            region=Region(record.region),
            units=record.units,
        )


def group_of(context: Context, record: ActivityRecord, release: int) -> IndicationGroup | None:
    """Return the one group of the indications of a cell, or ``None`` if they have several."""
    groups = {each.group for each in _indications(context, record, release)}
    return groups.pop() if len(groups) == 1 else None


def _indications(context: Context, record: ActivityRecord, release: int) -> list[Indication]:
    """Return the indications as ``release`` knows them, or as the cell's first one did."""
    found = []
    for code in record.indications:
        known = Indication.coded(context, release, code)
        known = known or Indication.coded(context, record.since, code)
        if known is not None:
            found.append(known)
    return found
