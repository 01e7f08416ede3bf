"""Opens a list of counts of transplants for the fields that have one: a release, an indication."""

from typing import TYPE_CHECKING

from schema.context import Context
from schema.paging import page_request
from schema.types.activity_filter import ActivityFilter
from schema.unit_list import Paging

if TYPE_CHECKING:
    from schema.types.activity_connection import ActivityConnection
    from schema.types.indication import IndicationGroup


def activity_list(
    context: Context,
    release: int,
    conditions: ActivityFilter,
    paging: Paging,
    group: "IndicationGroup | None" = None,
) -> "ActivityConnection":
    """Return a page of the cells of ``release`` that meet ``conditions``.

    Args:
        context: The request.
        release: Number of a release that can be read.
        conditions: Years, region and indication.
        paging: The arguments first, after, last and before.
        group: Only cells of which all indications are of this group, if given.

    Raises:
        ContractError: An argument is invalid.
    """
    # Releases and indications have activity, and its cells have a release and indications.
    from schema.types.activity import group_of  # noqa: PLC0415
    from schema.types.activity_connection import ActivityConnection  # noqa: PLC0415

    scope = f"activity@{release}"
    reached = [
        record
        for record in context.catalogue.activity(release)
        if conditions.reaches(record)
        and (group is None or group_of(context, record, release) is group)
    ]
    records = [record for record in reached if conditions.allows(record)]
    partial = len(reached) - len(records)
    return ActivityConnection.cut(scope, release, records, partial, page_request(scope, *paging))
