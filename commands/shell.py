"""Turns failures and signals into a message and an exit code."""

import errno
import io
import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console

from domain.failures import Failure, Unavailable

INTERRUPTED = 130
TERMINATED = 143


class Shell(click.Group):
    """A command group that prints a `Failure` as two lines instead of a traceback.

    Exit codes: 0 done, 1 refused (input, gate), 2 wrong usage, 3 something needed is missing
    or busy, 130 interrupted (Ctrl-C), 143 terminated.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; whatever ends it, its contexts are left in order."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except Failure as failure:
            _fail(failure)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe has had enough
                raise
            _fail(_unwritable(error))
        except KeyboardInterrupt:
            click.echo("interrupted; nothing is half-done", err=True)
            sys.exit(INTERRUPTED)
        else:
            return result


def _fail(failure: Failure) -> NoReturn:
    """Say what is wrong, if it can be said, and end."""
    with suppress(OSError):
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"[red]error:[/red] {_plain(failure.message)}")
        if failure.hint:
            console.print(f"[yellow]hint:[/yellow] {_plain(failure.hint)}")
    _drop_unwritten()
    sys.exit(failure.exit_code)


def _unwritable(error: OSError) -> Failure:
    if error.filename:
        what = f"{error.filename} cannot be read or written"
    else:
        what = "what the command says cannot be written"
    return Unavailable(
        f"{what}: {error.strerror or error}",
        hint="Make room, or name another place. `cordgraph audit` shows what was done before.",
    )


def _drop_unwritten() -> None:
    """Forget what a full disk did not take, since the interpreter would fail at it once more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(io.UnsupportedOperation):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Unwind as Ctrl-C does, so that the embedded server is stopped."""
    sys.exit(TERMINATED)


def _plain(text: str) -> str:
    """Escape rich's markup, since messages quote what users wrote."""
    return text.replace("[", r"\[")
