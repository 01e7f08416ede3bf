"""How long work reports its progress, without knowing who shows it."""

from collections.abc import Callable

Report = Callable[[str, int, int | None], None]
"""Called as ``report(stage, done, total)``; ``total`` is ``None`` where it is not known.

A stage begins with its first report and ends when ``done == total`` or another one begins.
"""


def silent(_stage: str, _done: int, _total: int | None) -> None:
    """Report to nobody."""
