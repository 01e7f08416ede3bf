"""Conditional requests (RFC 9110, section 13): whether the client has the bytes already."""

import datetime as dt
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

from api.files.representation import Representation

Fields = Mapping[str, Sequence[str]]
"""Values of header fields by their name in lower case."""

OK, NOT_MODIFIED, PRECONDITION_FAILED = 200, 304, 412
_MOST_TAGS = 100
"""Tags of a list that are looked at; a client has one or two."""


def evaluate(fields: Fields, found: Representation) -> int:
    """Return 200, 304 or 412: what the conditions of a GET or HEAD come to.

    The order is that of RFC 9110, section 13.2.2; ``If-Range`` is the business of ranges. A tag
    counts above a date, and a date that cannot be read is no condition.

    Args:
        fields: Header fields of the request.
        found: What would be sent.
    """
    if "if-match" in fields:
        if not _is_named(fields["if-match"], found.etag, weakly=False):
            return PRECONDITION_FAILED
    elif _is_newer(found, _date(fields, "if-unmodified-since")):
        return PRECONDITION_FAILED
    if "if-none-match" in fields:
        return NOT_MODIFIED if _is_named(fields["if-none-match"], found.etag, weakly=True) else OK
    since = _date(fields, "if-modified-since")
    if since is not None and found.changed is not None and not _is_newer(found, since):
        return NOT_MODIFIED
    return OK


def range_applies(fields: Fields, found: Representation) -> bool:
    """Tell whether ``If-Range`` lets a part be sent: strong tags and exact dates only."""
    lines = fields.get("if-range")
    if not lines:
        return True
    condition = lines[0].strip()
    if len(lines) > 1:
        return False
    if condition.startswith(('"', "W/")):
        return condition == found.etag
    date = _date(fields, "if-range")
    return date is not None and date == _to_the_second(found.changed)


def _is_named(lines: Sequence[str], tag: str, *, weakly: bool) -> bool:
    if [line.strip() for line in lines] == ["*"]:
        return True
    for line in lines:
        for each in line.split(",", _MOST_TAGS)[:_MOST_TAGS]:
            named = each.strip()
            if named == tag or (weakly and named == f"W/{tag}"):
                return True
    return False


def _is_newer(found: Representation, since: dt.datetime | None) -> bool:
    changed = _to_the_second(found.changed)
    return since is not None and changed is not None and changed > since


def _date(fields: Fields, name: str) -> dt.datetime | None:
    lines = fields.get(name, ())
    if len(lines) != 1:
        return None
    try:
        date = parsedate_to_datetime(lines[0])
    except (TypeError, ValueError, OverflowError):
        return None
    return date.replace(tzinfo=dt.UTC) if date.tzinfo is None else date


def _to_the_second(moment: dt.datetime | None) -> dt.datetime | None:
    """Return a time as a header field says it."""
    return None if moment is None else moment.replace(microsecond=0)
