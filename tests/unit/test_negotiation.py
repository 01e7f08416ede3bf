"""Which media type an Accept header asks for."""

import pytest

from api.negotiation import MediaType, is_json, preferred

_OFFERED = (MediaType.JSON, MediaType.GRAPHQL)
_GRAPHQL = "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, MediaType.JSON),
        ("", MediaType.JSON),
        ("*/*", MediaType.JSON),
        ("application/*", MediaType.JSON),
        ("application/json", MediaType.JSON),
        ("Application/JSON; charset=UTF-8", MediaType.JSON),
        (_GRAPHQL, MediaType.GRAPHQL),
        (f"{_GRAPHQL}, application/json", MediaType.GRAPHQL),
        (f"application/json, {_GRAPHQL}", MediaType.JSON),
        (f"application/json;q=0.8, {_GRAPHQL};q=0.9", MediaType.GRAPHQL),
        (f"application/json;q=0.8, {_GRAPHQL};q=0.7", MediaType.JSON),
        (f"*/*, {_GRAPHQL}", MediaType.GRAPHQL),
        (f"*/*;q=0.1, {_GRAPHQL};q=0", MediaType.JSON),
        ("application/json;q=0, */*", MediaType.GRAPHQL),
        (f"text/event-stream, {_GRAPHQL};q=0.2", MediaType.GRAPHQL),
        ("application/json;q=x, */*;q=0.1", MediaType.GRAPHQL),
        ("image/png", None),
        ("application/json;q=0", None),
        ("application/json; charset=latin-1", None),
        (",;,=;q", None),
        ("a/b," * 10_000 + _GRAPHQL, None),
    ],
)
def test_the_greatest_quality_wins(accept: str | None, expected: MediaType | None) -> None:
    """Quality decides, then the exact name, then the client's order, then ours."""
    assert preferred(accept, _OFFERED) is expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ('APPLICATION/JSON;charset="UTF-8"', True),
        ("application/json; charset=utf-16", False),
        ("application/jsonx", False),
        ("text/plain", False),
        ("application/json, text/plain", False),
        ("", False),
        (None, False),
    ],
)
def test_only_json_in_utf8_is_json(content_type: str | None, expected: bool) -> None:
    """A request's body is JSON in UTF-8 or nothing."""
    assert is_json(content_type) is expected
