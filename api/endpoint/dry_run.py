"""What a request costs, without executing it: ``/cost`` and ``/cost/<version>``."""

from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "cordgraph.dry_run"


class DryRun:
    """An ASGI application that prices what the GraphQL endpoint would execute."""

    def __init__(self, graphql: ASGIApp) -> None:
        self._graphql = graphql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; it is given as to ``/graphql``, and refused in the same way."""
        await self._graphql({**scope, _KEY: True}, receive, send)


def is_dry_run(scope: Scope) -> bool:
    """Tell whether the request of ``scope`` only asks for its cost."""
    return _KEY in scope
