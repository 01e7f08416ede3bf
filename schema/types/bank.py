"""Cord blood banks."""

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from domain.identifiers import bank_id
from loaders.banks import BankRecord
from loaders.catalogue import Catalogue
from loaders.request import Store
from schema.arguments import After, Before, First, LanguageArgument, Last
from schema.context import Info
from schema.lasting import lasting
from schema.lifetime import lifetime
from schema.types.language import Language
from schema.types.node import Node
from schema.types.region import Region
from schema.types.source import Source, sources
from schema.types.unit_filter import UnitFilterArgument
from schema.types.unit_order import (
    EarlyUnitOrder,
    EarlyUnitOrderArgument,
    UnitOrder,
    UnitOrderArgument,
    order_of,
)
from schema.unit_list import unit_list
from schema.weights import SOURCES, UNITS

if TYPE_CHECKING:
    from schema.types.unit_connection import UnitConnection

UnitConnectionType = Annotated["UnitConnection", strawberry.lazy("schema.types.unit_connection")]


@lasting
@strawberry.type(description="A licensed cord blood bank.")
class Bank(Node):
    """A bank as one release knew it."""

    record: strawberry.Private[BankRecord]

    code: str = strawberry.field(description='Short code of the bank, for instance "BJ".')
    city: str = strawberry.field(description="City of the bank.")
    region_code: str = strawberry.field(description='Region in ISO 3166-2, for instance "CN-BJ".')
    region: Region | None = strawberry.field(
        description="Part of the nation whose tables the bank counts for; null where it counts for "
        "those of the nation only.",
        metadata=lifetime(since="2027-01"),
    )
    licence_year: int | None = strawberry.field(
        description="Year of the bank's licence; null where no source was verified."
    )
    operator: str | None = strawberry.field(
        description="Organisation that runs the bank; null where no source was verified."
    )

    @strawberry.field(description="Name of the bank.")
    def name(self, language: LanguageArgument = Language.EN) -> str:
        """Pick the name in a language."""
        return self.record.name_zh if language is Language.ZH else self.record.name_en

    @strawberry.field(description="Where the facts about the bank come from.", directives=SOURCES)
    def sources(self) -> list[Source]:
        """Return the sources in stored order."""
        return sources(self.record.sources)

    @strawberry.field(description="Units of this bank in the release that the bank was read from.")
    def unit_count(self, info: Info) -> int:
        """Sum the bank's batch classes."""
        return info.context.catalogue.units_of_bank(self.record.release, self.code)

    @strawberry.field(
        description="The units of this bank in the release that the bank was read from.",
        directives=UNITS,
    )
    def units(
        self,
        filter: UnitFilterArgument = None,  # noqa: A002 - the name in the contract
        order_by: EarlyUnitOrderArgument = EarlyUnitOrder.ID,
        order: UnitOrderArgument = UnitOrder.ID,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> UnitConnectionType | None:
        """Select the bank's units."""
        paging = (first, after, last, before)
        chosen = order_of(order_by, order)
        return unit_list(self.record.release, filter, chosen, paging, bank=self.code)

    @classmethod
    def coded(cls, catalogue: Catalogue, release: int, code: str) -> Self | None:
        """Return the bank ``code`` as ``release`` knows it, or ``None``."""
        record = catalogue.banks(release).get(code)
        return None if record is None else catalogue.made_of(cls.of, record)

    @classmethod
    def of(cls, record: BankRecord) -> Self:
        """Return the bank of a record."""
        return cls(
            id=strawberry.ID(bank_id(record.code)),
            record=record,
            code=record.code,
            city=record.city,
            region_code=record.region_code,
            region=None if record.region is None else Region(record.region),
            licence_year=record.licence_year,
            operator=record.operator,
        )


def banks_by_code(store: Store, keys: list[tuple[int, str]]) -> list[Bank | None]:
    """Return the bank of each (release, code), or ``None`` where the release knows no such bank."""
    return [Bank.coded(store.catalogue, release, code) for release, code in keys]
