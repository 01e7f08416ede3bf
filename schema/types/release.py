"""Data releases."""

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from domain.identifiers import release_id
from loaders.catalogue import Catalogue
from loaders.releases import ReleaseRecord
from loaders.request import Store
from schema.activity_list import activity_list
from schema.arguments import After, Before, First, LanguageArgument, Last
from schema.context import Info
from schema.lifetime import lifetime
from schema.types.activity_filter import ActivityFilter, ActivityRegion, FromYear, ToYear
from schema.types.anonymity import Anonymity
from schema.types.indication import IndicationGroup
from schema.types.language import Language
from schema.types.licence import Licence
from schema.types.node import Node
from schema.types.release_file import ReleaseFile
from schema.types.unit_filter import UnitFilterArgument
from schema.types.unit_order import (
    EarlyUnitOrder,
    EarlyUnitOrderArgument,
    UnitOrder,
    UnitOrderArgument,
    order_of,
)
from schema.unit_list import unit_list
from schema.weights import FILES, PAGED, UNITS

if TYPE_CHECKING:
    from schema.types.activity_connection import ActivityConnection
    from schema.types.unit_connection import UnitConnection

ActivityGroup = Annotated[
    IndicationGroup | None,
    strawberry.argument(description="Only cells of which all indications are of this group."),
]


@strawberry.enum(description="Where a release stands.")
class ReleaseState(Enum):
    """Changes with later releases, unlike everything else about a release."""

    PUBLISHED = strawberry.enum_value("PUBLISHED", description="The latest release.")
    SUPERSEDED = strawberry.enum_value(
        "SUPERSEDED", description="A later release exists; this one can still be read."
    )
    WITHDRAWN = strawberry.enum_value(
        "WITHDRAWN", description="Taken back; its units can no longer be read."
    )


@strawberry.type(
    description="A numbered, immutable release of the data. Releases are cumulative: each adds a "
    "batch of units to the one before."
)
class Release(Node):
    """One release."""

    record: strawberry.Private[ReleaseRecord]

    number: int = strawberry.field(description="Number of the release, counted from 1.")
    published_at: dt.datetime = strawberry.field(description="When the release was published.")
    synthetic: bool = strawberry.field(
        description="Whether the release holds made-up demonstration data or was published under "
        "the relaxed rules for such data."
    )
    licence: str = strawberry.field(
        description="Licence of the data, as an SPDX identifier.",
        metadata=lifetime(until="2027-01", replacement="licence { spdx }"),
    )
    unit_count: int = strawberry.field(description="Units in the release.")
    added_unit_count: int = strawberry.field(description="Units that the release added.")
    withdrawn_unit_count: int = strawberry.field(
        description="Units of earlier releases that the release no longer holds."
    )
    bank_count: int = strawberry.field(description="Banks that have units in the release.")
    digest: str = strawberry.field(
        description="SHA-256 of the release's content, in hexadecimal; anybody can compute it "
        "from the units."
    )

    @strawberry.field(
        name="licence",
        description="Licence of the data.",
        metadata=lifetime(since="2027-01"),
    )
    def licence_terms(self) -> Licence:
        """Look up what is known of the licence."""
        return Licence.of(self.licence)

    @strawberry.field(description="Title of the release.")
    def title(self, language: LanguageArgument = Language.EN) -> str:
        """Name the number, and say when the data are made up."""
        if language is Language.ZH:
            return f"第{self.number}次发布" + ("(合成演示数据)" if self.synthetic else "")
        return f"Release {self.number}" + (" (synthetic data)" if self.synthetic else "")

    @strawberry.field(
        description="Where the release stands now. A live field: its value changes with time."
    )
    def state(self, info: Info) -> ReleaseState:
        """Compare with the latest release."""
        info.context.live = True
        if self.record.withdrawn_at is not None:
            return ReleaseState.WITHDRAWN
        is_latest = self.record is info.context.catalogue.releases.latest
        return ReleaseState.PUBLISHED if is_latest else ReleaseState.SUPERSEDED

    @strawberry.field(
        description="Why the release was withdrawn; null while it is not. A live field.",
        metadata=lifetime(since="2027-01"),
    )
    def withdrawn_reason(self, info: Info) -> str | None:
        """Show the public reason."""
        info.context.live = True
        return self.record.withdrawn_reason

    @strawberry.field(description="What protects the people behind the release's units.")
    def anonymity(self) -> Anonymity:
        """Describe the release's scheme and classes."""
        return Anonymity.of(self.record)

    @strawberry.field(description="Files of the release, ordered by path.", directives=FILES)
    def files(self, info: Info) -> list[ReleaseFile]:
        """Look up the files."""
        return [ReleaseFile.of(record) for record in info.context.catalogue.files(self.number)]

    @strawberry.field(description="The release before this one; null for the first.")
    def previous(self, info: Info) -> Annotated["Release", strawberry.lazy(__name__)] | None:
        """Look up the number before."""
        record = info.context.catalogue.releases.get(self.number - 1)
        return None if record is None else Release.of(record)

    @strawberry.field(
        description="Transplants: units that banks released, by indication, year and region, as of "
        "this release.",
        directives=[PAGED],
        metadata=lifetime(since="2027-01"),
    )
    def activity(
        self,
        info: Info,
        group: ActivityGroup = None,
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
        """Select cells, unless the release is withdrawn."""
        info.context.release(self.number)
        conditions = ActivityFilter(from_year, to_year, region)
        paging = (first, after, last, before)
        return activity_list(info.context, self.number, conditions, paging, group)

    @strawberry.field(description="The units of this release.", directives=UNITS)
    def units(
        self,
        info: Info,
        filter: UnitFilterArgument = None,  # noqa: A002 - the name in the contract
        order_by: EarlyUnitOrderArgument = EarlyUnitOrder.ID,
        order: UnitOrderArgument = UnitOrder.ID,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated["UnitConnection", strawberry.lazy("schema.types.unit_connection")] | None:
        """Select units, unless the release is withdrawn."""
        info.context.release(self.number)
        paging = (first, after, last, before)
        return unit_list(self.number, filter, order_of(order_by, order), paging)

    @classmethod
    def of(cls, record: ReleaseRecord) -> Self:
        """Return the release of a record."""
        return cls(
            id=strawberry.ID(release_id(record.number)),
            record=record,
            number=record.number,
            published_at=record.published_at,
            synthetic=record.synthetic,
            licence=record.licence,
            unit_count=record.unit_count,
            added_unit_count=record.added_unit_count,
            withdrawn_unit_count=record.withdrawn_unit_count,
            bank_count=record.bank_count,
            digest=record.digest,
        )

    @classmethod
    def numbered(cls, catalogue: Catalogue, number: int) -> Self:
        """Return release ``number``, which exists, withdrawn or not."""
        record = catalogue.releases.get(number)
        if record is None:  # a foreign key holds it
            raise LookupError(f"release {number} is missing")
        return cls.of(record)


def releases_by_number(store: Store, numbers: list[int]) -> list[Release]:
    """Return the release of each number, all of which exist."""
    return [Release.numbered(store.catalogue, number) for number in numbers]
