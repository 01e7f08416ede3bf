"""About how many units match a patient."""

from enum import Enum

import strawberry

from domain.haplotypes import MATCH_LOCI, HaplotypeFigure, haplotype_figures, haplotype_name
from domain.hla_patient import InvalidGroupError, patient_pair
from domain.match_areas import match_areas
from domain.match_estimate import MatchBand as Band
from domain.match_estimate import MatchEstimate as Estimate
from domain.match_estimate import estimate_matches
from domain.match_model import LEVELS, Pair
from domain.regions import Region as Part
from loaders.catalogue import Catalogue
from loaders.match_tables import match_tables
from schema.arguments import LanguageArgument
from schema.context import Info
from schema.errors import Code, ContractError
from schema.types.language import Language
from schema.types.region import REGION_NAMES, Region
from schema.types.release import Release
from schema.weights import HAPLOTYPES, MATCH_LEVELS, STUDIES

TWO_GROUPS = (
    "The patient's two groups of HLA-{}, first fields, for instance \"{}\"; a homozygous patient's "
    "twice. What is finer is cut off."
)

_MODEL = {
    Language.EN: "A unit is two haplotypes drawn independently (Hardy-Weinberg).",
    Language.ZH: "一个单位视为独立抽取的两条单体型(哈迪-温伯格平衡)。",
}
_HAPLOTYPES = {
    Language.EN: "Published haplotypes within the patient's groups: {}. All others are drawn locus "
    "by locus.",
    Language.ZH: "患者分型内的已发表单体型:{}。其余按各位点独立抽取。",
}
_APART = {
    Language.EN: "No published haplotype lies within the patient's groups: the loci count as "
    "independent.",
    Language.ZH: "患者分型内没有已发表的单体型:各位点按独立计算。",
}
_HIDDEN = {
    Language.EN: "Too rare to be shown: {}. Anything between nobody and all of OTHER may have it, "
    "so the bands begin at what the other groups give.",
    Language.ZH: "因过于罕见未公布:{}。其频率介于零与“其他”合计之间,区间下限据此取值。",
}
_BAND = {
    Language.EN: "A band holds the true number nine times in ten or more. It is wide since tables "
    "are rounded, studies of haplotypes differ, and haplotypes that nobody published are inherited "
    "together too.",
    Language.ZH: "区间在九成以上的情形下包含真实数目。表格经过舍入,单体型研究之间有差异,"
    "未发表的单体型也会连锁遗传,因此区间较宽。",
}
_NO_UNIT = {
    Language.EN: "Computed from published frequencies alone; no unit was looked at. This is no "
    "search for a unit and no medical advice.",
    Language.ZH: "仅由已公布的频率计算,未查看任何单位。这不是检索,也不构成医疗建议。",
}


@strawberry.enum(description="How the three loci are taken together in a match estimate.")
class MatchMethod(Enum):
    """Whether published haplotypes speak of the patient."""

    HAPLOTYPES = strawberry.enum_value(
        "HAPLOTYPES",
        description="At least one published haplotype lies within the patient's groups; what they "
        "leave is drawn locus by locus.",
    )
    LOCI_APART = strawberry.enum_value(
        "LOCI_APART",
        description="None does: the loci count as independent.",
    )


@strawberry.type(description="What one study says of a haplotype.")
class HaplotypeStudy:
    """A figure with its source."""

    frequency: float = strawberry.field(description="Share of the study's chromosomes, 0 to 1.")
    population: str = strawberry.field(description="Whom the study looked at.")
    chromosomes: int = strawberry.field(description="Chromosomes that it counted.")
    source: str = strawberry.field(description="Where it is published.")
    region: Region | None = strawberry.field(
        description="The part of the country that it stands for; null where it only shows how far "
        "studies differ."
    )

    @classmethod
    def of(cls, figure: HaplotypeFigure) -> "HaplotypeStudy":
        """Show a figure."""
        return cls(
            frequency=figure.frequency,
            population=figure.population,
            chromosomes=figure.chromosomes,
            source=figure.source,
            region=None if figure.region is None else Region[figure.region.name],
        )


@strawberry.type(
    description="Groups of HLA-A, -B and -DRB1 that are inherited together, as studies published "
    "them. They are literature, not data of the banks."
)
class PublishedHaplotype:
    """A haplotype."""

    name: str = strawberry.field(
        description='First fields, for instance "A*30~B*13~DRB1*07"; a locus that a study does '
        "not name is left out."
    )

    @strawberry.field(description="The studies that name it.", directives=STUDIES)
    def studies(self) -> list[HaplotypeStudy]:
        """Show the figures."""
        return [
            HaplotypeStudy.of(each)
            for each in haplotype_figures()
            if haplotype_name(each.fragment) == self.name
        ]


@strawberry.type(
    description="About how many units match a patient at so many of six groups. A band holds the "
    "true number nine times in ten or more."
)
class MatchBand:
    """A level."""

    matched: int = strawberry.field(
        description="Groups of six that match, at least: 6, 5 or 4. A unit that has a group once "
        "matches a patient who has it twice once."
    )
    at_least: int = strawberry.field(description="Begin of the band, in units.")
    at_most: int = strawberry.field(description="End of the band, in units.")

    @strawberry.field(description="The band as a sentence.")
    def sentence(self, language: LanguageArgument = Language.EN) -> str:
        """Say it in a language."""
        all_match = self.matched == max(LEVELS)
        if language is Language.ZH:
            level = f"{'' if all_match else '至少'}{self.matched}/6相合"
            return f"{level}:约{self.at_least:,}至{self.at_most:,}个单位。"
        level = f"{'' if all_match else 'at least '}{self.matched}/6"
        return f"{level}: about {self.at_least:,} to {self.at_most:,} units."

    @classmethod
    def of(cls, band: Band) -> "MatchBand":
        """Show a band."""
        return cls(matched=band.matched, at_least=band.least, at_most=band.most)


@strawberry.type(
    description="About how many units of a release match a patient by the classic rule of six: "
    "first fields of HLA-A, -B and -DRB1. It is computed from the published frequency tables and "
    "from published haplotypes alone, as coarse bands; no existing unit is looked at. This is no "
    "search for a unit and no medical advice: whether a unit matches, its bank tells."
)
class MatchEstimate:
    """An estimate."""

    number: strawberry.Private[int]
    estimate: strawberry.Private[Estimate]

    region: Region = strawberry.field(description="The region whose units are meant.")
    typing: list[str] = strawberry.field(
        description='The patient\'s six groups as they were understood: "A*02", "A*11", ...'
    )
    typed_units: int = strawberry.field(
        description="Typed units by the locus that fewest are typed at, as the tables say."
    )
    method: MatchMethod = strawberry.field(description="How the loci are taken together.")
    hidden_groups: list[str] = strawberry.field(
        description="Groups of the patient that a table does not show, for too few units have "
        "them. Their frequency is only known to be at most that of OTHER."
    )

    @strawberry.field(
        description="The bands: six of six, at least five, at least four.", directives=MATCH_LEVELS
    )
    def bands(self) -> list[MatchBand]:
        """Show the bands."""
        return [MatchBand.of(each) for each in self.estimate.bands]

    @strawberry.field(
        description="The published haplotypes that lie within the patient's groups.",
        directives=HAPLOTYPES,
    )
    def haplotypes(self) -> list[PublishedHaplotype]:
        """Show what was used."""
        return [PublishedHaplotype(name=name) for name in self._names()]

    @strawberry.field(description="Where the estimate comes from, and how sure it is.")
    def sentences(self, language: LanguageArgument = Language.EN) -> list[str]:
        """Say it in a language."""
        names = self._names()
        hidden = self.hidden_groups
        return [
            _MODEL[language],
            _HAPLOTYPES[language].format(_listed(names)) if names else _APART[language],
            *([_HIDDEN[language].format(_listed(hidden))] if hidden else []),
            _BAND[language],
            _NO_UNIT[language],
        ]

    @strawberry.field(description="Name of the region.")
    def region_name(self, language: LanguageArgument = Language.EN) -> str:
        """Name it in a language."""
        return REGION_NAMES[self.region.name][language]

    @strawberry.field(description="The release whose tables were read.")
    def release(self, info: Info) -> Release:
        """Look up the release."""
        return Release.numbered(info.context.catalogue, self.number)

    def _names(self) -> list[str]:
        return [haplotype_name(each) for each in self.estimate.haplotypes]


def _listed(names: list[str]) -> str:
    return ", ".join(names)


def patient_of(a: list[str], b: list[str], drb1: list[str]) -> list[Pair]:
    """Return the patient's groups at each of the three loci.

    Raises:
        ContractError: a value is no group of its locus, or there are not two.
    """
    pairs = []
    for name, locus, texts in zip(("a", "b", "drb1"), MATCH_LOCI, (a, b, drb1), strict=True):
        try:
            pairs.append(patient_pair(locus, texts))
        except InvalidGroupError as error:
            raise ContractError(Code.INVALID_ARGUMENT, f'Argument "{name}": {error}') from None
    return pairs


def match_estimate(
    catalogue: Catalogue, release: int, region: Region, patient: list[Pair]
) -> MatchEstimate | None:
    """Return the estimate for a patient; ``None`` where the tables of a locus are missing."""
    areas = match_areas(match_tables(catalogue, release), Part[region.name])
    if not areas:
        return None
    estimate = estimate_matches(patient, areas)
    return MatchEstimate(
        number=release,
        estimate=estimate,
        region=region,
        typing=[
            f"{locus}*{group}"
            for locus, pair in zip(MATCH_LOCI, patient, strict=True)
            for group in pair
        ],
        typed_units=estimate.typed,
        method=MatchMethod.HAPLOTYPES if estimate.haplotypes else MatchMethod.LOCI_APART,
        hidden_groups=list(estimate.hidden),
    )
