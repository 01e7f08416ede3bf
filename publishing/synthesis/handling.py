"""What a bank did with a unit: processing, freezing, cultures, samples. Choices of the design."""

from dataclasses import dataclass
from random import Random

from publishing.synthesis.distributions import Weighted
from publishing.synthesis.profiles import MAIN_PROCESSING_SHARE, BankProfile, Processing

_FREEZING = Weighted({"C": 97, "M": 3})
_BAGS = Weighted({"80/20": 72, "NS": 24, "50/50": 4})
_BACTERIA = Weighted({"N": 98.9, "D": 1, "P": 0.1})
_FUNGI = Weighted({"N": 98.9, "D": 1, "P": 0.1})
_HAEMOGLOBIN = Weighted({"DN": 60, "CD": 26, "NS": 12, "DU": 1, "DT": 1})
_SEGMENTS = Weighted({0: 2, 1: 6, 2: 30, 3: 44, 4: 18})
_DNA: Weighted[str | None] = Weighted({"true": 88, "false": 8, None: 4})
_REDUCED_VOLUME = Weighted({volume: 12 - abs(volume - 26) for volume in range(18, 35)})
_PLASMA_LEFT = Weighted({percent / 100: 1 for percent in range(45, 71)})


@dataclass(frozen=True, slots=True)
class Handling:
    """WMDA codes, the frozen volume in millilitres, the number of attached segments."""

    processing: Processing
    freezing: str
    bag: str
    bacteria: str
    fungi: str
    haemoglobin: str
    volume_frozen: int
    segments: int
    dna_sample: str | None


def draw_handling(rng: Random, profile: BankProfile, volumes: list[int]) -> list[Handling]:
    """Return how units with these collected ``volumes``, in millilitres, were handled."""
    count = len(volumes)
    processing = Weighted(
        {
            profile.processing: MAIN_PROCESSING_SHARE,
            profile.other_processing: 1 - MAIN_PROCESSING_SHARE,
        }
    ).draw(rng, count)
    reduced = _REDUCED_VOLUME.draw(rng, count)
    left = _PLASMA_LEFT.draw(rng, count)
    frozen = [
        round(volume * share) if method.modification == "PLR" else small
        for volume, method, small, share in zip(volumes, processing, reduced, left, strict=True)
    ]
    columns = (_FREEZING, _BAGS, _BACTERIA, _FUNGI, _HAEMOGLOBIN)
    return [
        Handling(*row)
        for row in zip(
            processing,
            *(column.draw(rng, count) for column in columns),
            frozen,
            _SEGMENTS.draw(rng, count),
            _DNA.draw(rng, count),
            strict=True,
        )
    ]
