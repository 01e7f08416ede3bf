"""Which media type a client wants (RFC 9110, section 12.5.1) and which one it sent."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

_MOST_RANGES = 40
_USUAL = ("application/json", "application/json; charset=utf-8")


class MediaType(StrEnum):
    """The media types that the service speaks."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"
    HTML = "text/html"
    PROBLEM = "application/problem+json"
    NDJSON = "application/x-ndjson"
    JSONL = "application/jsonl"
    CSV = "text/csv"
    TURTLE = "text/turtle"
    JSON_LD = "application/ld+json"
    RDF_XML = "application/rdf+xml"

    __hash__ = str.__hash__  # an enum's own is many times slower


def preferred(accept: str | None, offered: Sequence[MediaType]) -> MediaType | None:
    """Return the one of ``offered`` that the header ``Accept`` asks for, or ``None``.

    The greatest quality wins, then what is named over what a wildcard matches, then the
    client's order. Among types that only a wildcard matches the first of ``offered`` wins, and
    so it does without a header.
    """
    if not (accept or "").strip():
        return offered[0]
    ranges = list(_ranges(accept or ""))
    best: tuple[float, int, int] | None = None
    chosen = None
    for media_type in offered:
        rank = _rank(media_type, ranges)
        if rank and rank[0] > 0 and (best is None or rank > best):
            best, chosen = rank, media_type
    return chosen


def is_json(content_type: str | None) -> bool:
    """Tell whether a request's ``Content-Type`` is JSON in UTF-8."""
    if content_type in _USUAL:
        return True
    name, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    return name == MediaType.JSON and all(_is_utf8(parameter) for parameter in parameters)


def _rank(media_type: MediaType, ranges: list[tuple[str, float]]) -> tuple[float, int, int] | None:
    """Return (quality, specificity, earliness) by the most specific range that matches."""
    main = media_type.partition("/")[0]
    for specificity, wanted in ((2, str(media_type)), (1, f"{main}/*"), (0, "*/*")):
        for place, (name, quality) in enumerate(ranges):
            if name == wanted:
                return quality, specificity, -place
    return None


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(",", _MOST_RANGES)[:_MOST_RANGES]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = _quality(parameter[2:])
        if all(_is_utf8(each) for each in parameters if not each.startswith("q=")):
            yield name, quality


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


def _is_utf8(parameter: str) -> bool:
    """Tell whether a parameter leaves the encoding at UTF-8; others than charset do."""
    name, _, value = parameter.partition("=")
    return name.strip() != "charset" or value.strip(' "') in ("utf-8", "utf8")
