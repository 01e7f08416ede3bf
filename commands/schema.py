"""`cordgraph schema`: the contract as text."""

from pathlib import Path

import click

from domain.failures import Refused
from schema.build import sdl
from schema.versions import CURRENT, VERSIONS

SDL_FOLDER = Path(__file__).resolve().parent.parent / "schema" / "sdl"


@click.group("schema")
def schema_commands() -> None:
    """Show the public contract.

    \b
    Example:
      cordgraph schema sdl 2026-10
    """


@schema_commands.command("sdl")
@click.argument("version", required=False)
@click.option("--write", is_flag=True, help="Write the checked-in file of every version.")
def print_sdl(version: str | None, *, write: bool) -> None:
    """Print the schema definition of VERSION (default: the current one).

    \b
    Examples:
      cordgraph schema sdl > schema.graphql
      cordgraph schema sdl --write
    """
    names = [known.name for known in VERSIONS]
    if write:
        for name in names:
            path = SDL_FOLDER / f"{name}.graphql"
            path.write_text(sdl(name), encoding="utf-8")
            click.echo(f"wrote {path.relative_to(SDL_FOLDER.parent.parent)}", err=True)
        return
    chosen = version or CURRENT.name
    if chosen not in names:
        raise Refused(
            f"there is no schema version {chosen!r}", f"The versions are: {', '.join(names)}"
        )
    click.echo(sdl(chosen), nl=False)
