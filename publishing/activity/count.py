"""What the newest reports say: counts of units, each of one report, year and indication."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from database.pool import Connection
from domain.regions import Region

_COUNTS = """
select n.id, n.bank, n.year, c.indication, c.units, b.region, s.synthetic
from intake.newest_activity_report n
join intake.activity_submission s on s.id = n.submission_id
join intake.activity_count c on c.report_id = n.id
left join open.bank b on b.code = n.bank and b.since <= $1 and (b.until is null or b.until > $1)
where n.year <= $2
order by n.year, n.bank, c.indication
"""

_REPORTED = "select year, bank from intake.newest_activity_report where year <= $1"

_GROUPS = """
select code, indication_group from open.indication
where since <= $1 and (until is null or until > $1) order by code
"""


class Count(NamedTuple):
    """Units that one report tells of one indication; ``region`` is ``None`` in neither part."""

    report: int
    bank: str
    year: int
    indication: str
    units: int
    region: Region | None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A year that does not take part yet, and the banks whose reports it waits for."""

    year: int
    banks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """What the newest reports say of the years that take part.

    Attributes:
        counts: Their counts, zeros left out.
        years: The years, from the first that was reported on, without those that wait.
        waiting: The years that wait for a report.
        groups: Group of each indication that the release knows, by code.
    """

    counts: tuple[Count, ...]
    years: tuple[int, ...]
    waiting: tuple[Waiting, ...]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """When a year takes part: ``lag_days`` after its end, and late reports at most a while later.

    Attributes:
        today: The day on which it is judged.
        lag_days: Days from the end of a year until it can take part.
        patience_days: Days from the end of a year until it takes part without the reports that
            are missing.
    """

    today: dt.date
    lag_days: int
    patience_days: int

    @property
    def last_year(self) -> int:
        """The last year that can take part."""
        return (self.today - dt.timedelta(days=self.lag_days)).year - 1

    def is_patient(self, year: int) -> bool:
        """Tell whether ``year`` still waits for missing reports."""
        return self.today - dt.date(year, 12, 31) < dt.timedelta(days=self.patience_days)


async def read_reported(connection: Connection, release: int, terms: Terms) -> Reported:
    """Return what banks reported, as ``release`` knows banks and indications."""
    groups = {row[0]: row[1] for row in await connection.fetch(_GROUPS, release)}
    reported = [(row[0], row[1]) for row in await connection.fetch(_REPORTED, terms.last_year)]
    years, waiting = years_of(reported, terms)
    counts = [
        Count(report, bank, year, indication, units, region and Region(region), synthetic)
        for report, bank, year, indication, units, region, synthetic in await connection.fetch(
            _COUNTS, release, terms.last_year
        )
    ]
    return Reported(tuple(counts), years, waiting, groups)


def years_of(
    reported: Iterable[tuple[int, str]], terms: Terms
) -> tuple[tuple[int, ...], tuple[Waiting, ...]]:
    """Return the years that take part, and those that wait for a report.

    A bank that reported the year before is expected to report a year too: if the year were
    published without it, a report that comes late and alone could never be shown, since the
    change would be that bank's own figures.
    """
    banks: dict[int, set[str]] = {}
    for year, bank in reported:
        banks.setdefault(year, set()).add(bank)
    if not banks:
        return (), ()
    years, waiting = [], []
    for year in range(min(banks), terms.last_year + 1):
        missing = banks.get(year - 1, set()) - banks.get(year, set())
        if missing and terms.is_patient(year):
            waiting.append(Waiting(year, tuple(sorted(missing))))
        else:
            years.append(year)
    return tuple(years), tuple(waiting)
