"""All choices of one level for each attribute, in the order of what they lose."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from publishing.hierarchy import Hierarchy

Node: TypeAlias = tuple[int, ...]
"""The number of a level for each hierarchy, 0 being the finest."""


@dataclass(frozen=True)
class Lattice:
    """The nodes that a search may choose.

    Attributes:
        nodes: Levels of every node, shape (nodes, attributes), by loss and then by levels; the
            node that publishes nothing is left out.
        losses: Sum of weight times loss of each node, shape (nodes,), ascending.
    """

    nodes: NDArray[np.int64]
    losses: NDArray[np.int64]

    @classmethod
    def of(cls, hierarchies: tuple[Hierarchy, ...], weights: Mapping[str, int]) -> "Lattice":
        """Return the lattice of ``hierarchies``; its losses are whole numbers, 0 to 10,000."""
        top = tuple(len(hierarchy.levels) - 1 for hierarchy in hierarchies)
        ranked = sorted(
            (loss_of(hierarchies, weights, node), node)
            for node in product(*(range(len(hierarchy.levels)) for hierarchy in hierarchies))
            if node != top
        )
        return cls(
            nodes=np.array([node for _, node in ranked], dtype=np.int64).reshape(-1, len(top)),
            losses=np.array([loss for loss, _ in ranked], dtype=np.int64),
        )

    def node(self, position: int) -> Node:
        """Return the node at ``position`` of the order."""
        return tuple(int(level) for level in self.nodes[position])

    def finer(self, position: int) -> NDArray[np.bool_]:
        """Tell for every node whether none of its levels is coarser than that of ``position``."""
        inside: NDArray[np.bool_] = (self.nodes <= self.nodes[position]).all(axis=1)
        return inside


def loss_of(hierarchies: tuple[Hierarchy, ...], weights: Mapping[str, int], node: Node) -> int:
    """Return what ``node`` loses, as a sum of weight times per cent."""
    return sum(
        weights[hierarchy.attribute] * hierarchy.levels[level].loss
        for hierarchy, level in zip(hierarchies, node, strict=True)
    )
