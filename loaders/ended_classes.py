"""Reads of the classes that came to an end between two releases."""

from dataclasses import dataclass

from loaders.statements import Statement


@dataclass(frozen=True, slots=True)
class EndedClassRecord:
    """A batch class that release `withdrawn` and all later ones no longer hold, by its digest."""

    digest: str
    added: int
    withdrawn: int
    units: int


ENDED_CLASSES = Statement("ended_classes", EndedClassRecord)
