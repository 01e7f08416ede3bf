"""The cursor of a unit in a list of which the unit alone is known."""

from typing import Any

from graphql import Executor, FieldNode, get_argument_values

from schema.context import Context
from schema.errors import Code, ContractError, quoted
from schema.types.unit_order import UnitOrder
from schema.unit_list import unit_list

_WHOLE = (None, None, None, None)


async def cursor_of(context: Context, executor: Executor[Any], unit: str) -> str:
    """Return the cursor of a unit in the list ``units`` that an operation selects at its root.

    Args:
        context: The request; nothing of it was read yet.
        executor: Is about to execute the operation, whose first field is the list.
        unit: Id of the unit.

    Raises:
        ContractError: INVALID_CURSOR: the release does not hold the unit; or the release is
            unknown or withdrawn.
    """
    root = executor.schema.query_type
    (node,) = executor.operation.selection_set.selections
    assert root is not None and isinstance(node, FieldNode)  # noqa: PT018, S101 - for mypy
    values = get_argument_values(root.fields["units"], node, executor.variable_values)
    release = context.release(values.get("release")).number
    units = unit_list(release, None, UnitOrder[values["orderBy"].name], _WHOLE)
    found = await units.cursor_of(context, unit)
    if found is None:
        raise ContractError(
            Code.INVALID_CURSOR, f"Release {release} holds no unit {quoted(unit)} to go on after."
        )
    return found
