"""What all metadata say of a release: made once from the catalogue, so that none can disagree."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.periods import YearRange
from domain.tables import Text
from loaders.catalogue import Catalogue
from loaders.releases import ReleaseFileRecord, ReleaseRecord
from loaders.selections import Selection
from schema.types.licence import Licence

KEYWORDS: Sequence[Text] = (
    Text("cord blood", "脐带血"),
    Text("stem cells", "干细胞"),
    Text("transplantation", "移植"),
    Text("cord blood banks", "脐血库"),
    Text("anonymised data", "匿名化数据"),
)
SERIES_TITLE = Text("Stored cord blood units", "脐带血库存")
SERIES_DESCRIPTION = Text(
    "Numbered, immutable releases of the anonymised inventory of stored cord blood units. Each "
    "release is complete, and a dataset of its own.",
    "脐带血库存匿名化数据的编号发布。每次发布内容完整且永不更改,各为一个数据集。",
)
CATALOGUE_TITLE = Text("CordGraph: open data on stored cord blood", "CordGraph:脐带血库存开放数据")
CATALOGUE_DESCRIPTION = Text(
    "All releases of the anonymised inventory of the national cord blood sharing platform, as "
    "files and over GraphQL.",
    "全国脐带血共享平台匿名化库存数据的全部发布,以文件和GraphQL形式提供。",
)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, and how to reach them.

    Attributes:
        name: Name of the organisation.
        contact: Address beginning with ``mailto:``, ``https:`` or ``http:``; empty: the service.
    """

    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Description:
    """One release as portals are told of it.

    Attributes:
        number: Number of the release.
        title: Names the number, so that titles differ.
        description: What is in it.
        notes: What differs from the release before.
        identifier: The same wherever this release is served.
        published: When it was published, in UTC.
        modified: When something about it changed last: its withdrawal, or its publication.
        licence: Licence of the data.
        files: Its files by path; none of a withdrawn one, which are gone.
        period: Years in which its units were collected; ``None`` where that is not published.
        withdrawn_reason: Why it was withdrawn; ``None`` while it is not.
    """

    number: int
    title: Text
    description: Text
    notes: Text
    identifier: str
    published: dt.datetime
    modified: dt.datetime
    licence: Licence
    files: Mapping[str, ReleaseFileRecord]
    period: YearRange | None
    withdrawn_reason: str | None

    @property
    def is_withdrawn(self) -> bool:
        """Whether it can no longer be read."""
        return self.withdrawn_reason is not None

    @property
    def path(self) -> str:
        """Where it is, relative to the root of the service."""
        return f"releases/{self.number}/"


def describe(catalogue: Catalogue) -> list[Description]:
    """Return the description of every release, withdrawn ones included, the first one first."""
    return [describe_one(record, catalogue) for record in catalogue.releases.records]


def newest_readable(descriptions: Sequence[Description]) -> Description | None:
    """Return the last one that is not withdrawn."""
    return next((each for each in reversed(descriptions) if not each.is_withdrawn), None)


def describe_one(record: ReleaseRecord, catalogue: Catalogue) -> Description:
    """Return the description of a release."""
    gone = record.withdrawn_at is not None
    files = () if gone else catalogue.files(record.number)
    published = record.published_at.astimezone(dt.UTC)
    return Description(
        number=record.number,
        title=_title(record),
        description=_description(record),
        notes=_notes(record),
        identifier=f"cordgraph-release-{record.number}-{record.digest[:16]}",
        published=published,
        modified=(record.withdrawn_at or published).astimezone(dt.UTC),
        licence=Licence.of(record.licence),
        files={file.path: file for file in files},
        period=_period(catalogue, record.number),
        withdrawn_reason=(record.withdrawn_reason or "") if gone else None,
    )


def _title(record: ReleaseRecord) -> Text:
    made_up = (" (synthetic data)", "(合成演示数据)") if record.synthetic else ("", "")
    gone = (" (withdrawn)", "(已撤回)") if record.withdrawn_at is not None else ("", "")
    return Text(
        f"Stored cord blood units, release {record.number}{made_up[0]}{gone[0]}",
        f"脐带血库存,第{record.number}次发布{made_up[1]}{gone[1]}",
    )


def _description(record: ReleaseRecord) -> Text:
    en = (
        f"Anonymised inventory of stored umbilical cord blood: {record.unit_count:,} units of "
        f"{record.bank_count} banks. Every unit shares all its published values with at least "
        f"{record.k - 1} others. The release never changes."
    )
    zh = (
        f"脐带血库存匿名化数据:{record.bank_count}家脐血库的{record.unit_count:,}个单位。每个单位"
        f"至少与另外{record.k - 1}个单位的全部公开取值相同。本次发布永不更改。"
    )
    if record.synthetic:
        en += " The data are synthetic and describe no real unit."
        zh += "数据为合成数据,不对应任何真实单位。"
    if record.withdrawn_at is not None:
        en = f"Withdrawn on {record.withdrawn_at:%Y-%m-%d}: {record.withdrawn_reason} {en}"
        zh = f"已于{record.withdrawn_at:%Y-%m-%d}撤回:{record.withdrawn_reason}。{zh}"
    return Text(en, zh)


def _notes(record: ReleaseRecord) -> Text:
    if record.number == 1:
        return Text("The first release.", "首次发布。")
    added, removed = record.added_unit_count, record.withdrawn_unit_count
    return Text(
        f"Adds {added:,} units to release {record.number - 1} and leaves out {removed:,} of it.",
        f"较第{record.number - 1}次发布新增{added:,}个单位,移除{removed:,}个单位。",
    )


def _period(catalogue: Catalogue, release: int) -> YearRange | None:
    """Return the years from the earliest to the latest period that the release holds."""
    classes = catalogue.select(Selection(release))
    column = catalogue.classes.columns["period"]
    held = {column.values[code] for code in set(column.codes[classes.mask].tolist())}
    periods: list[YearRange] = [each for each in held if each is not None]
    if not periods:
        return None
    return YearRange(min(each.first for each in periods), max(each.last for each in periods))
