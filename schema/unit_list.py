"""Opens a list of units for the fields that have one: the root's, a release's and a bank's."""

from typing import TYPE_CHECKING

from schema.paging import page_request
from schema.types.unit_filter import UnitFilter, selection
from schema.types.unit_order import UnitOrder

if TYPE_CHECKING:
    from schema.types.unit_connection import UnitConnection

Paging = tuple[int | None, str | None, int | None, str | None]
"""The arguments first, after, last and before."""


def unit_list(
    release: int,
    conditions: UnitFilter | None,
    order: UnitOrder,
    paging: Paging,
    bank: str | None = None,
) -> "UnitConnection":
    """Return the units of ``release`` that meet ``conditions``; nothing is read yet.

    Raises:
        ContractError: an argument is invalid.
    """
    # Banks and releases have units, and units have a bank and a release.
    from schema.types.unit_connection import UnitConnection  # noqa: PLC0415

    scope = f"units@{release}/{order.name}"
    return UnitConnection(
        release_number=release,
        scope=scope,
        selection=selection(release, conditions, bank),
        order=order,
        request=page_request(scope, *paging),
    )
