"""The page of the IDE at the address of a version, and what its scripts are told."""

import json
from collections.abc import Mapping
from typing import Any

import strawberry
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.addresses import graphql_path, sdl_path
from api.ide.build import LICENCES
from api.ide.bundle import Bundle
from schema.example import Audience, examples
from schema.limits import LIMITS
from schema.versions import Versions

_TITLES = {
    Audience.DEVELOPERS: ("For developers", "面向开发者"),
    Audience.PARTNERS: ("For partners", "面向合作机构"),
    Audience.PORTALS: ("For portals", "面向数据门户"),
    Audience.CLINICIANS: ("For clinicians", "面向临床医生"),
}
_IN_SCRIPT = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
_SCRIPTS = ("react.js", "react-dom.js", "graphiql.js", "explorer.js")
_STYLES = ("graphiql.css", "explorer.css")
_MODULE = "ide.js"
_STYLE = "ide.css"


def render_page(
    bundle: Bundle,
    version: str,
    schemas: Mapping[str, strawberry.Schema],
    versions: Versions,
) -> bytes:
    """Return the page at the address of ``version``.

    Args:
        bundle: The files that it loads.
        version: The version that is asked at first.
        schemas: The schemas of all versions that are served.
        versions: Where they stand.
    """
    environment = Environment(
        loader=PackageLoader("api.ide", "source"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = [bundle.assets[name] for name in _SCRIPTS if bundle.complete]
    styles = [bundle.assets[name] for name in (*_STYLES * bundle.complete, _STYLE)]
    modules = [each for each in bundle.assets.values() if _is_module(each.name)]
    page = environment.get_template("page.html").render(
        address=bundle.address,
        complete=bundle.complete,
        facts=_facts(version, schemas, versions).translate(_IN_SCRIPT),
        entry=bundle.assets[_MODULE],
        modules=[each for each in modules if each.name != _MODULE],
        licences=LICENCES,
        path=graphql_path(version),
        scripts=scripts,
        sdl=sdl_path(version),
        styles=styles,
        version=version,
        versions=[(each.name, graphql_path(each.name)) for each in versions.served],
    )
    return page.encode()


def _is_module(name: str) -> bool:
    return name.endswith(".js") and name not in _SCRIPTS


def _facts(version: str, schemas: Mapping[str, strawberry.Schema], versions: Versions) -> str:
    """Return what the scripts are told, as JSON."""
    served = [
        {
            "name": each.name,
            "status": each.status.name,
            "graphql": graphql_path(each.name),
            "cost": f"/cost/{each.name}",
        }
        for each in versions.served
    ]
    inner = {name: each._schema for name, each in schemas.items()}  # noqa: SLF001 - no other way
    shown = {
        each.name: {
            "title": [each.title, each.chinese],
            "document": each.document,
            "variables": each.variables,
            "versions": [name for name, schema in inner.items() if each.is_valid(schema)],
        }
        for each in examples()
    }
    groups = [
        {
            "title": _TITLES[audience],
            "examples": [each.name for each in examples() if audience in each.audiences],
        }
        for audience in Audience
    ]
    facts: dict[str, Any] = {
        "version": version,
        "versions": served,
        "examples": shown,
        "groups": groups,
        "maxCost": LIMITS.max_cost,
    }
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
