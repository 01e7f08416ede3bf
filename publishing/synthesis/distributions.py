"""Published figures from the package's data, and the distributions made of them."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Value = TypeVar("Value")

_DATA = resources.files("publishing.synthesis.data")


def published(name: str) -> list[dict[str, str]]:
    """Return the rows of the table ``data/name`` by column; every row names its source."""
    with (_DATA / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


class Weighted(Generic[Value]):
    """Values drawn in proportion to their weights.

    Args:
        weights: Weight of each value, at least one above zero; they need not add up to 1.
    """

    def __init__(self, weights: Mapping[Value, float]) -> None:
        self.values: Sequence[Value] = list(weights)
        self._cumulated = list(accumulate(weights.values()))

    def draw(self, rng: Random, count: int) -> list[Value]:
        """Return ``count`` values drawn independently."""
        return rng.choices(self.values, cum_weights=self._cumulated, k=count)


@dataclass(frozen=True)
class LogNormal:
    """A quantity whose logarithm is normal: ``median`` and the logarithm's deviation ``sigma``."""

    median: float
    sigma: float

    @classmethod
    def of_moments(cls, mean: float, deviation: float) -> "LogNormal":
        """Return the distribution with this mean and standard deviation.

        >>> LogNormal.of_moments(10.63, 2.80)
        LogNormal(median=10.279..., sigma=0.259...)
        """
        variance = math.log(1 + (deviation / mean) ** 2)
        return cls(mean / math.exp(variance / 2), math.sqrt(variance))

    def at(self, score: float) -> float:
        """Return the value that lies ``score`` deviations above the median."""
        return self.median * math.exp(self.sigma * score)
