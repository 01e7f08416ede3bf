"""The entry point: `cordgraph COMMAND`."""

import click

from commands.schema import schema_commands
from commands.shell import Shell


@click.group(
    cls=Shell,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="cordgraph")
def main() -> None:
    r"""Publish and serve open data on stored cord blood.

    \b
    Example:
      cordgraph demo
    """


main.add_command(schema_commands)
