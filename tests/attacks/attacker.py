"""The attacker: all attacks, each a function of what is public."""

from collections.abc import Callable, Iterator
from inspect import getmembers, isfunction
from types import ModuleType

from tests.attacks import (
    activity,
    classes,
    differences,
    doses,
    estimates,
    insides,
    order,
    percents,
    tokens,
)
from tests.attacks.public import Finding, Public

Attack = Callable[[Public], list[Finding]]

_ROOMS = (
    classes,
    differences,
    doses,
    estimates,
    activity,
    order,
    tokens,
    percents,
    insides,
)


def _attacks(room: ModuleType) -> Iterator[Attack]:
    """Yield the functions that ``room`` itself defines for others."""
    for name, attack in getmembers(room, isfunction):
        if attack.__module__ == room.__name__ and not name.startswith("_"):
            yield attack


ATTACKS = [attack for room in _ROOMS for attack in _attacks(room)]
"""Every attack; each finds nothing where no rule is broken."""
