"""Attacks on percentages: how exactly they tell how many units wait."""

import itertools
import math
from collections import Counter

from tests.attacks.public import ATTRIBUTES, Finding, K, Public, Seen

_HALVES = 0.5
_ANY = 10**12
_GROUPS = {"Bank": "bank", "Abo": "abo"}
_STEPS = (1, 5, 10, 20, 50, 100)
"""Shares of groups are rounded up to the first step that is at least k units of the group."""


def waiting_counts(public: Public) -> list[Finding]:
    """Solve each release's percentage for the units that wait: at least k numbers must fit."""
    return list(
        dict.fromkeys(
            Finding(seen.place, f"{low} to {high} units wait")
            for seen in public.seen
            for low, high in [_waiting(seen)]
            if high - low + 1 < K
        )
    )


def differing_percents(public: Public) -> list[Finding]:
    """Subtract percentages of two releases between which nothing can have come in."""
    looks = {**public.first, **public.last}
    findings = []
    for old, new in itertools.pairwise(sorted(looks)):
        if looks[new].facts["addedUnitCount"]:
            continue
        (a, b), (c, d) = _waiting(looks[old]), _waiting(looks[new])
        low, high = max(a, c), min(b, d)
        if 0 <= high - low < K - 1:
            findings.append(Finding(f"releases {old} and {new}", f"{low} to {high} units wait"))
    return findings


def group_percents(public: Public) -> list[Finding]:
    """Solve the share of the worst bank and ABO group for each group that it could be of."""
    findings = []
    for seen in public.seen:
        for name, percent in seen.facts["anonymity"].items():
            attribute = next((a for word, a in _GROUPS.items() if word in name), None)
            if attribute is None or not percent:
                continue
            fits = _fitting(seen, attribute, percent)
            if fits and all(len(waiting) < K for waiting in fits.values()):
                told = " or ".join(f"{w[0]} to {w[-1]} of {group}" for group, w in fits.items())
                findings.append(Finding(seen.place, f"{name}: {told} wait"))
    return list(dict.fromkeys(findings))


def _fitting(seen: Seen, attribute: str, percent: int) -> dict[str, list[int]]:
    """Return for each group how many waiting units would make ``percent`` of it."""
    column = ATTRIBUTES.index(attribute)
    sizes = Counter(values[column] for values in seen.units.values())
    for steps in (_STEPS, _STEPS[:1]):
        fits = {
            group: [w for w in range(1, units) if _rounded_up(units, w, steps) == percent]
            for group, units in sorted(sizes.items())
            if group not in ("*", "UNKNOWN")
        }
        if any(fits.values()):  # else the steps are finer than they should be
            return {group: waiting for group, waiting in fits.items() if waiting}
    return {}


def fine_percents(public: Public) -> list[Finding]:
    """Look for a percentage in the contract that is not a whole number."""
    return [
        Finding(place, f"a percentage is {type_}")
        for place, type_ in sorted(public.percents.items())
        if type_.rstrip("!") != "Int"
    ]


def _waiting(seen: Seen) -> tuple[int, int]:
    """Return between which numbers of waiting units the percentage and the total leave a choice."""
    percent, units = seen.facts["anonymity"]["heldBackPercent"], seen.facts["unitCount"]
    half = _HALVES * 10 ** -_decimals(percent)
    low, high = (max(0.0, percent + sign * half) / 100 for sign in (-1, 1))
    # A share that reaches ``high`` would have been rounded up.
    return math.ceil(_count(low, units)), max(0, math.ceil(_count(high, units)) - 1)


def _count(share: float, units: int) -> float:
    return round(units * share / (1 - share), 9) if share < 1 else _ANY


def _rounded_up(published: int, waiting: int, steps: tuple[int, ...]) -> int:
    total = published + waiting
    step = next((step for step in steps if step * total >= 100 * K), steps[-1])
    return step * math.ceil(100 * waiting / (step * total))


def _decimals(percent: float) -> int:
    return len(str(percent).partition(".")[2])
