"""Reports of transplants for the releases of `tests.published`, as the banks hand them in."""

import datetime as dt
from pathlib import Path

from database.pool import Connection
from publishing.activity.loading import take_in_activity
from tests.activity_files import rows_of, write_report
from tests.attacks.transplants import State

BANKS = ("BJ", "TJ", "SD", "SH", "GD", "SC")
REGIONS: dict[str, str | None] = {
    **dict.fromkeys(BANKS[:3], "NORTH"),
    **dict.fromkeys(BANKS[3:], "SOUTH"),
}
YEARS = range(2019, 2024)
LATE = ("SD", 2021)
"""A report that comes after the first release, and alone."""
RAISED = 2022
"""All banks correct this year after the first release: AML by much, ALL by little."""
LAST = 2024
"""At first only one bank has reported this year, so that it waits."""

_MIX = {"AML": 20, "ALL": 15, "CML": 2, "SAA": 9, "BTHAL": 4, "FA": 1, "WAS": 1, "MPS1": 1}
_CREATED = ("2026-02-01T00:00:00Z", "2026-05-01T00:00:00Z", "2026-08-01T00:00:00Z")
_NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def _report(bank: str, year: int) -> dict[tuple[str, int, str], int]:
    place = BANKS.index(bank)
    return {
        (bank, year, code): max(0, units + (place * 3 + year * 5 + number * 7) % 5 - 2)
        for number, (code, units) in enumerate(_MIX.items())
    }


def _raised(bank: str) -> dict[tuple[str, int, str], int]:
    report = _report(bank, RAISED)
    return {
        place: units + {"AML": 10, "ALL": 1}.get(place[2], 0) for place, units in report.items()
    }


def _reports() -> tuple[State, State, State]:
    first = {
        place: units
        for bank in BANKS
        for year in (*YEARS, *([LAST] if bank == "BJ" else []))
        if (bank, year) != LATE
        for place, units in _report(bank, year).items()
    }
    second = {place: units for bank in BANKS for place, units in _raised(bank).items()}
    third = {place: n for bank in BANKS[1:] for place, n in _report(bank, LAST).items()}
    return first, {**second, **_report(*LATE)}, third


REPORTS = _reports()
"""What is handed in before each release."""


def state_of(release: int) -> State:
    """Return the newest reports when ``release`` was made."""
    state: dict[tuple[str, int, str], int] = {}
    for reports in REPORTS[:release]:
        state |= reports
    return state


async def hand_in(connection: Connection, folder: Path, release: int) -> None:
    """Take in the reports that came before ``release``."""
    path = write_report(
        folder,
        f"activity-{release}.csv",
        rows_of(REPORTS[release - 1]),
        created=_CREATED[release - 1],
    )
    (submission,) = await take_in_activity(connection, [path], now=_NOW)
    assert not submission.refused, list(submission.summary())
