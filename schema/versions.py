"""The one list of schema versions."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum

import strawberry


@strawberry.enum(description="Where a schema version stands in its life.")
class VersionStatus(Enum):
    """The states in the order of a life."""

    UNSTABLE = strawberry.enum_value("UNSTABLE", description="May change at any time.")
    CANDIDATE = strawberry.enum_value(
        "CANDIDATE", description="Complete and about to become stable; may still change."
    )
    STABLE = strawberry.enum_value("STABLE", description="Frozen, byte for byte.")
    DEPRECATED = strawberry.enum_value(
        "DEPRECATED", description="Frozen and served until its sunset; move to a successor."
    )
    RETIRED = strawberry.enum_value("RETIRED", description="No longer served.")


@dataclass(frozen=True)
class Version:
    """A schema version.

    Attributes:
        name: Year and month, as in the path ``/graphql/<name>``.
        status: Where it stands.
        stable_since: Day from which it is frozen, or ``None``.
        sunset: Day after which it is no longer served, or ``None`` while none is set.
    """

    name: str
    status: VersionStatus
    stable_since: dt.date | None = None
    sunset: dt.date | None = None


VERSIONS = (Version("2026-10", VersionStatus.CANDIDATE),)
"""All versions, oldest first."""

CURRENT = VERSIONS[-1]
"""The version that ``/graphql`` answers with: the newest stable, or candidate while none is."""
