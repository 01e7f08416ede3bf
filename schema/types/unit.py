"""Cord blood units."""

import strawberry

from loaders.published_classes import PublishedClassRecord
from schema.context import Info
from schema.types.abo_group import AboGroup
from schema.types.bands import CellBand, VolumeBand
from schema.types.bank import Bank
from schema.types.node import Node
from schema.types.processing import ProcessingMethod
from schema.types.published_values import PublishedValues
from schema.types.release import Release
from schema.types.year_range import YearRange


@strawberry.type(
    description="A stored unit of umbilical cord blood. Its values were published once and never "
    "change; at least ten other units of the same batch share all of them. A null value is not "
    "published under the unit's scheme (see Release.anonymity.levels)."
)
class CordBloodUnit(Node):
    """A published unit, as read by one release."""

    release: strawberry.Private[int]
    bank_code: strawberry.Private[str | None]
    added: strawberry.Private[int]

    collection_period: YearRange | None = strawberry.field(
        description="The years in which the unit may have been collected."
    )
    abo_group: AboGroup | None = strawberry.field(description="ABO blood group.")
    tnc: CellBand | None = strawberry.field(
        description="Total nucleated cells of the frozen unit, in 10^8."
    )
    cd34: CellBand | None = strawberry.field(
        description="CD34+ cells (blood stem cells) of the frozen unit, in 10^6."
    )
    volume: VolumeBand | None = strawberry.field(
        description="Volume collected, in millilitres, before processing."
    )
    processing: ProcessingMethod | None = strawberry.field(
        description="How the unit was reduced before it was frozen."
    )

    @strawberry.field(description="The bank that stores the unit.")
    async def bank(self, info: Info) -> Bank | None:
        """Load the bank."""
        if self.bank_code is None:
            return None
        return await Bank.coded(info.context, self.release, self.bank_code)

    @strawberry.field(description="The release that published the unit first.")
    async def added_in(self, info: Info) -> Release:
        """Load the release of the unit's batch."""
        return await Release.numbered(info.context, self.added)

    @classmethod
    def of(
        cls, id_: str, release: int, record: PublishedClassRecord, values: PublishedValues
    ) -> "CordBloodUnit":
        """Return the unit ``id_`` of a class, as read by ``release``."""
        return cls(
            id=strawberry.ID(id_),
            release=release,
            bank_code=record.bank,
            added=record.added,
            collection_period=values.period,
            abo_group=values.abo,
            tnc=values.tnc,
            cd34=values.cd34,
            volume=values.volume,
            processing=values.processing,
        )
