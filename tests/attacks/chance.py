"""What chance explains, and what it does not: three tests of order."""

import itertools
import math
from collections import Counter
from collections.abc import Hashable, Sequence

TOO_FAR = 5.0
"""Standard deviations beyond which chance is no explanation; the seeds of the tests are fixed."""

_DIGITS = 16
_CHI_SQUARE = 80.0
"""Beyond it, 16 digits are not evenly used: with 15 degrees of freedom, one in a billion."""
_FEWEST = 5
"""Members that a class needs for an order to show."""


def far(score: float) -> bool:
    """Tell whether ``score``, in standard deviations, is more than chance."""
    return abs(score) > TOO_FAR


def rank_score(places: Sequence[int]) -> float:
    """Return Spearman's rank correlation with 0, 1, 2 and so on, in standard deviations."""
    size = len(places)
    if size < _FEWEST:
        return 0.0
    rank = {place: number for number, place in enumerate(sorted(places))}
    squares = sum((number - rank[place]) ** 2 for number, place in enumerate(places))
    return (1 - 6 * squares / (size * (size * size - 1))) * math.sqrt(size - 1)


def runs_score(column: Sequence[Hashable]) -> float:
    """Return the number of runs of equal values, in standard deviations from what chance makes.

    The test of Wald and Wolfowitz for several values; fewer runs than by chance are negative.
    """
    n = len(column)
    counts = Counter(column).values()
    if len(counts) < 2 or n < _FEWEST:
        return 0.0
    runs = 1 + sum(1 for a, b in itertools.pairwise(column) if a != b)
    squares = sum(c**2 for c in counts)
    cubes = sum(c**3 for c in counts)
    mean = (n * (n + 1) - squares) / n
    variance = (squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3) / (n**2 * (n - 1))
    return (runs - mean) / math.sqrt(variance)


def uneven(digits: Sequence[str]) -> bool:
    """Tell whether hexadecimal ``digits`` are not evenly used, by the test of chi square."""
    expected = len(digits) / _DIGITS
    if expected < _FEWEST:
        return False
    counts = Counter(digits)
    return sum((counts[f"{d:x}"] - expected) ** 2 for d in range(_DIGITS)) / expected > _CHI_SQUARE
