"""The shape of a unit: which elements it may hold, as a tree."""

from dataclasses import dataclass, field

from publishing.intake.fields import DROPPED, FIELDS, GROUPS

UNIT_DEPTH = 3
"""Units stand in INVENTORIES/INVENTORY/CBU."""


@dataclass(slots=True, eq=False)
class Node:
    """An element of the format.

    Attributes:
        path: Names from the unit to it, joined by slashes.
        depth: Levels from the file's outermost element, which is 1.
        parent: The element around it, or ``None`` for the unit.
        is_value: Whether it holds text; else it holds elements.
        is_dropped: Whether it is passed over unread.
        children: The elements it may hold, by name.
    """

    path: str
    depth: int
    parent: "Node | None" = None
    is_value: bool = False
    is_dropped: bool = False
    children: dict[str, "Node"] = field(default_factory=dict)


def _tree() -> Node:
    nodes = {"": Node("", UNIT_DEPTH)}
    for path in sorted(GROUPS | DROPPED | FIELDS.keys(), key=lambda path: path.count("/")):
        above, _, name = path.rpartition("/")
        parent = nodes[above]
        node = Node(path, parent.depth + 1, parent, path in FIELDS, path in DROPPED)
        nodes[path] = parent.children[name] = node
    return nodes[""]


UNIT = _tree()
"""The unit itself."""
