"""Content codings: which one a client takes (RFC 9110, section 12.5.3), and compressing."""

import zlib
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

import brotli

LEAST_BYTES = 1_000
"""Bytes below which an answer is sent as it is, if the client lets us."""
INLINE_BYTES = 65_536
"""Bytes above which compressing takes longer than the event loop may be held: a thread does it."""
_GZIP_LEVEL = 6
_GZIP_FORMAT = 31
_BROTLI_QUALITY = 5
_MOST_MEMBERS = 40
_LONGEST_REMEMBERED = 200


class Coding(StrEnum):
    """The codings that the service speaks; among equals the first is preferred."""

    BROTLI = "br"
    GZIP = "gzip"
    IDENTITY = "identity"

    __hash__ = str.__hash__  # an enum's own is many times slower


_ALIASES = {"x-gzip": Coding.GZIP}
_PLAIN = (Coding.IDENTITY,)


def accepted_codings(header: bytes | None) -> tuple[Coding, ...]:
    """Return the codings that ``Accept-Encoding`` allows, best first; perhaps none.

    Without the header, and with an empty one, an answer is sent as it is.
    """
    if header is None:
        return _PLAIN
    if len(header) <= _LONGEST_REMEMBERED:
        return _remembered(header)
    return _accepted(header)


def chosen_coding(accepted: tuple[Coding, ...], size: int) -> Coding | None:
    """Return the coding of an answer of ``size`` bytes; ``None`` if the client takes none of ours.

    Args:
        accepted: What `accepted_codings` found.
        size: Bytes of the answer as it is.
    """
    if size < LEAST_BYTES and Coding.IDENTITY in accepted:
        return Coding.IDENTITY
    return accepted[0] if accepted else None


def compressed(body: bytes, coding: Coding) -> bytes:
    """Return ``body`` in ``coding``; the same bytes each time."""
    if coding is Coding.BROTLI:
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
    if coding is Coding.GZIP:
        return zlib.compress(body, _GZIP_LEVEL, wbits=_GZIP_FORMAT)
    return body


def _accepted(header: bytes) -> tuple[Coding, ...]:
    weights = dict(_weights(header.decode("latin-1").lower()))
    others = weights.get("*")
    ranks: list[tuple[float, Coding]] = []
    for coding in Coding:
        # What is not excluded may be sent plain, which comes last if nothing is said of it.
        unsaid = others if others is not None else 0.0001 * (coding is Coding.IDENTITY)
        ranks.append((weights.get(coding.value, unsaid), coding))
    ranks.sort(key=lambda rank: -rank[0])
    return tuple(coding for weight, coding in ranks if weight > 0)


_remembered = lru_cache(maxsize=256)(_accepted)


def _weights(header: str) -> Iterator[tuple[str, float]]:
    for member in header.split(",", _MOST_MEMBERS)[:_MOST_MEMBERS]:
        name, *parameters = (piece.strip() for piece in member.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weight = _weight(value.strip())
        if name:
            yield _ALIASES.get(name, name), weight


def _weight(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0
