"""The front door: what there is, as JSON, or as a small page for a browser."""

from html import escape

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import MediaType, preferred
from schema.versions import CURRENT, VERSIONS

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>CordGraph</title>
<h1>CordGraph</h1>
<p>Open data on stored cord blood: anonymised, numbered releases over a versioned GraphQL schema.
<ul>{items}</ul>
</html>
"""
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def links() -> dict[str, str]:
    """Return what there is: title -> path."""
    found = {f"GraphQL (version {CURRENT.name})": "/graphql"}
    for version in VERSIONS:
        found[f"GraphQL {version.name}"] = f"/graphql/{version.name}"
        found[f"Schema {version.name}"] = f"/schema/{version.name}.graphql"
    return {**found, "Health": "/health/ready"}


async def index(request: Request) -> Response:
    """Answer ``/``: HTML where it is asked for by name, else JSON."""
    accept = ", ".join(request.headers.getlist("accept"))
    if preferred(accept, (MediaType.JSON, MediaType.HTML)) is MediaType.HTML:
        items = "".join(
            f'<li><a href="{escape(path)}">{escape(title)}</a>' for title, path in links().items()
        )
        headers = {"Vary": "Accept", "Content-Security-Policy": _POLICY}
        return Response(_PAGE.format(items=items), headers=headers, media_type="text/html")
    body = {
        "name": "CordGraph",
        "graphql": "/graphql",
        "currentVersion": CURRENT.name,
        "versions": [
            {
                "name": version.name,
                "status": version.status.name,
                "graphql": f"/graphql/{version.name}",
                "schema": f"/schema/{version.name}.graphql",
            }
            for version in VERSIONS
        ],
        "health": {"live": "/health/live", "ready": "/health/ready"},
    }
    return Response(orjson.dumps(body), headers={"Vary": "Accept"}, media_type=MediaType.JSON.value)
