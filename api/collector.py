"""How often the garbage collector looks at everything, which holds up all requests."""

import gc

_YOUNG = 20_000
"""New objects between two looks at the new ones: some milliseconds' work."""
_OLD = 200
"""Looks at the middle-aged before one at all, which takes some ten milliseconds."""


def calm_collector() -> None:
    """Leave what this process has made so far, and lives as long as it, out of collections.

    Measured with 20 inventories in one request: the longest hold falls from 84 to 25 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, _OLD)
