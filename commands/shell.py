"""Turns failures into a message and an exit code."""

import sys

import click
from rich.console import Console

from domain.failures import Failure


class Shell(click.Group):
    """A command group that prints a `Failure` as two lines instead of a traceback.

    Exit codes: 0 done, 1 refused (input, gate), 2 wrong usage, 3 something needed is missing
    or busy, 130 interrupted.
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Failure as failure:
            console = Console(stderr=True, highlight=False, soft_wrap=True)
            console.print(f"[red]error:[/red] {_plain(failure.message)}")
            if failure.hint:
                console.print(f"[yellow]hint:[/yellow] {_plain(failure.hint)}")
            sys.exit(failure.exit_code)


def _plain(text: str) -> str:
    """Escape rich's markup, since messages quote what users wrote."""
    return text.replace("[", r"\[")
