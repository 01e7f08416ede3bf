"""How often clients used what goes, by the counters that running services keep."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from api.guidance import DEPRECATED
from loaders.counters import counts_since
from loaders.statements import Pool
from schema.deprecations import Notice


@dataclass(frozen=True)
class Usage:
    """The requests that used one part of the contract.

    Attributes:
        coordinate: The part, for instance ``Release.licence``.
        notice: What clients are told of it; ``None`` if no served version has it any more.
        days: Requests of each day (UTC) on which there were any, ascending.
    """

    coordinate: str
    notice: Notice | None
    days: Mapping[dt.date, int]

    @property
    def requests(self) -> int:
        """All requests."""
        return sum(self.days.values())

    def as_json(self) -> dict[str, object]:
        """Return the usage for programs."""
        notice = self.notice
        return {
            "coordinate": self.coordinate,
            "since": notice.since if notice else None,
            "removedIn": notice.removed_in if notice else None,
            "replacement": notice.replacement if notice else None,
            "requests": self.requests,
            "days": [{"day": str(day), "requests": n} for day, n in self.days.items()],
        }


async def usages_since(pool: Pool, going: Mapping[str, Notice], day: dt.date) -> list[Usage]:
    """Return the usage of each part that goes, and of what was counted and is gone.

    Args:
        pool: Runs statements as the role of the service.
        going: What clients are told, by coordinate.
        day: First day (UTC) that counts.

    Returns:
        The most used part first; parts that nobody used have no days.
    """
    counted: dict[str, dict[dt.date, int]] = defaultdict(dict)
    for record in await counts_since(pool, DEPRECATED, day):
        counted[record.name.removeprefix(DEPRECATED)][record.day] = record.count
    found = [
        Usage(coordinate, going.get(coordinate), counted.get(coordinate, {}))
        for coordinate in {*going, *counted}
    ]
    return sorted(found, key=lambda usage: (-usage.requests, usage.coordinate))
