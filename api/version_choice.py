"""Refusing versions of the schema that are not served: unknown ones and retired ones."""

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from api.addresses import changes_path, graphql_path, guide_path
from api.advice import http_date
from api.problems import problem
from api.refusal import RefusalError
from schema.errors import Code, ContractError, quoted
from schema.versions import Version, Versions, VersionStatus


def refusal_of_version(name: str, served: Sequence[str], versions: Versions) -> RefusalError:
    """Return why ``name`` is not answered; never another version's answer."""
    version = versions.get(name)
    if version is not None and version.status is VersionStatus.RETIRED:
        return _retired(version, versions)
    error = ContractError(
        Code.VERSION_NOT_FOUND, f"There is no version {quoted(name)} of the schema."
    )
    error.extensions = {**(error.extensions or {}), "versions": list(served)}
    return RefusalError(Code.VERSION_NOT_FOUND, error)


def problem_of_version(name: str, served: Sequence[str], versions: Versions) -> Response:
    """Return the same outside GraphQL."""
    version = versions.get(name)
    if version is not None and version.status is VersionStatus.RETIRED:
        headers = _retirement_headers(version, versions)
        return problem(
            410, _retirement_text(version), headers=headers, **_retirement(version, versions)
        )
    return problem(404, "There is no such version of the schema.", versions=list(served))


def _retirement(version: Version, versions: Versions) -> Mapping[str, object]:
    """Return the end of a retired version and what follows it, for programs."""
    successor = versions.get(version.successor or "")
    return {
        "version": version.name,
        "sunset": version.sunset and version.sunset.isoformat(),
        "successor": version.successor,
        "successorUrl": successor and graphql_path(successor.name),
        "guide": successor and _guide(version, successor),
    }


def _retirement_headers(version: Version, versions: Versions) -> dict[str, str]:
    """Return the headers that go with `_retirement`."""
    headers = {}
    successor = versions.get(version.successor or "")
    if successor is not None:
        guide = f'<{_guide(version, successor)}>; rel="sunset"; type="text/markdown"'
        follows = f'<{graphql_path(successor.name)}>; rel="successor-version"'
        headers["Link"] = f"{guide}, {follows}"
    if version.sunset is not None:
        headers["Sunset"] = http_date(version.sunset)
    return headers


def _retirement_text(version: Version) -> str:
    """Return a sentence on the end of a retired version."""
    return (
        f"Version {version.name} of the schema was retired on {version.sunset}. "
        f"Move to {version.successor}."
    )


def _retired(version: Version, versions: Versions) -> RefusalError:
    error = ContractError(Code.VERSION_RETIRED, _retirement_text(version))
    error.extensions = {**(error.extensions or {}), **_retirement(version, versions)}
    headers = _retirement_headers(version, versions)
    return RefusalError(Code.VERSION_RETIRED, error, headers=headers)


def _guide(version: Version, successor: Version) -> str:
    if successor.guide:
        return guide_path(successor.guide)
    return changes_path(version.name, successor.name)
