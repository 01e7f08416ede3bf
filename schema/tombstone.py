"""What remains to be said of a release that was withdrawn."""

import datetime as dt

from loaders.releases import ReleaseRecord
from schema.errors import Code, ContractError, quoted

_LONGEST_QUOTE = 180
"""Characters of the reason in the message, which is short; all of it is in the extensions."""


def tombstone(record: ReleaseRecord) -> ContractError | None:
    """Return why ``record`` can no longer be read, with its public reason; ``None`` if it can."""
    if record.withdrawn_at is None:
        return None
    reason = record.withdrawn_reason
    why = "" if reason is None else f": {quoted(reason, _LONGEST_QUOTE)}"
    error = ContractError(
        Code.RELEASE_WITHDRAWN,
        f"Release {record.number} was withdrawn on {record.withdrawn_at:%Y-%m-%d}{why}. "
        'The field "releases" lists the others.',
    )
    error.extensions = {
        **(error.extensions or {}),
        "release": record.number,
        "withdrawnAt": record.withdrawn_at.astimezone(dt.UTC).isoformat(),
        "reason": reason,
    }
    return error
