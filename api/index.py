"""The front door: what there is, as JSON, or as a page for a browser."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import CHANGES_FEED, export_path, graphql_path, guide_path, sdl_path
from api.negotiation import MediaType
from api.pages.lost import wants_page
from api.pages.site import Site
from schema.versions import Version, Versions


class Index:
    """Answers ``/``."""

    def __init__(self, versions: Versions, site: Site) -> None:
        self._versions = versions
        self._site = site

    async def answer(self, request: Request) -> Response:
        """Answer with the home page where HTML is asked for by name, else with JSON."""
        if wants_page(request):
            return await self._site.home(request)
        body = orjson.dumps(self._body())
        return Response(body, headers={"Vary": "Accept"}, media_type=MediaType.JSON.value)

    def _body(self) -> dict[str, object]:
        return {
            "name": "CordGraph",
            "graphql": "/graphql",
            "currentVersion": self._versions.current.name,
            "versions": [_shown(version) for version in self._versions],
            "releases": "/releases/",
            "catalogue": "/catalog",
            "feed": "/releases.atom",
            "sitemap": "/sitemap.xml",
            "changes": CHANGES_FEED,
            "compat": "/compat",
            "health": {"live": "/health/live", "ready": "/health/ready"},
        }


def _shown(version: Version) -> dict[str, object]:
    return {
        "name": version.name,
        "status": version.status.name,
        "graphql": graphql_path(version.name),
        "export": export_path(version.name),
        "schema": sdl_path(version.name),
        "stableSince": version.stable_since,
        "deprecatedSince": version.deprecated_since,
        "sunset": version.sunset,
        "successor": version.successor,
        "guide": guide_path(version.guide) if version.guide else None,
    }
