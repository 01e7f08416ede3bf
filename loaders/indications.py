"""Reads of indications as a release knew them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loaders.banks import ReleaseCode
from loaders.statements import Pool, Statement


@dataclass(frozen=True, slots=True)
class IndicationRecord:
    """An indication as read by `release`."""

    release: int
    code: str
    indication_group: str
    name_en: str
    name_zh: str
    icd10: str | None
    icd11: str | None
    orpha: str | None
    sources: list[Mapping[str, Any]]

    def mentions(self, text: str) -> bool:
        """Tell whether a name or a code contains ``text``, ignoring case."""
        wanted = text.casefold()
        texts = (self.code, self.name_en, self.name_zh, self.icd10, self.icd11, self.orpha)
        return any(wanted in value.casefold() for value in texts if value is not None)


INDICATIONS = Statement("indications", IndicationRecord)


async def indications_by_release(
    pool: Pool, releases: list[int]
) -> list[dict[str, IndicationRecord]]:
    """Return, for each release, its indications by code, in the order of the codes."""
    found: dict[int, dict[str, IndicationRecord]] = {release: {} for release in releases}
    for record in await INDICATIONS.fetch(pool, releases):
        found[record.release][record.code] = record
    return [found[release] for release in releases]


async def indications_by_code(pool: Pool, keys: list[ReleaseCode]) -> list[IndicationRecord | None]:
    """Return the indication of each (release, code), or ``None`` where there is none."""
    releases = sorted({release for release, _ in keys})
    found = dict(zip(releases, await indications_by_release(pool, releases), strict=True))
    return [found[release].get(code) for release, code in keys]
