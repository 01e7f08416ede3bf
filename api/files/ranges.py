"""Parts of files: the header ``Range`` (RFC 9110, section 14)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_RANGES = 50
"""Parts of one answer; readers of Parquet ask for some columns of some groups of rows at once."""
_LONGEST = 2_000
"""Characters of the header that are looked at; more cannot be so few parts."""
_MOST_OVERLAPPING = 2
"""Parts that may overlap others (RFC 9110, section 14.2, on requests that are an attack)."""
_SPECIFIER = re.compile(r"(\d{0,18})-(\d{0,18})", re.ASCII)


class UnsatisfiableError(Exception):
    """No part that was asked for exists, or too many were; ``str`` of it tells the client why."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a file.

    Attributes:
        start: Place of the first byte, counted from 0.
        end: Place behind the last byte.
    """

    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes in the part."""
        return self.end - self.start

    def of(self, size: int) -> str:
        """Return the value of ``Content-Range`` for a file of ``size`` bytes."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parts(header: str | None, size: int) -> list[Part] | None:
    """Return the parts of a file that a request asks for, in its order; ``None`` for the whole.

    A unit that is not bytes, and what is not well formed, is ignored as RFC 9110, section 14.2
    wants it or allows it: the client gets the whole file and sees so by the status. Parts that lie
    behind the end are left out, and what reaches over the end is cut there.

    Args:
        header: Value of ``Range``, if there is one.
        size: Bytes of the file.

    Raises:
        UnsatisfiableError: No part lies within the file, there are more than 50, or more than two
            that overlap others.
    """
    unit, equals, text = (header or "").partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    if len(text) > _LONGEST or text.count(",") >= MOST_RANGES:
        raise UnsatisfiableError(f"At most {MOST_RANGES} parts of a file can be asked for at once.")
    specifiers = [_SPECIFIER.fullmatch(each.strip()) for each in text.split(",") if each.strip()]
    wanted: list[Part] = []
    for specifier in specifiers:
        if specifier is None or not _is_ordered(specifier[1], specifier[2]):
            return None
        part = _part(specifier[1], specifier[2], size)
        if part is not None:
            wanted.append(part)
    if not specifiers:
        return None
    _check(wanted, size)
    return wanted


def _is_ordered(first: str, last: str) -> bool:
    """Tell whether one of the two is given, and they do not run backwards."""
    return bool(first or last) and not (first and last and int(first) > int(last))


def _part(first: str, last: str, size: int) -> Part | None:
    """Return the bytes that ``first-last`` means, or ``None`` if there are none of them."""
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    return Part(start, end) if start < end else None


def _check(wanted: Sequence[Part], size: int) -> None:
    if not wanted:
        raise UnsatisfiableError(f"The file has {size} bytes; no part that was asked for is there.")
    ascending = sorted(wanted, key=lambda part: part.start)
    overlapping, reached = 0, 0
    for part in ascending:
        overlapping += part.start < reached
        reached = max(reached, part.end)
    if overlapping > _MOST_OVERLAPPING:
        raise UnsatisfiableError("The parts that were asked for overlap. Ask for each byte once.")
