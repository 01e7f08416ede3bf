"""Volume and cell counts of a unit, correlated as in life."""

from dataclasses import dataclass
from random import Random
from typing import Final

from publishing.synthesis.distributions import LogNormal, Weighted, published

_ZHEJIANG = "Liu 2012 Zhejiang"
_GUANGZHOU = "Guangzhou 2006"


def _figures(source: str, measure: str) -> tuple[float, str]:
    """Return the centre and the spread of ``measure`` in the study ``source``."""
    for row in published("cell_dose_published.csv"):
        if row["source"].startswith(source) and row["measure"] == measure:
            return float(row["centre"]), row["spread_or_range"]
    raise LookupError(f"no figure for {measure} by {source}")


def _moments(measure: str) -> tuple[float, float]:
    mean, deviation = _figures(_ZHEJIANG, measure)
    return mean, float(deviation)


TNC_FROZEN: Final = LogNormal.of_moments(*_moments("TNC after processing"))
"""In 10^8 cells."""
CD34_PERCENT: Final = LogNormal.of_moments(*_moments("CD34+ share of TNC"))
"""CD34+ cells in percent of the nucleated cells after processing."""
VOLUME: Final = _moments("collected volume")
"""Mean and standard deviation in millilitres."""
RECOVERY: Final = (_moments("TNC recovery")[0] / 100, 0.08)
"""Mean and deviation of the share of TNC left by processing.

The published deviation, 0.11, would spread the TNC before processing wider than its own published
deviation; 0.08 agrees with both measured counts.
"""
CFU_PER_CD34: Final = LogNormal(
    _figures(_GUANGZHOU, "CFU-GM")[0] * 1e5 / (_figures(_GUANGZHOU, "CD34+")[0] * 1e6), 0.5
)
"""Ratio of the published medians; the spread is a choice of the design."""

# Choices of the design: limits within which banks store units, and how volume goes with TNC.
TNC_LIMITS = (5.0, 40.0)
CD34_PERCENT_LIMITS = (0.02, 3.0)
VOLUME_LIMITS = (45.0, 230.0)
RECOVERY_LIMITS = (0.50, 0.98)
CD34_RECOVERY = (0.90, 0.05)
CD34_RECOVERY_LIMITS = (0.70, 0.98)
VOLUME_TNC_CORRELATION = 0.5

_VIABILITY: Final[Weighted[int | None]] = Weighted(
    # Median 97.8 %, range 90 to 100 in Guangzhou; the WMDA field holds whole percents.
    {100: 7, 99: 18, 98: 24, 97: 19, 96: 11, 95: 7, 94: 4, 93: 2, 92: 1, 91: 1, 90: 1, None: 5}
)
_VIABILITY_TEST: Final = Weighted(
    {
        ("TNC", "TB"): 30,
        ("TNC", "7A"): 50,
        ("CD45PC", "7A"): 12,
        ("CD34PC", "7A"): 5,
        ("TNC", "PI"): 3,
    }
)
_CFU_MEASURED = 0.8


@dataclass(frozen=True, slots=True)
class Cells:
    """Volume in millilitres, counts in cells, viability in percent; ``None``: not recorded.

    ``tnc`` and ``cd34`` are before processing, the others after it.
    """

    volume: int
    tnc: float
    tnc_frozen: float
    cd34: float | None
    cd34_frozen: float | None
    cfu_frozen: float | None
    viability: int | None
    viability_cells: str
    viability_method: str


def draw_cells(rng: Random, counts_cd34: list[bool]) -> list[Cells]:
    """Return the cells of one unit for each of ``counts_cd34``: whether CD34+ were counted."""
    count = len(counts_cd34)
    viability = _VIABILITY.draw(rng, count)
    tests = _VIABILITY_TEST.draw(rng, count)
    return [
        _cells(rng, counted, percent, *test)
        for counted, percent, test in zip(counts_cd34, viability, tests, strict=True)
    ]


def _cells(
    rng: Random, counted: bool, viability: int | None, viability_cells: str, method: str
) -> Cells:
    tnc_frozen, volume = _tnc_and_volume(rng)
    # Drawn even where they are not recorded, so that one bank's gaps do not shift its other draws.
    cd34_frozen = tnc_frozen * _within_lognormal(rng, CD34_PERCENT, CD34_PERCENT_LIMITS) / 100
    cd34 = cd34_frozen / _within_normal(rng, CD34_RECOVERY, CD34_RECOVERY_LIMITS)
    cfu = cd34_frozen * CFU_PER_CD34.at(rng.gauss(0, 1))
    has_cfu = rng.random() < _CFU_MEASURED
    return Cells(
        volume=round(volume),
        tnc=tnc_frozen / _within_normal(rng, RECOVERY, RECOVERY_LIMITS),
        tnc_frozen=tnc_frozen,
        cd34=cd34 if counted else None,
        cd34_frozen=cd34_frozen if counted else None,
        cfu_frozen=cfu if counted and has_cfu else None,
        viability=viability,
        viability_cells=viability_cells,
        viability_method=method,
    )


def _tnc_and_volume(rng: Random) -> tuple[float, float]:
    """Return frozen TNC in cells and the collected volume in millilitres."""
    mean, deviation = VOLUME
    independent = (1 - VOLUME_TNC_CORRELATION**2) ** 0.5
    while True:
        score = rng.gauss(0, 1)
        tnc = TNC_FROZEN.at(score)
        mixed = VOLUME_TNC_CORRELATION * score + independent * rng.gauss(0, 1)
        volume = mean + deviation * mixed
        if _inside(tnc, TNC_LIMITS) and _inside(volume, VOLUME_LIMITS):
            return tnc * 1e8, volume


def _within_lognormal(rng: Random, distribution: LogNormal, limits: tuple[float, float]) -> float:
    while not _inside(value := distribution.at(rng.gauss(0, 1)), limits):
        pass
    return value


def _within_normal(rng: Random, moments: tuple[float, float], limits: tuple[float, float]) -> float:
    while not _inside(value := rng.gauss(*moments), limits):
        pass
    return value


def _inside(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
