"""How the servers in Python run in a process of their own: under uvicorn, as CordGraph does."""

import sys

import uvicorn
from starlette.types import ASGIApp

from benchmarks.servers.server import HOST


def serve(app: ASGIApp) -> None:
    """Serve ``app`` on the port that the command line names, until a signal comes."""
    uvicorn.run(
        app,
        host=HOST,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
