"""`cordgraph audit`: who did what when."""

import asyncio
import datetime as dt
import json

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.session import operator_session
from publishing.audit import Entry, read_log

_NEWEST = 100


@click.command("audit")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help=f"From this day or time on, in UTC; without it the newest {_NEWEST} entries.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def audit(*, since: dt.datetime | None, as_json: bool) -> None:
    """Show the audit log: who did what when. Its entries are never changed or removed.

    \b
    Examples:
      cordgraph audit
      cordgraph audit --since 2026-11-01 --json
    """
    entries = asyncio.run(_read(since.replace(tzinfo=dt.UTC) if since else None))
    if as_json:
        rows = [entry.as_json() for entry in entries]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
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


async def _read(since: dt.datetime | None) -> list[Entry]:
    async with operator_session() as connection:
        return await read_log(connection, since=since, at_most=None if since else _NEWEST)
