"""Writes a synthetic inventory as WMDA-named XML, one file for each bank."""

import tempfile
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from random import Random

from domain.failures import Refused, Unavailable
from domain.progress import Report, silent
from publishing.synthesis.banks_at_once import run_at_once
from publishing.synthesis.element import cbu
from publishing.synthesis.profiles import PROFILES, BankProfile, apportion
from publishing.synthesis.units import draw_units

SMALLEST = len(PROFILES)
"""Every bank has at least one unit."""
LARGEST = 5_000_000
"""About 6 GB of XML."""
SNAPSHOT_TIME = "2025-01-01T00:00:00Z"
"""A fixed moment after the last unit was frozen, so that a seed always gives the same bytes."""
UNFINISHED = ".synth-"
"""Begins the name of the folder in which files wait until all of them are complete."""

_STAGE = "Writing the synthetic inventory"
_WORTH_PROCESSES = 50_000
"""Units from which on it is faster to write the files of several banks at once."""
_FIRST_PLACEHOLDER = 9991
_TAIL = "</INVENTORY>\n</INVENTORIES>\n"


def write_inventory(folder: Path, *, units: int, seed: int, report: Report = silent) -> list[Path]:
    """Write one FULL inventory for each bank: ``BJ_FULL.xml``, ``TJ_FULL.xml`` and so on.

    The same ``units`` and ``seed`` give the same bytes. Files of these names are replaced, once
    all new ones are complete; until then they wait in a folder inside ``folder``.

    Args:
        folder: Made if it does not exist.
        units: Number of units over all banks, `SMALLEST` to `LARGEST`.
        seed: Any whole number.
        report: Told how many of the units are written.

    Returns:
        The paths of the files, in the order of `domain.banks.BANK_CODES`.

    Raises:
        Refused: ``units`` is out of range.
        Unavailable: The folder cannot be written.
    """
    counts = apportion(_checked(units))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder) as unfinished:
            drafts = [
                _Draft(Path(unfinished), profile.code, counts[profile.code], units, seed)
                for profile in PROFILES
            ]
            if units < _WORTH_PROCESSES:
                _write_in_turn(drafts, report)
            else:
                drafts.sort(key=attrgetter("count"), reverse=True)
                run_at_once(_write, drafts, lambda done: report(_STAGE, done, units))
            return [
                (Path(unfinished) / _file_name(profile)).replace(folder / _file_name(profile))
                for profile in PROFILES
            ]
    except OSError as error:
        raise Unavailable(
            f"cannot write the inventory to {folder}: {error.strerror or error}",
            "choose a folder that you may write to, with about 1.3 KB of space for each unit",
        ) from error


def _checked(units: int) -> int:
    if SMALLEST <= units <= LARGEST:
        return units
    raise Refused(
        f"units is {units}; an inventory of the {SMALLEST} banks has from {SMALLEST} to "
        f"{LARGEST:,} units",
        "the demonstration uses 300000",
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A file to write: ``count`` of all ``units`` are of ``bank``."""

    folder: Path
    bank: str
    count: int
    units: int
    seed: int


def _write_in_turn(drafts: Iterable[_Draft], report: Report) -> None:
    done = 0
    for draft in drafts:
        for written in _write(draft):
            done += written
            report(_STAGE, done, draft.units)


def _write(draft: _Draft) -> Generator[int, None, None]:
    """Write a file list by list, and yield the number of units after each."""
    profile = next(each for each in PROFILES if each.code == draft.bank)
    drawn = draw_units(
        profile,
        draft.count,
        _generator(profile, draft.units, draft.seed),
        _generator(profile, draft.units, draft.seed, "/hla"),
    )
    path = draft.folder / _file_name(profile)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_head(profile, draft.units, draft.seed))
        for units in drawn:
            file.writelines(f"{cbu(unit)}\n" for unit in units)
            yield len(units)
        file.write(_TAIL)


def _head(profile: BankProfile, units: int, seed: int) -> str:
    placeholder = _FIRST_PLACEHOLDER + PROFILES.index(profile)
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!-- SYNTHETIC: drawn at random after published distributions. No unit, child, mother or patient
     in this file is real. One of {len(PROFILES)} banks; {units} units in all; seed {seed}. -->
<INVENTORIES CREATION_TIME="{SNAPSHOT_TIME}" SYNTHETIC="true">
<!-- {placeholder} is a placeholder: no Issuing Organisation Number of this bank is known. -->
<INVENTORY LISTING_ORGANIZATION="{placeholder}" POOL="{placeholder}" CONTENT_TYPE="C" \
UPDATE_MODE="FULL" SNAPSHOT_TIME="{SNAPSHOT_TIME}">
"""


def _generator(profile: BankProfile, units: int, seed: int, purpose: str = "") -> Random:
    """Return the bank's own random numbers: another bank's draws do not shift them."""
    return Random(f"{seed}/{units}/{profile.code}{purpose}")  # noqa: S311 - made-up data, no secrets


def _file_name(profile: BankProfile) -> str:
    return f"{profile.code}_FULL.xml"
