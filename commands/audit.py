"""`cordgraph audit`: who did what when."""

import datetime as dt

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option
from commands.output import print_json
from commands.session import as_operator
from publishing.audit import read_log

_NEWEST = 100


@click.command("audit")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help=f"From this day or time on, in UTC; without it the newest {_NEWEST} entries.",
)
@json_option
def audit(*, since: dt.datetime | None, as_json: bool) -> None:
    """Show the audit log: who did what when. Its entries are never changed or removed.

    \b
    Examples:
      cordgraph audit
      cordgraph audit --since 2026-11-01 --json
    """
    begin, most = (since.replace(tzinfo=dt.UTC), None) if since else (None, _NEWEST)
    entries = as_operator(read_log, since=begin, at_most=most)
    if as_json:
        print_json([entry.as_json() for entry in entries])
        return
    table = Table("when (UTC)", "who", "what", "to what", "details")
    for entry in entries:
        table.add_row(
            f"{entry.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}",
            escape(f"{entry.account or '?'} as {entry.actor}"),
            escape(entry.action),
            escape(entry.subject),
            escape(", ".join(f"{name}: {value}" for name, value in entry.details.items())),
        )
    Console(highlight=False).print(table if entries else "The audit log has no such entry.")
