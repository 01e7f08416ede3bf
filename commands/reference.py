"""`cordgraph reference`: banks and indications."""

import click

from commands.session import as_operator
from publishing.reference import TableChange, load_reference


@click.group("reference")
def reference_commands() -> None:
    """Keep the banks and indications that releases refer to.

    \b
    Example:
      cordgraph reference load
    """


@reference_commands.command("load")
def load() -> None:
    """Let the next release read the banks and indications of this version.

    Past releases keep the rows that they were published with. Loading again changes nothing.

    \b
    Example:
      cordgraph reference load
    """
    change = as_operator(load_reference)
    click.echo(f"Release {change.release} and later read:")
    click.echo(f"  banks        {_told(change.banks)}")
    click.echo(f"  indications  {_told(change.indications)}")


def _told(change: TableChange) -> str:
    return (
        f"{change.added} added, {change.changed} changed, {change.removed} removed, "
        f"{change.unchanged} unchanged"
    )
