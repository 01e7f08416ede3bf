"""The command that serves, started as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from database.access import Access

_COMMAND = (
    "from commands.shell import Shell; from commands.serve import serve_command; "
    "Shell(commands=[serve_command])()"
)


def start_serving(access: Access, *arguments: str, **settings: str) -> "subprocess.Popen[str]":
    """Start ``cordgraph serve`` over a database, with pipes for what it says.

    Args:
        access: Addresses of the database; the process gets the reader's.
        arguments: Options of the command.
        settings: Further environment variables.
    """
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "serve", *arguments],
        env={
            **kept,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "CORDGRAPH_READER_URL": access.require("reader"),
            "CORDGRAPH_LOG_FORMAT": "json",
            **settings,
        },
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running_process(
    access: Access, *arguments: str, said: list[str] | None = None, **settings: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Give a serving process and its base URL; it is killed if the test leaves it running.

    What it says before it serves is added to ``said``; ``settings`` are environment variables.
    """
    process = start_serving(access, "--port", "0", *arguments, **settings)
    try:
        yield process, _announced(process, [] if said is None else said)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _announced(process: "subprocess.Popen[str]", said: list[str]) -> str:
    """Return the base URL, once the process says it."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("CordGraph answers on "):
            return line.split()[-1].removesuffix("/graphql")
        said.append(line)
    pytest.fail("the server did not start")
