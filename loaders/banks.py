"""Reads of banks as a release knew them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loaders.statements import Pool, Statement

ReleaseCode = tuple[int, str]
"""A release's number and a code."""


@dataclass(frozen=True, slots=True)
class BankRecord:
    """A bank as read by `release`."""

    release: int
    code: str
    name_en: str
    name_zh: str
    city: str
    region_code: str
    licence_year: int | None
    operator: str | None
    sources: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class BankUnitsRecord:
    """How many units of a bank a release holds."""

    release: int
    bank: str
    units: int


BANKS = Statement("banks", BankRecord)
BANK_UNITS = Statement("bank_units", BankUnitsRecord)


async def banks_by_release(pool: Pool, releases: list[int]) -> list[dict[str, BankRecord]]:
    """Return, for each release, its banks by code, in the order of the codes."""
    found: dict[int, dict[str, BankRecord]] = {release: {} for release in releases}
    for record in await BANKS.fetch(pool, releases):
        found[record.release][record.code] = record
    return [found[release] for release in releases]


async def banks_by_code(pool: Pool, keys: list[ReleaseCode]) -> list[BankRecord | None]:
    """Return the bank of each (release, code), or ``None`` where the release knows no such bank."""
    releases = sorted({release for release, _ in keys})
    found = dict(zip(releases, await banks_by_release(pool, releases), strict=True))
    return [found[release].get(code) for release, code in keys]


async def unit_counts_by_bank(pool: Pool, keys: list[ReleaseCode]) -> list[int]:
    """Return how many units of each (release, bank code) are published; 0 where none."""
    releases = sorted({release for release, _ in keys})
    rows = await BANK_UNITS.fetch(pool, releases)
    found = {(row.release, row.bank): row.units for row in rows}
    return [found.get(key, 0) for key in keys]
