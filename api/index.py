"""The front door: what there is, as JSON, or as a small page for a browser."""

from html import escape

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import CHANGES_FEED, graphql_path, guide_path, sdl_path
from api.negotiation import MediaType, preferred
from schema.versions import Version, Versions

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>CordGraph</title>
<h1>CordGraph</h1>
<p>Open data on stored cord blood: anonymised, numbered releases over a versioned GraphQL schema.
<ul>{items}</ul>
</html>
"""


class Index:
    """Answers ``/``."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    async def answer(self, request: Request) -> Response:
        """Answer with HTML where it is asked for by name, else with JSON."""
        accept = ", ".join(request.headers.getlist("accept"))
        if preferred(accept, (MediaType.JSON, MediaType.HTML)) is not MediaType.HTML:
            body = orjson.dumps(self._body())
            return Response(body, headers={"Vary": "Accept"}, media_type=MediaType.JSON.value)
        items = "".join(
            f'<li><a href="{escape(path)}">{escape(title)}</a>'
            for title, path in self._links().items()
        )
        headers = {"Vary": "Accept"}
        return Response(_PAGE.format(items=items), headers=headers, media_type="text/html")

    def _links(self) -> dict[str, str]:
        """Return what there is: title -> path."""
        found = {f"GraphQL (version {self._versions.current.name})": "/graphql"}
        for version in self._versions.served:
            title = f"{version.name} ({version.status.name.lower()})"
            found[f"GraphQL {title}"] = graphql_path(version.name)
            found[f"Schema {title}"] = sdl_path(version.name)
        return {**found, "Changes of the schema": CHANGES_FEED, "Health": "/health/ready"}

    def _body(self) -> dict[str, object]:
        return {
            "name": "CordGraph",
            "graphql": "/graphql",
            "currentVersion": self._versions.current.name,
            "versions": [_shown(version) for version in self._versions],
            "changes": CHANGES_FEED,
            "compat": "/compat",
            "health": {"live": "/health/live", "ready": "/health/ready"},
        }


def _shown(version: Version) -> dict[str, object]:
    return {
        "name": version.name,
        "status": version.status.name,
        "graphql": graphql_path(version.name),
        "schema": sdl_path(version.name),
        "stableSince": version.stable_since,
        "deprecatedSince": version.deprecated_since,
        "sunset": version.sunset,
        "successor": version.successor,
        "guide": guide_path(version.guide) if version.guide else None,
    }
