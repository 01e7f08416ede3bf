"""The digests that let anyone prove that an answer is complete; see docs/digest.md."""

import hashlib
from collections.abc import Iterable, Sequence

from domain.bands import Band
from domain.periods import YearRange
from domain.units import UnitClass

NOT_PUBLISHED = "-"
"""Stands for an attribute that the scheme does not publish."""


def class_text(unit_class: UnitClass) -> str:
    """Return the canonical text of the published values: seven lines ``name=value``.

    It orders classes too, since it says nothing of when or in which order units came in.
    """
    values = {
        "bank": unit_class.bank or NOT_PUBLISHED,
        "period": _period(unit_class.period),
        "abo": unit_class.abo or NOT_PUBLISHED,
        "tnc": _band(unit_class.tnc),
        "cd34": _band(unit_class.cd34),
        "volume": _band(unit_class.volume),
        "processing": unit_class.processing or NOT_PUBLISHED,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def class_digest(unit_class: UnitClass, added: int, unit_ids: Sequence[str]) -> str:
    """Return the SHA-256, in hex, of the members of ``unit_class`` that release ``added`` adds.

    Args:
        unit_class: The values that the members share.
        added: Number of the release that adds them.
        unit_ids: Their public ids, in any order.
    """
    body = "".join(f"{unit_id}\n" for unit_id in sorted(unit_ids))
    head = class_head(unit_class, added, len(unit_ids))
    return hashlib.sha256((head + body).encode("ascii")).hexdigest()


def class_head(unit_class: UnitClass, added: int, units: int) -> str:
    """Return the text of a class up to the ids of its units, which follow one a line."""
    return f"cordgraph-class-1\nadded={added}\n{class_text(unit_class)}units={units}\n"


def release_digest(number: int, class_digests: Iterable[str]) -> str:
    """Return the SHA-256, in hex, of release ``number``.

    Args:
        number: Number of the release.
        class_digests: Digests of all batch classes that the release holds, in any order. They
            are sorted as text, since no answer tells the order in which classes are stored.
    """
    digests = sorted(class_digests)
    head = f"cordgraph-release-1\nnumber={number}\nclasses={len(digests)}\n"
    body = "".join(f"{digest}\n" for digest in digests)
    return hashlib.sha256((head + body).encode("ascii")).hexdigest()


def _period(period: YearRange | None) -> str:
    return NOT_PUBLISHED if period is None else f"{period.first}..{period.last}"


def _band(band: Band | None) -> str:
    if band is None:
        return NOT_PUBLISHED
    return f"{_number(band.minimum)}..{_number(band.maximum)}"


def _number(value: float | None) -> str:
    """Write 8.0 as ``8`` and 12.5 as ``12.5``, as JavaScript and JSON libraries do."""
    return "" if value is None else repr(float(value)).removesuffix(".0")
