"""The application: Starlette's router inside of our own outermost layer."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan

from api.edge import Direct, Edge
from api.pages.lost import answer_refused


class Application(Starlette):
    """Routes requests, those at the addresses of ``direct`` past the router.

    Attributes:
        edge: The outermost layer.
    """

    def __init__(
        self, direct: Direct, routes: Sequence[BaseRoute], lifespan: Lifespan["Application"]
    ) -> None:
        super().__init__(routes=routes, lifespan=lifespan)
        inner = ExceptionMiddleware(self.router, {HTTPException: answer_refused})
        self.edge = Edge(inner, direct)

    def build_middleware_stack(self) -> ASGIApp:
        """Return the layers: the edge masks faults, so that Starlette's own are not needed."""
        return self.edge
