"""The root of the schema."""

import re
from typing import Annotated, cast

import strawberry

from domain.cell_dose import MINIMUM_TNC_PER_KG
from schema.arguments import After, Before, First, Last, ReleaseArgument
from schema.context import Info
from schema.errors import Code, ContractError, quoted
from schema.lifetime import lifetime
from schema.limits import LIMITS
from schema.lookup import look_up, look_up_all, look_up_unit
from schema.paging import page_request
from schema.types.bank import Bank
from schema.types.bank_connection import BankConnection
from schema.types.cell_dose import DoseCounts
from schema.types.cell_dose_filter import Cd34Argument, TncArgument, WeightArgument, dose_of
from schema.types.hla_frequency import HlaFrequencyTable, HlaLocus, most_tables
from schema.types.indication import Indication, IndicationGroup
from schema.types.indication_connection import IndicationConnection
from schema.types.match_estimate import (
    TWO_GROUPS,
    MatchEstimate,
    match_estimate,
    patient_of,
)
from schema.types.node import Node
from schema.types.region import Region as NationRegion
from schema.types.release import Release
from schema.types.release_connection import ReleaseConnection
from schema.types.service import Service
from schema.types.unit import CordBloodUnit
from schema.types.unit_connection import UnitConnection
from schema.types.unit_filter import UnitFilterArgument, selection
from schema.types.unit_order import (
    EarlyUnitOrder,
    EarlyUnitOrderArgument,
    UnitOrder,
    UnitOrderArgument,
    order_of,
)
from schema.unit_list import unit_list
from schema.weights import (
    BY_IDS,
    CELL_DOSE,
    HLA_TABLES,
    MATCH_ESTIMATE,
    MEASURE,
    PAGED,
    UNITS,
)

BankCode = Annotated[str, strawberry.argument(description='Code of the bank, such as "BJ".')]
Region = Annotated[
    str | None,
    strawberry.argument(
        description='Only banks of this region, in ISO 3166-2, such as "CN-BJ".',
        metadata=lifetime(since="2027-01"),
    ),
]
LocusArgument = Annotated[
    HlaLocus | None, strawberry.argument(description="Only the tables of this locus.")
]
RegionArgument = Annotated[
    NationRegion | None,
    strawberry.argument(
        description="Only the tables of this region. Default: of all regions that have any."
    ),
]
IndicationCode = Annotated[
    str, strawberry.argument(description='Code of the indication, such as "AML".')
]
Group = Annotated[
    IndicationGroup | None, strawberry.argument(description="Only indications of this group.")
]
Search = Annotated[
    str | None,
    strawberry.argument(
        description="Only indications with this text in a name or code, in either language, "
        f"ignoring case; at most {LIMITS.max_search_length} characters."
    ),
]
NodeId = Annotated[strawberry.ID, strawberry.argument(description="Id of the object.")]
UnitId = Annotated[
    strawberry.ID, strawberry.argument(description="Id of the unit: cbu_ and 20 hex digits.")
]
NodeIds = Annotated[
    list[strawberry.ID],
    strawberry.argument(description=f"Ids of the objects, at most {LIMITS.max_ids}."),
]
Number = Annotated[
    int | None,
    strawberry.argument(
        description="Number of the release. Default: the request's ?release=N, else the latest. "
        "An unknown or withdrawn release is an error."
    ),
]

GroupsOfA = Annotated[list[str], strawberry.argument(description=TWO_GROUPS.format("A", "A*11"))]
GroupsOfB = Annotated[list[str], strawberry.argument(description=TWO_GROUPS.format("B", "B*46"))]
GroupsOfDrb1 = Annotated[
    list[str], strawberry.argument(description=TWO_GROUPS.format("DRB1", "DRB1*09"))
]
PartArgument = Annotated[
    NationRegion, strawberry.argument(description="The region whose units are meant.")
]

_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.ASCII)


@strawberry.type(
    description="Open data on stored cord blood. Data come from numbered releases that never "
    "change."
)
class Query:
    """The fields of the root."""

    @strawberry.field(description="Any object by its id; null where the release has none.")
    async def node(self, info: Info, id: NodeId, release: ReleaseArgument = None) -> Node | None:  # noqa: A002 - the name in the contract
        """Look up one id."""
        return await look_up(info.context, id, release)

    @strawberry.field(
        description="Objects by their ids, in the order of the ids; null where the release has "
        "none.",
        directives=[BY_IDS],
    )
    async def nodes(
        self, info: Info, ids: NodeIds, release: ReleaseArgument = None
    ) -> list[Node | None] | None:
        """Look up many ids."""
        if len(ids) > LIMITS.max_ids:
            raise ContractError(
                Code.LIMIT_EXCEEDED,
                f'Argument "ids" has {len(ids)} entries; at most {LIMITS.max_ids} are allowed. '
                "Ask in several requests.",
            )
        # An exception in the list becomes an error at its place and leaves the others.
        return cast("list[Node | None]", await look_up_all(info.context, ids, release))

    @strawberry.field(description="Versions of the schema and limits of the service. Live.")
    def service(self, info: Info) -> Service | None:
        """Describe the service."""
        info.context.live = True
        return Service()

    @strawberry.field(description="One release of the data.")
    def release(self, info: Info, number: Number = None) -> Release | None:
        """Look up a release."""
        return Release.of(info.context.release(number))

    @strawberry.field(
        description="All releases of the data, oldest first, withdrawn ones included. Live: the "
        "list grows.",
        directives=[PAGED],
    )
    def releases(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ReleaseConnection | None:
        """List releases."""
        info.context.live = True
        request = page_request("releases", first, after, last, before)
        listed = [Release.of(record) for record in info.context.catalogue.releases.records]
        return ReleaseConnection.cut("releases", listed, request)

    @strawberry.field(description="One bank; null where the release knows no such code.")
    def bank(self, info: Info, code: BankCode, release: ReleaseArgument = None) -> Bank | None:
        """Look up a bank."""
        return Bank.coded(info.context.catalogue, info.context.release(release).number, code)

    @strawberry.field(description="The licensed banks, ordered by code.", directives=[PAGED])
    def banks(
        self,
        info: Info,
        release: ReleaseArgument = None,
        region: Region = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> BankConnection | None:
        """List banks."""
        if region is not None and not _REGION.fullmatch(region):
            raise ContractError(
                Code.INVALID_ARGUMENT,
                f'Argument "region": {quoted(region)} is not a region. Regions are codes of ISO '
                '3166-2, such as "CN-BJ".',
            )
        number = info.context.release(release).number
        request = page_request(f"banks@{number}", first, after, last, before)
        banks = [
            Bank.of(record)
            for record in info.context.catalogue.banks(number).values()
            if region is None or record.region_code == region
        ]
        return BankConnection.cut(f"banks@{number}", banks, request)

    @strawberry.field(description="One indication; null where the release knows no such code.")
    def indication(
        self, info: Info, code: IndicationCode, release: ReleaseArgument = None
    ) -> Indication | None:
        """Look up an indication."""
        return Indication.coded(info.context, info.context.release(release).number, code)

    @strawberry.field(
        description="Diseases that are treated by transplanting blood stem cells, ordered by code.",
        directives=[PAGED],
    )
    def indications(
        self,
        info: Info,
        release: ReleaseArgument = None,
        group: Group = None,
        search: Search = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> IndicationConnection | None:
        """List indications."""
        if search is not None and len(search) > LIMITS.max_search_length:
            raise ContractError(
                Code.INVALID_ARGUMENT,
                f'Argument "search" has {len(search)} characters; at most '
                f"{LIMITS.max_search_length} are allowed.",
            )
        number = info.context.release(release).number
        request = page_request(f"indications@{number}", first, after, last, before)
        found = [
            Indication.of(record)
            for record in info.context.catalogue.indications(number).values()
            if (group is None or record.indication_group == group.name)
            and (search is None or record.mentions(search))
        ]
        return IndicationConnection.cut(f"indications@{number}", found, request)

    @strawberry.field(
        description="HLA frequencies of a release, over its published units: a table for each "
        "locus and region that has enough, in the order of these enums. Empty where a release has "
        "none.",
        directives=HLA_TABLES,
        metadata={**lifetime(since="2027-01"), MEASURE: most_tables},
    )
    def hla_frequencies(
        self,
        info: Info,
        release: ReleaseArgument = None,
        locus: LocusArgument = None,
        region: RegionArgument = None,
    ) -> list[HlaFrequencyTable] | None:
        """Select tables."""
        number = info.context.release(release).number
        return [
            HlaFrequencyTable.of(table)
            for table in info.context.catalogue.hla_tables(number)
            if (locus is None or table.record.locus == locus.name)
            and (region is None or table.record.region == region.name)
        ]

    @strawberry.field(description="One unit; null where the release does not hold it.")
    async def unit(
        self,
        info: Info,
        id: UnitId,  # noqa: A002 - the name in the contract
        release: ReleaseArgument = None,
    ) -> CordBloodUnit | None:
        """Look up a unit."""
        return await look_up_unit(info.context, id, release)

    @strawberry.field(description="Units of a release.", directives=UNITS)
    def units(
        self,
        info: Info,
        release: ReleaseArgument = None,
        filter: UnitFilterArgument = None,  # noqa: A002 - the name in the contract
        order_by: EarlyUnitOrderArgument = EarlyUnitOrder.ID,
        order: UnitOrderArgument = UnitOrder.ID,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> UnitConnection | None:
        """Select units."""
        number = info.context.release(release).number
        paging = (first, after, last, before)
        return unit_list(number, filter, order_of(order_by, order), paging)

    @strawberry.field(
        description="How many units of a release reach a dose of cells for a recipient. No medical "
        "advice. Lists of units have the same field.",
        directives=CELL_DOSE,
        metadata=lifetime(since="2027-01"),
    )
    def cell_dose(
        self,
        info: Info,
        weight_kg: WeightArgument,
        minimum_tnc_per_kg: TncArgument = MINIMUM_TNC_PER_KG,
        minimum_cd34_per_kg: Cd34Argument = None,
        release: ReleaseArgument = None,
        filter: UnitFilterArgument = None,  # noqa: A002 - the name in the contract
    ) -> DoseCounts | None:
        """Sum the selected batch classes by whether they reach it."""
        dose = dose_of(weight_kg, minimum_tnc_per_kg, minimum_cd34_per_kg)
        number = info.context.release(release).number
        classes = info.context.catalogue.select(selection(number, filter))
        return DoseCounts.of(number, classes, dose)

    @strawberry.field(
        description="About how many units of a release match a patient at HLA-A, -B and -DRB1, "
        "from the published frequency tables alone; null where the release has none of these loci "
        "for the region. No existing unit is looked at. No medical advice.",
        directives=MATCH_ESTIMATE,
        metadata=lifetime(since="2027-01"),
    )
    def match_estimate(
        self,
        info: Info,
        a: GroupsOfA,
        b: GroupsOfB,
        drb1: GroupsOfDrb1,
        region: PartArgument = NationRegion.NATION,
        release: ReleaseArgument = None,
    ) -> MatchEstimate | None:
        """Compute bands."""
        patient = patient_of(a, b, drb1)
        number = info.context.release(release).number
        return match_estimate(info.context.catalogue, number, region, patient)
