"""The addresses of what belongs to a version of the schema, relative to the root."""

CHANGES_FEED = "/schema/changes.atom"
"""Where the feed of all changes is."""


def graphql_path(version: str) -> str:
    """Return where ``version`` answers."""
    return f"/graphql/{version}"


def export_path(version: str) -> str:
    """Return where exports in ``version`` are."""
    return f"/export/{version}"


def sdl_path(version: str) -> str:
    """Return where the definition of ``version`` is."""
    return f"/schema/{version}.graphql"


def changes_path(before: str, after: str, form: str = "md") -> str:
    """Return where the changes between two versions are, in the ``form`` md, json or atom."""
    return f"/schema/changes/{before}..{after}.{form}"


def guide_path(guide: str) -> str:
    """Return where a migration guide is."""
    return f"/schema/migrating/{guide}"
