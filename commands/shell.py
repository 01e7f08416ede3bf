"""Turns failures and signals into a message and an exit code."""

import signal
import sys
from types import FrameType

import click
from rich.console import Console

from domain.failures import Failure

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
            return super().invoke(ctx)
        except Failure as failure:
            console = Console(stderr=True, highlight=False, soft_wrap=True)
            console.print(f"[red]error:[/red] {_plain(failure.message)}")
            if failure.hint:
                console.print(f"[yellow]hint:[/yellow] {_plain(failure.hint)}")
            sys.exit(failure.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted; nothing is half-done", err=True)
            sys.exit(INTERRUPTED)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Unwind as Ctrl-C does, so that the embedded server is stopped."""
    sys.exit(TERMINATED)


def _plain(text: str) -> str:
    """Escape rich's markup, since messages quote what users wrote."""
    return text.replace("[", r"\[")
