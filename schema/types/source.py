"""Where a fact about a bank or an indication comes from."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import strawberry


@strawberry.enum(description="How well a fact is supported.")
class SourceStatus(Enum):
    """The marks of the reference tables."""

    VERIFIED = strawberry.enum_value("VERIFIED", description="Read in the cited source.")
    WEAK = strawberry.enum_value(
        "WEAK", description="Found, but in a weak source; the value itself is not shown."
    )
    GENERAL_KNOWLEDGE = strawberry.enum_value(
        "GENERAL_KNOWLEDGE",
        description="Known, but not confirmed in a source. Shown for names and classification "
        "codes only.",
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="Looked for and not found; the value is null."
    )


@strawberry.type(description="Where the value of a field comes from.")
class Source:
    """The source of one field of a bank or an indication."""

    field: str = strawberry.field(description="Name of the field that this source is about.")
    status: SourceStatus = strawberry.field(description="How well the value is supported.")
    citation: str = strawberry.field(description="The source, as an address or a description.")


def sources(rows: Iterable[Mapping[str, Any]]) -> list[Source]:
    """Turn stored sources (keys field, status, citation) into objects."""
    return [
        Source(field=row["field"], status=SourceStatus(row["status"]), citation=row["citation"])
        for row in rows
    ]
