"""`cordgraph migrate`: roles, rights and tables, on the embedded server or on a real one."""

import asyncio
import os

import click

from commands.progress import ProgressBars
from database.access import data_home, open_access
from database.migrate import prepare


@click.command()
def migrate() -> None:
    """Make the database ready: its roles, their rights and every table.

    Works on the embedded server, or on the database whose owner DATABASE_URL names. The roles
    cordgraph_operator, cordgraph_reader and cordgraph_service get the passwords that stand with
    these names in CORDGRAPH_OPERATOR_URL, CORDGRAPH_READER_URL and CORDGRAPH_SERVICE_URL. What is
    done already is not done again, so it is safe to run at every deployment, also from several
    places at once.

    \b
    Example:
      cordgraph migrate
    """
    with open_access(data_home(os.environ), os.environ) as access, ProgressBars() as bars:
        applied = asyncio.run(
            prepare(access.require("owner"), access.role_passwords(), report=bars)
        )
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("The database is up to date.")
