"""Reads of releases, their schemes and their files."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loaders.statements import Statement


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """One release with the scheme of its batch; `scheme_levels` as `Scheme.as_json`.

    `losses` holds what the levels lose of each attribute, by the names of
    `publishing.losses`; it and the percents of groups are ``None`` where the release was
    published before they were kept.
    """

    number: int
    published_at: dt.datetime
    profile: str
    synthetic: bool
    licence: str
    unit_count: int
    added_unit_count: int
    withdrawn_unit_count: int
    bank_count: int
    class_count: int
    smallest_class: int
    median_class: int
    held_back_percent: int
    bank_held_back_percent: int | None
    abo_held_back_percent: int | None
    losses: Mapping[str, int | None] | None
    judge: str | None
    digest: str
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str | None
    scheme: int
    k: int
    scheme_levels: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReleaseFileRecord:
    """One file of a release."""

    release: int
    path: str
    media_type: str
    bytes: int
    rows: int | None
    sha256: str


RELEASES = Statement("releases", ReleaseRecord)
FILES = Statement("release_files", ReleaseFileRecord)


class ReleaseList:
    """All releases, in ascending order of their number, withdrawn ones included."""

    def __init__(self, records: list[ReleaseRecord]) -> None:
        self.records = records
        self._by_number = {record.number: record for record in records}

    @property
    def latest(self) -> ReleaseRecord | None:
        """The newest release that is not withdrawn."""
        live = (record for record in reversed(self.records) if record.withdrawn_at is None)
        return next(live, None)

    def continues(self, earlier: "ReleaseList") -> bool:
        """Tell whether these are the releases of ``earlier``, and perhaps later ones."""
        known = [(record.number, record.digest) for record in earlier.records]
        return known == [(record.number, record.digest) for record in self.records[: len(known)]]

    def get(self, number: int) -> ReleaseRecord | None:
        """Return release ``number``, withdrawn or not, or ``None``."""
        return self._by_number.get(number)
