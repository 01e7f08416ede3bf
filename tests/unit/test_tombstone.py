"""What is said of a release that was withdrawn."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any

from loaders.releases import ReleaseRecord
from schema.errors import Code
from schema.tombstone import tombstone

_NOTHING: dict[str, Any] = {field.name: None for field in fields(ReleaseRecord)}
_READABLE = ReleaseRecord(**{**_NOTHING, "number": 7})
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def _withdrawn(reason: str) -> ReleaseRecord:
    day = dt.datetime(2026, 12, 1, 9, 30, tzinfo=_SHANGHAI)
    return replace(_READABLE, withdrawn_at=day, withdrawn_reason=reason)


def test_a_release_that_can_be_read_has_no_tombstone() -> None:
    """Nothing is said of it."""
    assert tombstone(_READABLE) is None


def test_a_tombstone_quotes_the_public_reason() -> None:
    """The message says number, day and reason; programs find the same in the extensions."""
    gone = tombstone(_withdrawn("Cell counts were wrong."))
    assert gone is not None
    assert gone.code is Code.RELEASE_WITHDRAWN
    assert gone.message == (
        'Release 7 was withdrawn on 2026-12-01: "Cell counts were wrong.". '
        'The field "releases" lists the others.'
    )
    assert gone.extensions == {
        "code": "RELEASE_WITHDRAWN",
        "release": 7,
        "withdrawnAt": "2026-12-01T01:30:00+00:00",
        "reason": "Cell counts were wrong.",
    }


def test_a_long_reason_is_whole_in_the_extensions() -> None:
    """A message has at most 300 characters, and still says where the other releases are."""
    reason = "x" * 300
    gone = tombstone(_withdrawn(reason))
    assert gone is not None
    assert gone.extensions is not None
    assert gone.extensions["reason"] == reason
    assert gone.message.endswith('xxx…". The field "releases" lists the others.')
    assert len(gone.message) <= 300
