"""The pages on the schema: its versions, the reference of each, and what changed between them."""

from collections.abc import Iterable, Mapping

from api.pages.reference import BUILT_IN, KINDS, reference_of
from api.pages.view import NoSuchPageError, View
from api.sdl import definition
from schema.changes import MEANINGS, Severity, compare_versions
from schema.guides import guide
from schema.versions import Version


async def make_versions(view: View) -> Mapping[str, object]:
    """Return all versions, the newest first."""
    return {
        "versions": [*view.versions][::-1],
        "served": [each.name for each in view.versions.served],
        "current": view.versions.current.name,
        "before": {each.name: _before(view, each.name) for each in view.versions},
    }


async def make_reference(view: View) -> Mapping[str, object]:
    """Return all parts of a version that is served.

    Raises:
        NoSuchPageError: There is no such version, or it is retired.
    """
    version = _version(view)
    if version.name not in view.sources.schemas:
        raise NoSuchPageError(410)
    return {
        "version": version,
        "kinds": KINDS,
        "parts": reference_of(definition(view.sources.schemas[version.name])),
        "built_in": BUILT_IN,
        "before": _before(view, version.name),
        "has_guide": version.guide is not None and guide(version.guide) is not None,
        "current": view.versions.current.name,
    }


async def make_changes(view: View) -> Mapping[str, object]:
    """Return what changed from the version before.

    Raises:
        NoSuchPageError: There is no such version, or none before it.
    """
    version = _version(view)
    before = _before(view, version.name)
    if before is None:
        raise NoSuchPageError
    served = {name: definition(each) for name, each in view.sources.schemas.items()}
    comparison = compare_versions(before, version.name, {**view.sources.retired, **served})
    return {
        "version": version,
        "before": before,
        "comparison": comparison,
        "severities": list(Severity),
        "meanings": MEANINGS,
        "has_guide": version.guide is not None and guide(version.guide) is not None,
    }


def reference_paths(view: View) -> Iterable[str]:
    """Return the addresses of the references."""
    return [f"/reference/{each.name}" for each in view.versions.served]


def changes_paths(view: View) -> Iterable[str]:
    """Return the addresses of the pages of changes."""
    return [f"/reference/{each.name}/changes" for each in [*view.versions][1:]]


def _version(view: View) -> Version:
    version = view.versions.get(view.parameters["version"])
    if version is None:
        raise NoSuchPageError
    return version


def _before(view: View, name: str) -> str | None:
    """Return the name of the version before ``name``, retired or not."""
    names = [each.name for each in view.versions if each.name < name]
    return names[-1] if names else None
