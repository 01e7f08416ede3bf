"""A unit's status and consent, and the blocks that intake drops at the door."""

from dataclasses import dataclass
from random import Random

from publishing.synthesis.distributions import Weighted
from publishing.synthesis.donors import Typing, typing_of
from publishing.synthesis.hla import gene_pool
from publishing.synthesis.profiles import BankProfile

Markers = tuple[tuple[str, str], ...]
"""Infectious marker and result, in the inventory's order."""

CONSENTED = 0.99

_STATUS: Weighted[tuple[str, str | None]] = Weighted(
    {("AV", None): 94, ("RS", None): 2, ("TU", "AD"): 2, ("TU", "QR"): 1.2, ("TU", "OT"): 0.8}
)
_CONSENT = Weighted({"Y": CONSENTED, "N": 1 - CONSENTED})
_WITH_MARKERS = 0.10
_WITH_MOTHER = 0.03
_WITH_KIR = 0.01
_CLEAR = tuple((name, "N") for name in ("HBS_AG", "ANTI_HCV", "ANTI_HIV_12", "SYPHILIS"))
_MARKERS: Weighted[Markers] = Weighted(
    {
        (("CMV", "N"), *_CLEAR): 55,
        (("CMV", "G"), *_CLEAR): 42,
        (("CMV", "N"), ("HBS_AG", "N"), ("ANTI_HBC", "P"), *_CLEAR[1:]): 3,
    }
)
_KIR: Markers = (("KIR2DL1", "POS"), ("KIR2DL2", "NEG"), ("KIR2DL4", "POS"))


@dataclass(frozen=True, slots=True)
class Standing:
    """Status with its reason, consent to open data, and blocks that must never leave intake.

    ``mother`` is the type of a made-up mother, unrelated to the child.
    """

    status: str
    reason: str | None
    consent: str
    kir: Markers
    markers: Markers
    mother: Typing


def draw_standings(rng: Random, profile: BankProfile, count: int) -> list[Standing]:
    """Return the standing of ``count`` units."""
    return [
        Standing(status, reason, consent, kir, markers, mother)
        for (status, reason), consent, (kir, markers, mother) in zip(
            _STATUS.draw(rng, count),
            _CONSENT.draw(rng, count),
            [_blocks(rng, profile) for _ in range(count)],
            strict=True,
        )
    ]


def _blocks(rng: Random, profile: BankProfile) -> tuple[Markers, Markers, Typing]:
    kir = _KIR if rng.random() < _WITH_KIR else ()
    markers = _MARKERS.draw(rng, 1)[0] if rng.random() < _WITH_MARKERS else ()
    if rng.random() >= _WITH_MOTHER:
        return kir, markers, ()
    one, other = gene_pool(profile.region).draw(rng, 2)
    return kir, markers, typing_of(one, other, late=False)
