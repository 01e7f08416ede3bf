"""`cordgraph serve`: answer queries."""

import asyncio
import dataclasses
import os
import socket
from typing import Any

import click

from api.server import bind, serve
from api.settings import Settings
from commands.session import make_ready
from database.access import data_home, open_access
from files.store import store_place


@click.command(name="serve")
@click.option("--host", help="Address to listen on.  [default: CORDGRAPH_HOST or 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Port to listen on; 0 takes a free one.  [default: CORDGRAPH_PORT or 8000]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Processes that answer.  [default: CORDGRAPH_WORKERS or 1]",
)
def serve_command(host: str | None, port: int | None, workers: int | None) -> None:
    """Answer queries over HTTP until Ctrl-C.

    The database is the embedded server's, which is made ready first, or the one that
    CORDGRAPH_READER_URL names. Every setting is an environment variable, described in
    docs/settings.md.

    \b
    Examples:
      cordgraph serve --port 8080
      cordgraph serve --workers 4
    """
    given = {"host": host, "port": port, "workers": workers}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    home = data_home()
    settings = dataclasses.replace(
        Settings.from_environment(os.environ), files=store_place(os.environ, home), **chosen
    )
    with bind(settings.host, settings.port) as listener, open_access(home) as access:
        asyncio.run(make_ready(access))
        serve(settings, access, listener, lambda: _announce(listener))


def _announce(listener: socket.socket) -> None:
    address, port, *_ = listener.getsockname()
    host = f"[{address}]" if ":" in address else address
    click.echo(f"CordGraph answers on http://{host}:{port}/graphql", err=True)
