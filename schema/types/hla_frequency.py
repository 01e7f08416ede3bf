"""HLA frequencies: how common the groups of a locus are among the units of a release."""

from collections.abc import Mapping
from enum import Enum
from typing import Self

import strawberry

from domain.hla import LEAST, LOCI, OTHER
from loaders.hla_frequencies import HlaFrequencyRecord, HlaTable
from schema.arguments import LanguageArgument
from schema.batched import batched
from schema.types.language import Language
from schema.types.region import REGION_NAMES, Region
from schema.types.release import Release, releases_by_number
from schema.weights import HLA_ROWS, MOST_HLA_TABLES

_OTHERS = {Language.EN: "all other groups of HLA-{}", Language.ZH: "HLA-{}其他组别"}
_TITLES = {
    Language.EN: "Frequencies of HLA-{locus}, {region}",
    Language.ZH: "HLA-{locus}频率,{region}",
}
_AS_OF = "The release that was counted; an earlier one where"


@strawberry.enum(description="An HLA locus of which frequencies are published.")
class HlaLocus(Enum):
    """The loci of `domain.hla`."""

    A = strawberry.enum_value("A", description="HLA-A.")
    B = strawberry.enum_value("B", description="HLA-B.")
    C = strawberry.enum_value("C", description="HLA-C.")
    DRB1 = strawberry.enum_value("DRB1", description="HLA-DRB1.")
    DQB1 = strawberry.enum_value("DQB1", description="HLA-DQB1.")


@strawberry.type(
    description="How common a group of alleles of one locus is among the published units of a "
    "region. A group is the first field of an allele: A*02 stands for A*02:01, A*02:07 and all "
    "others."
)
class HlaFrequency:
    """A row of a table."""

    as_of_number: strawberry.Private[int]
    other: strawberry.Private[bool]

    locus: HlaLocus = strawberry.field(description="Locus of the group.")
    region: Region = strawberry.field(description="Whose units are counted.")
    group: str = strawberry.field(
        description='Name of the group, such as "A*02"; "OTHER" for all that have no row.'
    )
    units: int = strawberry.field(
        description="Distinct published units that have the group, once or twice: exact, at least "
        f"{LEAST}. Of OTHER, units that have any of its groups, rounded down to a multiple of "
        f"{LEAST} in each part of the nation."
    )
    copies: int | None = strawberry.field(
        description="How often the group was found: units, and again those that have it twice. "
        f"These are rounded to a multiple of {2 * LEAST} in each part of the nation. A unit of "
        "which only one value is known is not counted. Null for OTHER."
    )
    frequency: float = strawberry.field(
        description="Share of the group among the genes of the typed units, 0 to 1: copies divided "
        "by twice the typed units. Of OTHER, what the other rows leave."
    )

    as_of: Release = batched(
        releases_by_number,
        key="as_of_number",
        description=f"{_AS_OF} the units changed by fewer than {LEAST}, so that their number "
        "stands.",
    )

    @strawberry.field(description="The group in words.")
    def name(self, language: LanguageArgument = Language.EN) -> str:
        """Say it in a language; the names of alleles are the same in all."""
        if self.other:
            return _OTHERS[language].format(self.locus.name)
        return f"HLA-{self.group}"

    @classmethod
    def of(cls, record: HlaFrequencyRecord) -> Self:
        """Return the public view of a row."""
        other = record.hla_group == OTHER
        return cls(
            as_of_number=record.as_of,
            other=other,
            locus=HlaLocus(record.locus),
            region=Region(record.region),
            group=OTHER if other else f"{record.locus}*{record.hla_group}",
            units=record.units,
            copies=record.copies,
            frequency=record.frequency,
        )


@strawberry.type(
    description="The frequencies of one locus in a region, over published units only. Every number "
    f"that is exact counts 0 or at least {LEAST} units, and so does its change between any two "
    "releases. A release has no table where too few units are typed, where fewer than three banks "
    "contribute, or where no approval to open HLA data was recorded."
)
class HlaFrequencyTable:
    """A locus in a region."""

    table: strawberry.Private[HlaTable]
    as_of_number: strawberry.Private[int]

    locus: HlaLocus = strawberry.field(description="The locus.")
    region: Region = strawberry.field(
        description="Whose units are counted. The nation is the sum of its parts, where these have "
        "tables."
    )
    published_units: int = strawberry.field(
        description="Units of the region in the release that was counted, typed or not."
    )
    typed_units: int = strawberry.field(
        description="Units of which both values of the locus are known, rounded down to a multiple "
        f"of {LEAST} in each part of the nation. A unit with one known value is not typed, and "
        "not homozygous."
    )

    as_of: Release = batched(
        releases_by_number,
        key="as_of_number",
        description=f"{_AS_OF} what changed is of fewer than {LEAST} units, or of one or two banks "
        "only, so that the whole table stands.",
    )

    @strawberry.field(
        description="The groups that are shown, by name, and OTHER last if units have any other.",
        directives=HLA_ROWS,
    )
    def frequencies(self) -> list[HlaFrequency]:
        """Show the rows."""
        return [HlaFrequency.of(row) for row in self.table.rows]

    @strawberry.field(description="The table in words.")
    def title(self, language: LanguageArgument = Language.EN) -> str:
        """Say it in a language."""
        region = REGION_NAMES[self.region.name][language]
        region = region.lower() if language is Language.EN else region
        return _TITLES[language].format(locus=self.locus.name, region=region)

    @classmethod
    def of(cls, table: HlaTable) -> Self:
        """Return the public view of a table."""
        record = table.record
        return cls(
            table=table,
            as_of_number=record.as_of,
            locus=HlaLocus(record.locus),
            region=Region(record.region),
            published_units=record.published_units,
            typed_units=record.typed_units,
        )


def most_tables(arguments: Mapping[str, object]) -> int:
    """Return the most tables of a selection with these arguments as a client wrote them."""
    loci = 1 if arguments.get("locus") is not None else len(LOCI)
    regions = 1 if arguments.get("region") is not None else MOST_HLA_TABLES // len(LOCI)
    return loci * regions
