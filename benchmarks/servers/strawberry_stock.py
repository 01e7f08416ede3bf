"""The same schema on Strawberry's own executor and its own view: what its users usually run.

    python -m benchmarks.servers.strawberry_stock PORT

Types, resolvers and batch functions are CordGraph's, with one DataLoader for each batch function
and request; Strawberry's caches of parsed and of valid documents are on, which makes it three times
as fast for small pages. What CordGraph adds (the set executor, limits, kept answers) is not there.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypedDict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.newest import Newest, open_newest
from api.settings import Settings
from api.storage import open_reader
from benchmarks.servers.process import serve
from benchmarks.servers.server import Server
from database.access import Access
from loaders.request import Loaders, Store
from loaders.statements import Pool
from schema.build import build_schema
from schema.context import Context
from schema.versions import VERSIONS

_READER = "STOCK_READER_URL"


class _State(TypedDict):
    pool: Pool
    newest: Newest


class _View(GraphQL[Context, None]):
    """Strawberry's view, with the context that the resolvers need."""

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """Return the context of one request, which may pin a release in its address."""
        del response
        state: Any = request.state
        release = request.query_params.get("release")
        loaders = Loaders(Store(state.pool, state.newest.catalogue))
        return Context(loaders, int(release) if release else None)


def stock(access: Access, logs: Path) -> Server:
    """Return the server over a database."""
    command = [sys.executable, "-m", "benchmarks.servers.strawberry_stock", "{port}"]
    return Server("strawberry", command, {_READER: access.require("reader")}, logs)


def _app(access: Access) -> Starlette:
    schema = build_schema(VERSIONS.current.name)
    schema.execution_context_class = StrawberryGraphQLCoreExecutionContext
    schema.extensions = (ParserCache, ValidationCache)
    settings = Settings()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[_State]:
        async with (
            open_reader(access, settings) as pool,
            open_newest(access, settings) as newest,
        ):
            yield {"pool": pool, "newest": newest}

    app = Starlette(lifespan=lifespan)
    app.mount("/graphql", _View(schema, graphql_ide=None))
    return app


def main() -> None:
    """Serve until a signal comes."""
    access = Access(owner=None, operator=None, reader=os.environ[_READER], service=None)
    serve(_app(access))


if __name__ == "__main__":
    main()
