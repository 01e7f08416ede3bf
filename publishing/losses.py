"""How much of each attribute the levels of a scheme lose, in whole per cent."""

from typing import Final

from domain.schemes import Scheme
from publishing.hierarchy import ALL_LOST, Hierarchy, configured_hierarchies
from publishing.scheme_goal import configured_goal

ALL: Final = "all"
"""Names the loss of all attributes together, by their weights."""


def losses_of(scheme: Scheme) -> dict[str, int | None]:
    """Return the loss of each attribute, by the names of `publishing.hierarchy`, and of all.

    It is 0 at the finest level that the policy allows and 100 where nothing is published. Levels
    that were set by hand and are none of the hierarchy have no figure: ``None``.
    """
    levels = scheme.as_json()
    losses = {each.attribute: _loss(each, levels) for each in configured_hierarchies()}
    weights = configured_goal().weights
    known = {name: loss for name, loss in losses.items() if loss is not None}
    points = sum(weights[name] * loss for name, loss in known.items())
    whole = (points + ALL_LOST // 2) // ALL_LOST
    return {**losses, ALL: whole if len(known) == len(losses) else None}


def _loss(hierarchy: Hierarchy, levels: dict[str, object]) -> int | None:
    for number, level in enumerate(hierarchy.levels):
        key, value = hierarchy.setting(number)
        if levels[key] == value:
            return level.loss
    return None
