"""Computes the digest of a release from its units, as docs/digest.md says."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from domain.bands import Band
from domain.digest import class_head, release_digest
from domain.periods import YearRange
from domain.schemes import Scheme
from domain.units import AboGroup, ProcessingMethod, UnitClass
from files.release_document import ReleaseDocument
from files.table_reader import InvalidTableError, Values

if TYPE_CHECKING:
    from hashlib import _Hash

_SHARED = 12
"""Columns that a unit and its class share, ``added_in`` first."""


def unit_class(values: Values, scheme: Scheme) -> UnitClass:
    """Return the class of the columns of published values, ``bank`` to ``processing``.

    Raises:
        ValueError, TypeError: They are not values of ``scheme``.
    """
    bank, first, last, abo, *ends, processing = values
    tnc, cd34, volume = (
        Band(low, high) if published else None  # type: ignore[arg-type]
        for low, high, published in zip(
            ends[::2],
            ends[1::2],
            (scheme.tnc_cuts, scheme.cd34_cuts, scheme.volume_cuts),
            strict=True,
        )
    )
    return UnitClass(
        bank=bank,  # type: ignore[arg-type]
        period=None if first is None else YearRange(int(first), int(last)),  # type: ignore[arg-type]
        abo=None if abo is None else AboGroup(str(abo)),
        tnc=tnc,
        cd34=cd34,
        volume=volume,
        processing=None if processing is None else ProcessingMethod(str(processing)),
    )


class ClassDigests:
    """Takes in units by id, and hashes each class on the way."""

    def __init__(self, document: ReleaseDocument, classes: Iterable[Values]) -> None:
        """Prepare for the units of ``classes``, the rows of batch_classes.

        Raises:
            InvalidTableError: A class comes twice, or of a release or scheme that is not there.
        """
        schemes = {row.number: _scheme(row.number, row.levels) for row in document.schemes}
        self._release = document.release
        self._scheme_of = {row.number: schemes[row.scheme] for row in document.releases}
        self._open: dict[Values, tuple[_Hash, list[int], str]] = {}
        self._last = ""
        for row in classes:
            self._add(row)

    def take(self, unit: Values) -> None:
        """Take in a unit, a row of units.

        Raises:
            InvalidTableError: It is not behind the one before, or its class is not there.
        """
        unit_id = unit[0]
        if not isinstance(unit_id, str) or unit_id <= self._last:
            raise InvalidTableError("units are not in the order of their ids, each once")
        self._last = unit_id
        found = self._open.get(unit[1:])
        if found is None:
            raise InvalidTableError(f"the class of unit {unit_id[:24]} is not in batch_classes")
        found[0].update(unit_id.encode() + b"\n")
        found[1][0] -= 1

    def release_digest(self) -> str:
        """Return the digest of the release.

        Raises:
            InvalidTableError: A class has more or fewer units than it says, or another digest.
        """
        digests = []
        for hasher, left, said in self._open.values():
            digest = hasher.hexdigest()
            if left[0] or digest != said:
                raise InvalidTableError(
                    f"the units of the class {said} are not those it was made of"
                )
            digests.append(digest)
        return release_digest(self._release, digests)

    def _add(self, row: Values) -> None:
        values, (units, digest) = row[:_SHARED], row[_SHARED:]
        added = values[0]
        if not isinstance(added, int) or added not in self._scheme_of:
            raise InvalidTableError(f"a class was added by release {added}, which is not there")
        if values in self._open:
            raise InvalidTableError(f"the class {digest} has the values of another one")
        if not isinstance(units, int) or not isinstance(digest, str):
            raise InvalidTableError("a class has no units or no digest")
        try:
            head = class_head(unit_class(values[1:], self._scheme_of[added]), added, units)
            hasher = hashlib.sha256(head.encode("ascii"))
        except (ValueError, TypeError) as error:
            raise InvalidTableError(f"a class cannot be one of a scheme: {error}") from None
        self._open[values] = (hasher, [units], digest)


def _scheme(number: int, levels: object) -> Scheme:
    try:
        return Scheme.from_json(number, levels)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise InvalidTableError(f"scheme {number} cannot be read: {error}") from None
