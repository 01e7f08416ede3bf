"""The one list of schema versions."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import strawberry

_NAME = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


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


FROZEN = frozenset({VersionStatus.STABLE, VersionStatus.DEPRECATED, VersionStatus.RETIRED})
"""The states in which a version no longer changes."""

_ENDING = frozenset({VersionStatus.DEPRECATED, VersionStatus.RETIRED})


@dataclass(frozen=True)
class Version:
    """A schema version.

    Attributes:
        name: Year and month, as in the path ``/graphql/<name>``; names sort by age.
        status: Where it stands.
        stable_since: Day from which it is frozen, or ``None`` before.
        deprecated_since: Day from which clients were asked to leave it, or ``None``.
        sunset: Day after which it is no longer served, or ``None`` while none is set.
        successor: Name of the version to move to, or ``None`` while none is named.
        guide: File in ``docs/migrating`` that leads here from the version before, or ``None``.
    """

    name: str
    status: VersionStatus
    stable_since: dt.date | None = None
    deprecated_since: dt.date | None = None
    sunset: dt.date | None = None
    successor: str | None = None
    guide: str | None = None

    @property
    def frozen(self) -> bool:
        """Whether its definition can no longer change."""
        return self.status in FROZEN

    @property
    def opens(self) -> dt.date:
        """The day from which it is frozen, or is planned to be: the first of its month."""
        return self.stable_since or opening_day(self.name)


class Versions:
    """Versions in the order of their age, checked for sense.

    Raises:
        ValueError: Names repeat or are out of order, a date or a successor is missing for a
            state or contradicts another, or nothing is served.
    """

    def __init__(self, *versions: Version) -> None:
        self._by_name = {version.name: version for version in versions}
        names = [version.name for version in versions]
        if names != sorted(self._by_name):
            raise ValueError(f"schema versions must be listed once each, oldest first: {names}")
        for version in versions:
            self._check(version)
        if not self.served:
            raise ValueError("no schema version is served")

    def __iter__(self) -> Iterator[Version]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Version | None:
        """Return the version ``name``, retired or not, or ``None``."""
        return self._by_name.get(name)

    @property
    def served(self) -> tuple[Version, ...]:
        """All versions that are not retired."""
        return tuple(each for each in self if each.status is not VersionStatus.RETIRED)

    @property
    def newest(self) -> Version:
        """The newest version that is served, in whatever state; deprecations follow it."""
        return self.served[-1]

    @property
    def current(self) -> Version:
        """What ``/graphql`` answers with: the newest stable version, or candidate without one."""
        for status in (VersionStatus.STABLE, VersionStatus.CANDIDATE, VersionStatus.DEPRECATED):
            of_status = [version for version in self if version.status is status]
            if of_status:
                return of_status[-1]
        return self.newest

    def _check(self, version: Version) -> None:
        name = version.name
        if not _NAME.fullmatch(name):
            raise ValueError(f"a schema version is named by year and month, not {name!r}")
        if version.frozen != (version.stable_since is not None):
            raise ValueError(f"{name}: stable_since is set exactly when the version is frozen")
        if version.status in _ENDING:
            self._check_end(version)
        elif version.sunset or version.deprecated_since:
            raise ValueError(f"{name}: only a deprecated or retired version has an end")

    def _check_end(self, version: Version) -> None:
        name, start, end = version.name, version.deprecated_since, version.sunset
        if start is None or (end is None and version.status is VersionStatus.RETIRED):
            raise ValueError(f"{name}: the dates of its end are missing")
        if end is not None and end < start:
            raise ValueError(f"{name}: its sunset lies before its deprecation")
        successor = self.get(version.successor or "")
        if successor is None or successor.name <= name:
            raise ValueError(f"{name}: a later version must be named as its successor")


def opening_day(name: str) -> dt.date:
    """Return the first day of the month that names a version, even of one not listed yet."""
    return dt.date.fromisoformat(f"{name}-01")


VERSIONS = Versions(
    Version("2026-10", VersionStatus.CANDIDATE),
    Version("2027-01", VersionStatus.UNSTABLE, guide="2027-01.md"),
)
"""All versions, oldest first."""

CURRENT = VERSIONS.current
"""The version that ``/graphql`` answers with."""
