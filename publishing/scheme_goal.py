"""What a scheme search looks for: limits and weights, from ``scheme_search.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from domain.disclosure import MINIMUM_CLASS
from publishing.hierarchy import ALL_LOST, SCHEME_KEYS

_ALL_WEIGHTS = 100


@dataclass(frozen=True, slots=True)
class Goal:
    """Limits that a scheme keeps and what it loses.

    Attributes:
        k: Fewest members of a published class.
        held_back: Most per cent of all units in smaller classes.
        held_back_group: The same for each bank and each ABO group.
        recorded: Least per cent of the published values that banks recorded.
        weights: What leaving out each attribute loses; the whole is 100.
    """

    k: int
    held_back: int
    held_back_group: int
    recorded: int
    weights: Mapping[str, int]


@cache
def configured_goal() -> Goal:
    """Return the goal of this package's ``scheme_search.toml``."""
    return parse_goal(
        resources.files("publishing").joinpath("scheme_search.toml").read_text("utf-8")
    )


def parse_goal(text: str) -> Goal:
    """Read a goal from TOML.

    Raises:
        ValueError: k is below the policy's, a limit is no percentage, an attribute has no weight
            or no reason, or the weights do not add up to 100.
    """
    table = tomllib.loads(text)
    if table["k"] < MINIMUM_CLASS:
        raise ValueError(f"scheme_search.toml: k must be at least {MINIMUM_CLASS}")
    weights = {name: _reasoned(row, "weight") for name, row in table["weights"].items()}
    if strange := set(weights) ^ set(SCHEME_KEYS):
        raise ValueError(f"scheme_search.toml: check the weights of {sorted(strange)}")
    if sum(weights.values()) != _ALL_WEIGHTS or min(weights.values()) < 1:
        raise ValueError("scheme_search.toml: weights are at least 1 and add up to 100")
    limits = table["limits"]
    held_back = _reasoned(limits["held_back"], "at_most")
    held_back_group = _reasoned(limits["held_back_group"], "at_most")
    recorded = _reasoned(limits["recorded"], "at_least")
    if any(not 0 <= limit < ALL_LOST for limit in (held_back, held_back_group, recorded)):
        raise ValueError("scheme_search.toml: limits are per cent, 0 to 99")
    return Goal(table["k"], held_back, held_back_group, recorded, weights)


def _reasoned(row: Mapping[str, Any], name: str) -> int:
    """Return the whole number ``name`` of a ``row`` that gives its reason."""
    if not isinstance(row[name], int) or not row.get("reason"):
        raise ValueError(f"scheme_search.toml: a {name} is a whole number with a reason")
    return int(row[name])
