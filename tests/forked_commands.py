"""`cordgraph` in processes of their own, forked from one that has imported it already."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]

# Each line of the input is a command; the answers are its process id, and then how it ended.
# ``die_at`` kills it at so many-th touch of a file or folder whose path starts with ``die_in``.
_PROGRAM = """
import json, os, signal, sys
from commands.main import main

TOUCHES = {"open", "os.mkdir", "os.link", "os.remove", "os.rename", "os.chmod"}

def fall_at(number, place):
    left = number
    def touch(event, arguments):
        nonlocal left
        if event in TOUCHES and str(arguments[0]).startswith(place):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(touch)

for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if not child:
        os.setsid()
        for number, name in enumerate([os.devnull, order["stdout"], order["stderr"]]):
            opened = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
            os.dup2(opened, number)
        os.environ.clear()
        os.environ.update(order["environment"])
        if order["die_at"]:
            fall_at(order["die_at"], order["die_in"])
        main(order["arguments"], prog_name="cordgraph")
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended.

    Attributes:
        code: Exit code; negative: the number of the signal that killed it.
        out: What it printed.
        errors: What it said on the other stream.
    """

    code: int
    out: str
    errors: str

    @property
    def was_killed(self) -> bool:
        """Whether it died by SIGKILL."""
        return self.code == -signal.SIGKILL


class Running:
    """A command that runs, alone in its process group."""

    def __init__(self, process: int, answers: asyncio.StreamReader, folder: Path) -> None:
        self.process = process
        self._answers = answers
        self._folder = folder

    def kill(self) -> None:
        """Kill the whole group, at once, if it has not ended."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)  # it may not lead its group yet
            os.killpg(self.process, signal.SIGKILL)

    async def end(self) -> Ended:
        """Wait for its end."""
        status = int(await self._answers.readline())
        out, errors = (
            (self._folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr")
        )
        return Ended(os.waitstatus_to_exitcode(status), out, errors)


class ForkedCommands:
    """Starts commands, one at a time, each in a process of its own."""

    def __init__(self, parent: asyncio.subprocess.Process, folder: Path) -> None:
        self._parent = parent
        self._folder = folder
        self._number = 0
        self._running: Running | None = None
        self._doomed = False

    def kill(self) -> None:
        """Kill the command that runs, or is about to."""
        self._doomed = True
        if self._running:
            self._running.kill()

    async def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        die_at: int = 0,
        die_in: Path = Path("/"),
    ) -> Running:
        """Start ``cordgraph ARGUMENTS``.

        Args:
            arguments: As on the command line.
            environment: Variables beside those of this process.
            die_at: Kill it at so many-th touch of a file; 0: never.
            die_in: Which files are counted: those in this folder.
        """
        self._number += 1
        self._running, self._doomed = None, False
        folder = self._folder / str(self._number)
        folder.mkdir()
        order: dict[str, Any] = {
            "arguments": list(arguments),
            "environment": {**os.environ, **environment},
            "stdout": str(folder / "stdout"),
            "stderr": str(folder / "stderr"),
            "die_at": die_at,
            "die_in": str(die_in),
        }
        if self._parent.stdin is None or self._parent.stdout is None:
            raise ValueError("the parent has no pipes")
        self._parent.stdin.write(json.dumps(order).encode() + b"\n")
        answer = await self._parent.stdout.readline()
        self._running = Running(int(answer), self._parent.stdout, folder)
        if self._doomed:
            self._running.kill()
        return self._running


@asynccontextmanager
async def forked_commands(folder: Path) -> AsyncIterator[ForkedCommands]:
    """Have a parent of commands for a while; what they print is kept in ``folder``."""
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield ForkedCommands(parent, folder)
    finally:
        if parent.stdin is not None:
            parent.stdin.close()
        await parent.wait()
