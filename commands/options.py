"""Options that several commands have."""

from collections.abc import Callable
from typing import Any

import click

from publishing.gate import Profile

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def profile_option(about: str) -> Callable[[Any], Any]:
    """Return the option ``--profile``; ``about`` says what it does for the command."""
    return click.option(
        "--profile",
        type=click.Choice([profile.value for profile in Profile]),
        default=Profile.STRICT.value,
        show_default=True,
        help=about,
    )


def printable(
    longest: int, what: str = "It must have"
) -> Callable[[click.Context, click.Parameter, str], str]:
    """Return the callback that takes 1 to ``longest`` printable characters, white space cut off.

    Args:
        longest: Most characters.
        what: How the refusal begins.
    """

    def checked(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
        text = value.strip()
        if not 1 <= len(text) <= longest or not text.isprintable():
            raise click.BadParameter(f"{what} 1 to {longest} printable characters.")
        return text

    return checked
