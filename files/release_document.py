"""``release.json``: everything that the open zone says of a release beside its tables.

With the tables of all releases, or of one and the batches that follow, it is enough to build the
open zone anew, so that a mirror answers as the origin does:

- ``open.scheme`` from `ReleaseDocument.schemes`, ``open.release`` from `ReleaseDocument.releases`;
- ``open.bank`` and ``open.indication`` from the tables banks, indications and sources of each
  release: a row begins with the release that stands in ``reference``, and ends where a later
  release no longer has it or has another one;
- ``open.unit_class`` and ``open.batch_class`` from the table batch_classes: the scheme of a class
  is that of the release that added it; ids are given in the order of the rows, which is that of
  the origin's ids. ``withdrawn_classes`` says which classes of earlier releases are left out, and
  since when;
- ``open.unit`` from the table units: a unit belongs to the class with its values and ``added_in``;
- ``open.hla_table`` and ``open.hla_frequency`` from the tables of the same names;
- ``open.activity_cell`` and ``open.activity_part`` from the tables of transplant activity, cells in
  the order of their numbers; ``open.activity_value`` from the rows with ``as_of`` of each release.

What can change after publication is not here, since files never change: whether a release was
withdrawn and why, what judges found, and how the gate stands.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from files.manifest import (
    InvalidManifestError,
    as_json,
    field,
    hash_of,
    instant,
    instant_text,
    number,
    parse_json,
    text,
)

FORMAT = "cordgraph-release-1"


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A row of ``open.release``, but for what says that it was withdrawn."""

    number: int
    scheme: int
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


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """A row of ``open.scheme``; ``levels`` is what `domain.schemes.Scheme.from_json` takes."""

    number: int
    k: int
    levels: Mapping[str, Any]
    frozen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """First release that reads the row of a bank or indication as this release reads it."""

    code: str
    since: int


@dataclass(frozen=True, slots=True)
class WithdrawnClass:
    """A batch class that release ``withdrawn`` and all later ones leave out.

    Its values are not told, since they are no longer published; whoever has the release that
    added it knows them by the digest.
    """

    digest: str
    added: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class ReleaseDocument:
    """What ``release.json`` says.

    Attributes:
        release: Number of the release.
        releases: It and all before it, withdrawn ones included, by number.
        schemes: The schemes of these releases, by number.
        banks: By code.
        indications: By code.
        withdrawn_classes: All that this release or one before it withdrew, by release and digest.
    """

    release: int
    releases: tuple[ReleaseRow, ...]
    schemes: tuple[SchemeRow, ...]
    banks: tuple[ReferenceRow, ...]
    indications: tuple[ReferenceRow, ...]
    withdrawn_classes: tuple[WithdrawnClass, ...]

    @property
    def row(self) -> ReleaseRow:
        """The row of the release itself."""
        return self.releases[-1]

    def to_bytes(self) -> bytes:
        """Return the content of ``release.json``; equal documents are equal bytes."""
        return as_json(
            {
                "format": FORMAT,
                "release": self.release,
                "releases": [_plain(row) for row in self.releases],
                "schemes": [_plain(row) for row in self.schemes],
                "reference": {
                    "banks": [_plain(row) for row in self.banks],
                    "indications": [_plain(row) for row in self.indications],
                },
                "withdrawn_classes": [_plain(row) for row in self.withdrawn_classes],
            }
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "ReleaseDocument":
        """Read ``release.json``; whoever wrote it may be hostile.

        Raises:
            InvalidManifestError: It is none.
        """
        given = parse_json(content, FORMAT)
        reference = field(given, "reference", dict)
        document = cls(
            release=number(given, "release", least=1),
            releases=tuple(_release(row) for row in _objects(given, "releases")),
            schemes=tuple(_scheme(row) for row in _objects(given, "schemes")),
            banks=tuple(_reference(row) for row in _objects(reference, "banks")),
            indications=tuple(_reference(row) for row in _objects(reference, "indications")),
            withdrawn_classes=tuple(
                _withdrawn(row) for row in _objects(given, "withdrawn_classes")
            ),
        )
        _check(document)
        return document


def _check(document: ReleaseDocument) -> None:
    numbers = [row.number for row in document.releases]
    if numbers != sorted(set(numbers)) or numbers[-1:] != [document.release]:
        raise InvalidManifestError(f"releases: they do not ascend to {document.release}")
    schemes = {row.number for row in document.schemes}
    if missing := {row.scheme for row in document.releases} - schemes:
        raise InvalidManifestError(f"schemes: {min(missing)} is missing")


def _plain(row: object) -> dict[str, object]:
    found = {each.name: getattr(row, each.name) for each in fields(row)}  # type: ignore[arg-type]
    return {
        name: instant_text(value) if isinstance(value, dt.datetime) else value
        for name, value in found.items()
    }


def _objects(given: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = field(given, name, list)
    if not all(isinstance(row, dict) for row in rows):
        raise InvalidManifestError(f"{name}: a row is not an object")
    return rows


def _release(row: Mapping[str, Any]) -> ReleaseRow:
    counts = (
        "unit_count",
        "added_unit_count",
        "withdrawn_unit_count",
        "bank_count",
        "class_count",
        "smallest_class",
        "median_class",
        "held_back_percent",
    )
    return ReleaseRow(
        number=number(row, "number", least=1),
        scheme=number(row, "scheme", least=1),
        published_at=instant(row, "published_at"),
        profile=text(row, "profile"),
        synthetic=field(row, "synthetic", bool),
        licence=text(row, "licence"),
        **{name: number(row, name) for name in counts},
        bank_held_back_percent=_optional_number(row, "bank_held_back_percent"),
        abo_held_back_percent=_optional_number(row, "abo_held_back_percent"),
        losses=_losses(row),
        judge=None if row.get("judge") is None else text(row, "judge"),
        digest=hash_of(row, "digest"),
    )


def _scheme(row: Mapping[str, Any]) -> SchemeRow:
    return SchemeRow(
        number=number(row, "number", least=1),
        k=number(row, "k", least=1),
        levels=field(row, "levels", dict),
        frozen_at=instant(row, "frozen_at"),
    )


def _reference(row: Mapping[str, Any]) -> ReferenceRow:
    return ReferenceRow(text(row, "code"), number(row, "since", least=1))


def _withdrawn(row: Mapping[str, Any]) -> WithdrawnClass:
    return WithdrawnClass(
        hash_of(row, "digest"), number(row, "added", least=1), number(row, "withdrawn", least=2)
    )


def _losses(row: Mapping[str, Any]) -> Mapping[str, int | None] | None:
    if row.get("losses") is None:
        return None
    losses = field(row, "losses", dict)
    return {name: _optional_number(losses, name) for name in losses}


def _optional_number(row: Mapping[str, Any], name: str) -> int | None:
    return None if row.get(name) is None else number(row, name)
