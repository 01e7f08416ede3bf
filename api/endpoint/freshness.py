"""How long an answer may be kept by those who pass it on."""

from enum import StrEnum

SAFE = ("GET", "HEAD", "QUERY")
"""Methods whose answers may be kept."""


class Freshness(StrEnum):
    """What ``Cache-Control`` says of an answer to a safe method."""

    PINNED = "public, max-age=86400, immutable"
    """Version and releases are fixed, so that it never changes; a day, to let withdrawals reach
    caches."""
    CURRENT = "public, no-cache"
    """May change with the next release: kept, but asked for each time."""
    NONE = "no-store"
    """Has errors, which may be gone the next time."""

    __hash__ = str.__hash__  # an enum's own is many times slower
