"""The search: the levels that lose least and keep every limit, and why no finer ones do."""

from dataclasses import dataclass

import numpy as np

from domain.progress import Report, silent
from publishing.combinations import Combinations
from publishing.hierarchy import Hierarchy
from publishing.holding import Counter, Holding
from publishing.lattice import Lattice, Node, loss_of
from publishing.recording import Recording
from publishing.scheme_goal import Goal


@dataclass(frozen=True, slots=True)
class Step:
    """One attribute of the chosen node, and what its next finer level would cost.

    Attributes:
        hierarchy: The attribute's levels.
        level: Number of the chosen level.
        recorded: Per cent of the units for which the attribute was recorded.
        holding: What the next finer level would hold back, all else the same; ``None`` if the
            chosen level is the finest.
        breaks: The limits that the next finer level would break.
    """

    hierarchy: Hierarchy
    level: int
    recorded: float
    holding: Holding | None
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of a search.

    Attributes:
        steps: The attributes of the chosen node.
        loss: What it loses: a sum of weight times per cent, at most 10,000.
        holding: What it holds back.
        nodes: Nodes of the lattice.
        counted: Nodes that had to be counted; the others followed from them.
    """

    steps: tuple[Step, ...]
    loss: int
    holding: Holding
    nodes: int
    counted: int

    @property
    def node(self) -> Node:
        """The chosen levels."""
        return tuple(step.level for step in self.steps)


def search(
    combinations: Combinations,
    hierarchies: tuple[Hierarchy, ...],
    goal: Goal,
    report: Report = silent,
) -> Found | None:
    """Return the node of least loss that keeps the limits of ``goal``; ``None`` if none does.

    What is held back never grows when a level becomes coarser: classes only merge. So a node
    that breaks a limit rules out all finer ones, and one that keeps them all makes dearer ones
    needless. Nodes with too many gaps are ruled out one by one beforehand, since leaving out a
    complete attribute makes the rest less complete. Of nodes of equal loss the first by levels
    wins, so the outcome is always the same.
    """
    lattice = Lattice.of(hierarchies, goal.weights)
    count = Counter(combinations, hierarchies, goal.k)
    best: tuple[int, Holding] | None = None
    recording = Recording(combinations)
    undecided = recording.enough(lattice.nodes, hierarchies, goal.recorded)
    counted = 0
    while len(places := np.flatnonzero(undecided)):
        place = int(places[len(places) // 2])
        holding = count(lattice.node(place))
        counted += 1
        if holding.classes and not holding.broken(goal):
            best = place, holding
            undecided[place:] = False
        else:
            undecided &= ~lattice.finer(place)
        left = int(undecided.sum())
        report("Searching the lattice", len(undecided) - left, len(undecided))
    if best is None:
        return None
    place, holding = best
    node = lattice.node(place)
    return Found(
        steps=tuple(
            _step(place, node, hierarchies, goal, count, recording)
            for place in range(len(hierarchies))
        ),
        loss=loss_of(hierarchies, goal.weights, node),
        holding=holding,
        nodes=len(lattice.losses),
        counted=counted,
    )


def _step(
    place: int,
    node: Node,
    hierarchies: tuple[Hierarchy, ...],
    goal: Goal,
    count: Counter,
    recording: Recording,
) -> Step:
    """Explain the level of the attribute at ``place`` by the node that is finer there alone."""
    hierarchy = hierarchies[place]
    recorded = recording.percent(hierarchy.attribute)
    if not node[place]:
        return Step(hierarchy, node[place], recorded, None, ())
    finer = (*node[:place], node[place] - 1, *node[place + 1 :])
    holding = count(finer)
    breaks = holding.broken(goal)
    if not recording.enough(np.array([finer]), hierarchies, goal.recorded)[0]:
        breaks = (*breaks, "recorded")
    return Step(hierarchy, node[place], recorded, holding, breaks)
