"""Writes synthetic reports of transplant activity as CSV, one file for each bank."""

import math
from collections import Counter
from pathlib import Path
from random import Random

from domain.failures import Unavailable
from domain.progress import Report, silent
from publishing.activity.row import COLUMNS
from publishing.synthesis.distributions import Weighted, published
from publishing.synthesis.inventory import SNAPSHOT_TIME, UNFINISHED
from publishing.synthesis.profiles import LAST_YEAR, PROFILES, BankProfile

_STAGE = "Writing synthetic reports of activity"
_RELEASED = 0.04
"""Share of the units that were ever collected and were released for transplant until 2024.

A choice of the design: 59,108 cord blood products were shipped of some 800,000 that are stored
(wmda.info/cord-blood/donate-cord-blood), and the transplants of China are more recent.
"""
_GROWTH = 1.12
"""How many times as many units a bank releases each year as in the year before; likewise."""
_SOUTHERN_THALASSAEMIA = 3.0
_SOUTHERN = frozenset({"GD"})


def write_activity(folder: Path, *, units: int, seed: int, report: Report = silent) -> list[Path]:
    """Write the reports of all years of each bank: ``BJ_ACTIVITY.csv``, and so on.

    The same ``units`` and ``seed`` give the same bytes. Files of these names are replaced.

    Args:
        folder: Exists.
        units: Number of units of the inventory over all banks; the activity grows with it.
        seed: Any whole number.
        report: Told how many of the files are written.

    Returns:
        The paths of the files, in the order of `domain.banks.BANK_CODES`.

    Raises:
        Unavailable: The folder cannot be written.
    """
    paths = []
    try:
        for done, profile in enumerate(PROFILES):
            report(_STAGE, done, len(PROFILES))
            path = folder / f"{profile.code}_ACTIVITY.csv"
            draft = folder / f"{UNFINISHED}{path.name}"
            draft.write_text(_text(profile, units, seed), encoding="utf-8", newline="\n")
            paths.append(draft.replace(path))
    except OSError as error:
        raise Unavailable(
            f"cannot write the reports of activity to {folder}: {error.strerror or error}",
            "choose a folder that you may write to",
        ) from error
    report(_STAGE, len(PROFILES), len(PROFILES))
    return paths


def draw_activity(profile: BankProfile, units: int, seed: int) -> dict[int, Counter[str]]:
    """Return how many units a bank released for each indication, by year.

    Args:
        profile: The bank.
        units: Number of units of the inventory over all banks.
        seed: Any whole number.
    """
    rng = Random(f"{seed}/{units}/{profile.code}/activity")  # noqa: S311 - made-up data
    mix = _mix(profile)
    years = range(profile.first_year + 1, LAST_YEAR + 1)
    shares = [_GROWTH**place for place in range(len(years))]
    total = units * profile.share * _RELEASED
    drawn: dict[int, Counter[str]] = {}
    for year, share in zip(years, shares, strict=True):
        expected = total * share / sum(shares)
        count = max(0, round(rng.gauss(expected, math.sqrt(expected))))
        drawn[year] = Counter(mix.draw(rng, count))
    return drawn


def _mix(profile: BankProfile) -> Weighted[str]:
    weights = {row["indication"]: float(row["weight"]) for row in published("activity_mix.csv")}
    if profile.code in _SOUTHERN:
        weights["BTHAL"] *= _SOUTHERN_THALASSAEMIA
    return Weighted(weights)


def _text(profile: BankProfile, units: int, seed: int) -> str:
    rows = [
        f"{profile.code},{year},{indication},{count}"
        for year, counts in draw_activity(profile, units, seed).items()
        for indication, count in sorted(counts.items()) or [("AML", 0)]
    ]
    head = (
        f"#CREATION_TIME={SNAPSHOT_TIME}",
        "#SYNTHETIC=true",
        f"#ROWS={len(rows)}",
        ",".join(COLUMNS),
    )
    return "".join(f"{line}\n" for line in (*head, *rows))
