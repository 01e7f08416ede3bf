"""The command that serves, started as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

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
