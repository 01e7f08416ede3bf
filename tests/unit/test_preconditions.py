"""Conditional requests, by RFC 9110, section 13."""

import datetime as dt
import hashlib

import pytest

from api.files.preconditions import evaluate, range_applies
from api.files.representation import Representation

_BYTES = b"0123456789"
_CHANGED = dt.datetime(2026, 11, 22, 10, 30, 15, 999_000, tzinfo=dt.UTC)
_FOUND = Representation("text/plain", len(_BYTES), hashlib.sha256(_BYTES).hexdigest(), _CHANGED)
_TAG = _FOUND.etag
_SAME, _BEFORE, _AFTER = (
    "Sun, 22 Nov 2026 10:30:15 GMT",
    "Sun, 22 Nov 2026 10:30:14 GMT",
    "Mon, 23 Nov 2026 10:30:15 GMT",
)


def test_what_is_said_of_bytes_follows_from_them() -> None:
    """Tag and digest are the hash, the one in hexadecimal and the other in Base64."""
    assert _TAG == '"sha256-84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"'
    assert _FOUND.digest == "sha-256=:hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=:"
    assert _FOUND.last_modified == _SAME


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"if-none-match": [_TAG]}, 304),
        ({"if-none-match": [f"W/{_TAG}"]}, 304),
        ({"if-none-match": ["*"]}, 304),
        ({"if-none-match": [f'"other", {_TAG}']}, 304),
        ({"if-none-match": ['"other"', _TAG]}, 304),
        ({"if-none-match": ['"other"']}, 200),
        ({"if-none-match": [_TAG.strip('"')]}, 200),
        ({"if-none-match": [""]}, 200),
        ({"if-none-match": ['"other"'], "if-modified-since": [_AFTER]}, 200),
        ({"if-none-match": [_TAG], "if-modified-since": [_BEFORE]}, 304),
        ({"if-modified-since": [_SAME]}, 304),
        ({"if-modified-since": [_AFTER]}, 304),
        ({"if-modified-since": [_BEFORE]}, 200),
        ({"if-modified-since": ["yesterday"]}, 200),
        ({"if-modified-since": ["Sun, 99 Nov 2026 99:99:99 GMT"]}, 200),
        ({"if-modified-since": [_SAME, _SAME]}, 200),
        ({"if-match": [_TAG]}, 200),
        ({"if-match": ["*"]}, 200),
        ({"if-match": [f"W/{_TAG}"]}, 412),
        ({"if-match": ['"other"']}, 412),
        ({"if-match": ['"other"'], "if-none-match": [_TAG]}, 412),
        ({"if-unmodified-since": [_SAME]}, 200),
        ({"if-unmodified-since": [_BEFORE]}, 412),
        ({"if-match": [_TAG], "if-unmodified-since": [_BEFORE]}, 200),
    ],
)
def test_conditions_are_weighed_in_order(fields: dict[str, list[str]], status: int) -> None:
    """Tags count above dates, and what cannot be read is no condition."""
    assert evaluate(fields, _FOUND) == status


@pytest.mark.parametrize(
    ("condition", "applies"),
    [
        ([], True),
        ([_TAG], True),
        ([_SAME], True),
        ([f"W/{_TAG}"], False),
        (['"other"'], False),
        ([_BEFORE], False),
        ([_AFTER], False),
        (["nonsense"], False),
        ([_TAG, _TAG], False),
    ],
)
def test_a_part_is_sent_of_the_same_bytes_only(condition: list[str], *, applies: bool) -> None:
    """A weak tag or another date has the whole sent, so that no two files are mixed."""
    assert range_applies({"if-range": condition} if condition else {}, _FOUND) is applies


def test_without_a_date_only_tags_count() -> None:
    """Documents that are made on demand have none."""
    undated = Representation("text/plain", len(_BYTES), _FOUND.sha256)
    assert undated.last_modified is None
    assert evaluate({"if-modified-since": [_AFTER]}, undated) == 200
    assert evaluate({"if-unmodified-since": [_BEFORE]}, undated) == 200
    assert not range_applies({"if-range": [_SAME]}, undated)
