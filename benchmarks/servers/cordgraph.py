"""CordGraph as users run it: `cordgraph serve` with its limits on."""

import sys
from pathlib import Path

from benchmarks.servers.server import Server
from database.access import Access

_QUOTA = "2000000000"
"""The quota is counted, but never spent."""


def cordgraph(access: Access, logs: Path, *, keeps: bool) -> Server:
    """Return CordGraph over a database.

    Args:
        access: Addresses of the database; the process gets the reader's and the service's.
        logs: Folder for its log.
        keeps: Whether it keeps answers, as it does by default; otherwise every answer is computed.
    """
    environment = {
        "CORDGRAPH_READER_URL": access.require("reader"),
        "CORDGRAPH_SERVICE_URL": access.require("service"),
        "CORDGRAPH_ANONYMOUS_QUOTA": _QUOTA,
    }
    if not keeps:
        environment["CORDGRAPH_KEPT_ANSWERS_MB"] = "0"
    command = [str(Path(sys.executable).with_name("cordgraph")), "serve", "--port", "{port}"]
    return Server("cordgraph-keeping" if keeps else "cordgraph", command, environment, logs)
