"""The pages on the service itself: limits, status, changes, privacy."""

from collections.abc import Mapping

from api.pages.view import View


async def make_limits(view: View) -> Mapping[str, object]:
    """Return the limits that every request meets, by the name of their field."""
    found = await view.ask("limits")
    return {"limits": found["service"]["limits"], "quota": view.anonymous_quota}


async def make_status(view: View) -> Mapping[str, object]:
    """Return where releases, versions and the gate stand."""
    found = await view.ask("status")
    return {"service": found["service"], "current": view.versions.current.name}


async def make_changelog(view: View) -> Mapping[str, object]:
    """Return what users notice of the service, as it is written in the changelog."""
    versions = [each.name for each in view.versions]
    return {"guide": view.document("CHANGELOG.md"), "compared": versions[1:]}


async def make_privacy(view: View) -> Mapping[str, object]:
    """Return the figures of the newest release and the whole document on anonymity."""
    release = None
    if view.latest is not None:
        release = (await view.ask("release", view.latest.number))["release"]
    return {"guide": view.document("docs/anonymity.md"), "release": release}
