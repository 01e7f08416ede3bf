"""The guides that lead from one version to the next, written by hand."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

FOLDER = "docs/migrating"
"""Where they lie among the documentation; an installed package carries a copy."""


def guide(name: str) -> str | None:
    """Return the text of the guide ``name``, such as ``2027-01.md``, or ``None``."""
    places: list[Traversable] = [
        files("schema") / "migrating" / name,
        Path(__file__).parent.parent / FOLDER / name,
    ]
    for place in places:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    return None
