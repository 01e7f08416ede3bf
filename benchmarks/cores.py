"""Which core does what: the measured server has one for itself, everything else shares the rest."""

import os

SERVER_CORE = 0
"""The core of the servers that are measured; only one of them works at a time."""


def load_cores() -> set[int]:
    """Return the cores of the load generator and of PostgreSQL: all but the server's."""
    cores = os.sched_getaffinity(0) | {SERVER_CORE}
    return cores - {SERVER_CORE} or cores


def leave_server_core() -> None:
    """Keep this process, and those it will start, off the server's core.

    The embedded PostgreSQL is started by this process, and so are the load generators.
    """
    os.sched_setaffinity(0, load_cores())


def on_server_core(command: list[str]) -> list[str]:
    """Return ``command`` as one that runs on the server's core alone."""
    return ["taskset", "--cpu-list", str(SERVER_CORE), *command]
