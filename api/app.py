"""The application: its routes, and what it holds while it runs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypedDict

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from api.edge import Edge
from api.endpoint.graphql import GraphQLEndpoint
from api.health import live, ready
from api.index import index
from api.problems import answer_http_exception
from api.sdl import SdlEndpoint
from api.settings import Settings
from api.storage import open_reader
from database.access import Access
from database.pool import Pool
from schema.build import build_schema
from schema.versions import CURRENT, VERSIONS


class State(TypedDict):
    """What every request can reach."""

    pool: Pool


def create_app(
    settings: Settings,
    access: Access,
    schemas: Mapping[str, strawberry.Schema] | None = None,
) -> Starlette:
    """Return the application; it opens the database when it starts and closes it at the end.

    Args:
        settings: How it waits and what it allows.
        access: Addresses of the database; only the reader's and the service's are used.
        schemas: Schema of each version; those of `schema.versions` if not given.
    """
    served = schemas or {version.name: build_schema(version.name) for version in VERSIONS}
    graphql = GraphQLEndpoint(served, CURRENT.name, settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        async with open_reader(access, settings) as pool:
            yield {"pool": pool}

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/graphql", graphql),
            Route("/graphql/", graphql),
            Route("/graphql/{version}", graphql),
            Route("/graphql/{version}/", graphql),
            Route("/schema/{version}.graphql", SdlEndpoint().answer),
            Route("/health/live", live),
            Route("/health/ready", ready),
        ],
        middleware=[Middleware(Edge)],
        exception_handlers={HTTPException: answer_http_exception},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app
