"""Attacks on the counts of cell doses: they must follow from the units that are listed."""

from collections.abc import Iterator
from fractions import Fraction

from tests.attacks.public import ATTRIBUTES, Dosed, Finding, K, Public, Recipient, Seen

_SHORT, _UNKNOWN, _POSSIBLE, _CERTAIN = range(4)
_TOTAL = "total"


def unequal_doses(public: Public) -> list[Finding]:
    """Compare each count of a dose with the units of the pages; what differs is hidden units."""
    return _once(
        Finding(seen.place, f"{told} differs from the list by {count - listed}")
        for seen in public.seen
        for (recipient, bank), dosed in sorted(seen.doses.items(), key=repr)
        for told, count, listed in _compared(seen, recipient, bank, dosed)
        if count != listed
    )


def small_doses(public: Public) -> list[Finding]:
    """Look for fewer than k units that a dose tells from others of their bank."""
    return _once(
        Finding(seen.place, f"{count} units are {kind} for {recipient.told} ({bank})")
        for seen in public.seen
        for (recipient, bank), dosed in sorted(seen.doses.items(), key=repr)
        for kind, count in _parts(dosed)
        if 0 < count < K
    )


def _parts(dosed: Dosed) -> Iterator[tuple[str, int]]:
    """Yield the parts that no unit shares with another, those that no field names too."""
    yield "certain", dosed.certain
    yield "possible only", dosed.possible - dosed.certain
    yield "unknown", dosed.unknown
    yield "short", dosed.units - dosed.possible - dosed.unknown


def _compared(
    seen: Seen, recipient: Recipient, bank: str, dosed: Dosed
) -> Iterator[tuple[str, int, int]]:
    listed = _listed(seen, recipient, bank)
    for name, count, expected in zip(Dosed._fields, dosed, listed, strict=True):
        yield f"{name} for {recipient.told} ({bank})", count, expected


def _listed(seen: Seen, recipient: Recipient, bank: str) -> Dosed:
    """Return what the counts should be by the units of the pages."""
    reaches = [
        _reach(values, recipient)
        for values in seen.units.values()
        if bank in (_TOTAL, values[ATTRIBUTES.index("bank")])
    ]
    certain, possible = reaches.count(_CERTAIN), reaches.count(_POSSIBLE)
    return Dosed(certain, certain + possible, reaches.count(_UNKNOWN), len(reaches))


def _reach(values: tuple[str, ...], recipient: Recipient) -> int:
    tnc = _of_band(values[ATTRIBUTES.index("tnc")], recipient.tnc)
    if recipient.cd34 is None:
        return tnc
    return min(tnc, _of_band(values[ATTRIBUTES.index("cd34")], recipient.cd34))


def _of_band(band: str, needed: Fraction) -> int:
    """Read a band as it was told: its ends, an open one empty; a star if it is not published."""
    if band in ("*", ".."):
        return _UNKNOWN
    low, high = band.split("..")
    if low and Fraction(low) >= needed:
        return _CERTAIN
    return _POSSIBLE if not high or Fraction(high) > needed else _SHORT


def _once(findings: Iterator[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
