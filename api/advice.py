"""What a client is told of deprecations: in the answer's extensions and in its headers."""

import datetime as dt
from collections.abc import Sequence
from email.utils import format_datetime

from api.addresses import CHANGES_FEED, changes_path, graphql_path, guide_path
from schema.uses import Use
from schema.versions import Version, Versions, opening_day


def advice_headers(
    version: Version | None, uses: Sequence[Use], versions: Versions
) -> dict[str, str]:
    """Return the headers of an answer by ``version``, to a request with ``uses``.

    Deprecation is the date of RFC 9745, since when the first part that was used, or the version
    itself, is deprecated; it may lie ahead. Sunset is the date of RFC 8594, after which the
    version is not served. Link leads to what to do.
    """
    if version is None:
        return {}
    began = [_opening(use.notice.since, versions) for use in uses]
    if version.deprecated_since is not None:
        began.append(version.deprecated_since)
    if not began:
        return {}
    headers = {"Deprecation": f"@{_seconds(min(began))}", "Link": _links(version, uses, versions)}
    if version.sunset is not None:
        headers["Sunset"] = http_date(version.sunset)
    return headers


def http_date(day: dt.date) -> str:
    """Return midnight UTC of a day, as HTTP writes dates."""
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    return format_datetime(midnight, usegmt=True)


def _opening(version: str, versions: Versions) -> dt.date:
    listed = versions.get(version)
    return listed.opens if listed else opening_day(version)


def _seconds(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def _links(version: Version, uses: Sequence[Use], versions: Versions) -> str:
    """Return the links to what is deprecated, to the end, and to the version that follows."""
    following = _successor(version, versions)
    reasons = {use.notice.since for use in uses}
    if following is not None and (version.deprecated_since or not reasons):
        reasons.add(following.name)
    explanations = [_explanation(version, since, versions) for since in sorted(reasons)]
    links = [_link(address, "deprecation") for address in dict.fromkeys(explanations)]
    if version.sunset is not None and following is not None:
        links.append(_link(_explanation(version, following.name, versions), "sunset"))
    if following is not None:
        links.append(f'<{graphql_path(following.name)}>; rel="successor-version"')
    return ", ".join(links)


def _successor(version: Version, versions: Versions) -> Version | None:
    """Return the version that is named as successor, else the next one that is served."""
    if version.successor is not None:
        return versions.get(version.successor)
    return next((each for each in versions.served if each.name > version.name), None)


def _explanation(version: Version, since: str, versions: Versions) -> str:
    """Return the address of the guide to ``since``, else of the changes up to it."""
    target = versions.get(since)
    if target is not None and target.guide:
        return guide_path(target.guide)
    return changes_path(version.name, since) if since > version.name else CHANGES_FEED


def _link(address: str, relation: str) -> str:
    return f'<{address}>; rel="{relation}"; type="text/markdown"'
