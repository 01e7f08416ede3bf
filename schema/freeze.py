"""Holding a version of the schema to the definition that is checked in."""

from difflib import unified_diff

from schema.versions import Version

_SHOWN_LINES = 12


def drift(version: Version, built: str, checked_in: str) -> str | None:
    """Return how the built definition departs from the checked-in one and what to do, or ``None``.

    A version that is stable or older never changes, by not one byte; others change with review.
    """
    if built == checked_in:
        return None
    lines = unified_diff(
        checked_in.splitlines(), built.splitlines(), "checked in", "built", lineterm="", n=0
    )
    shown = "\n".join(line for _, line in zip(range(_SHOWN_LINES), lines, strict=False))
    if version.frozen:
        advice = (
            f"It is {version.status.name.lower()} and frozen byte for byte: undo the change, or "
            "give it a lifetime that begins in a later version."
        )
    else:
        advice = "If the change is meant, run: make sdl"
    path = f"schema/sdl/{version.name}.graphql"
    return f"The schema {version.name} differs from {path}. {advice}\n{shown}"
