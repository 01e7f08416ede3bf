"""The home page: what this is, its numbers, and a first query."""

from collections.abc import Mapping

import orjson
from markupsafe import Markup

from api.pages.asking import query_text
from api.pages.code import readable
from api.pages.pictures.gallery import exhibits
from api.pages.reply import NOWHERE
from api.pages.view import View
from api.portals.description import describe
from api.portals.schema_org import data_catalog, embedded

_SHOWN = ("cities", "cells", "doses")
"""The pictures on the home page."""


async def make_home(view: View) -> Mapping[str, object]:
    """Return the numbers of the newest release and the first query with its answer."""
    version = view.versions.current.name
    name = f"first_{view.language.value}"
    query = query_text(name)
    shown = {
        "described": _described(view),
        "version": version,
        "query": query,
        "command": _command(query, version),
    }
    if view.latest is None:
        return {**shown, "release": None, "indications": 0, "answer": "", "pictures": []}
    number = view.latest.number
    found = await view.ask("home", number)
    answer = {"data": await view.ask(name, number)}
    return {
        **shown,
        "release": found["release"],
        "pictures": await exhibits(view, number, *_SHOWN),
        "indications": found["indications"]["totalCount"],
        "answer": readable(answer),
    }


def _described(view: View) -> Markup:
    """Return the service as a catalogue, for search engines."""
    there = [each for each in describe(view.catalogue) if not each.is_withdrawn]
    described = data_catalog(there, view.sources.publisher, f"{NOWHERE}/")
    return Markup(embedded(described))  # noqa: S704 - nothing in it ends the element


def _command(query: str, version: str) -> str:
    """Return the query as a command, on one line; the origin is put in when it is sent."""
    body = orjson.dumps({"query": " ".join(query.split())}).decode()
    return (
        f"curl ORIGIN/graphql/{version} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
