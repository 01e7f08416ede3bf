"""How completely banks record what each of them must: the ABO group and the nucleated cells."""

from collections import Counter
from collections.abc import Hashable, Mapping

from domain.bands import UNRECORDED
from domain.units import AboGroup, UnitClass
from publishing.batch import Batch
from publishing.gate import Measure


def measure_completeness(batch: Batch) -> Measure | None:
    """Measure the share of new units with a value of the attribute that most of them lack.

    New are the units that no release has considered, whether they go out now or wait. Those that
    waited were measured when they were new, and would mislead: a unit without a value is in a
    rare class, so such units wait, gather, and go out together in a later batch.

    Returns:
        Per cent of the new units; ``None`` without any, or where neither attribute is published.
    """
    new = Counter(unit.unit_class for unit in batch.deferred if not unit.waiting)
    for unit_class, members in batch.classes.items():
        new[unit_class] += sum(not unit.waiting for unit in members)
    if not new.total():
        return None
    abo = {unit_class: unit_class.abo for unit_class in new}
    tnc = {unit_class: unit_class.tnc for unit_class in new}
    found = [*_share("ABO", new, abo, AboGroup.UNKNOWN), *_share("TNC", new, tnc, UNRECORDED)]
    return min(found, key=lambda measure: measure.value, default=None)


def _share(
    name: str,
    new: Counter[UnitClass],
    values: Mapping[UnitClass, Hashable],
    unrecorded: Hashable,
) -> list[Measure]:
    """Measure one attribute; nothing where it is not published."""
    if None in values.values():
        return []
    lacking = sum(units for cls, units in new.items() if values[cls] == unrecorded)
    total = new.total()
    return [Measure(100 * (total - lacking) / total, name)]
