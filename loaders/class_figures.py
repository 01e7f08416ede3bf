"""What the classes of a release say of its anonymity, counted from what is published alone."""

from dataclasses import dataclass

import numpy as np

from loaders.class_table import ClassTable


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Figures of the batch classes that a release holds.

    Attributes:
        units: Units of all of them.
        classes: How many there are.
        discernibility: Sum of the squares of their units: pairs of units, each with itself too,
            that nothing published tells apart.
        smallest_difference: Units of the smallest class that the release added or left out;
            ``None`` if it changed nothing.
    """

    units: int
    classes: int
    discernibility: int
    smallest_difference: int | None

    @property
    def mean(self) -> float:
        """Mean units of a class; 0 without any."""
        return self.units / self.classes if self.classes else 0.0


def class_figures(table: ClassTable, release: int) -> ClassFigures:
    """Return the figures of ``release``, which exists.

    What differs between it and the one before is a union of whole classes, each added or left
    out by it, so no combination of published values differs by fewer units than the smallest.
    """
    units = table.units[table.held_by(release)].astype(np.int64)
    added = table.columns["added"].where(release.__eq__)
    changed = table.units[added | (table.withdrawn == release)]
    return ClassFigures(
        units=int(units.sum()),
        classes=len(units),
        discernibility=int((units * units).sum()),
        smallest_difference=int(changed.min()) if len(changed) else None,
    )
