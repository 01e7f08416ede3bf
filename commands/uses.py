"""`cordgraph schema uses`: may a deprecated part go?"""

import asyncio
import datetime as dt
import json

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from api.guidance import notices_of_all
from api.usage import Usage, usages_since
from commands.session import service_session
from schema.build import build_schema
from schema.deprecations import Notice
from schema.versions import VERSIONS

DEFAULT_DAYS = 30
_MOST_DAYS = 3_650


@click.command("uses")
@click.option(
    "--days",
    type=click.IntRange(1, _MOST_DAYS),
    metavar="N",
    help=f"Count the last N days, today included.  [default: {DEFAULT_DAYS}]",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Count from this day on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, day by day.")
def uses_command(*, days: int | None, since: dt.datetime | None, as_json: bool) -> None:
    """Show how many requests used each part of the schema that is deprecated or goes.

    Counted are requests, by day in UTC, not clients: who asked is not kept. Running services
    write their counts down every few seconds. This works as the role of the service
    (CORDGRAPH_SERVICE_URL).

    \b
    Examples:
      cordgraph schema uses
      cordgraph schema uses --days 90
      cordgraph schema uses --since 2026-10-01 --json
    """
    if days is not None and since is not None:
        raise click.UsageError("Give --days or --since, not both.")
    today = dt.datetime.now(dt.UTC).date()
    first = since.date() if since else today - dt.timedelta(days=(days or DEFAULT_DAYS) - 1)
    if first > today:
        raise click.UsageError(f"--since {first} lies ahead; in UTC it is {today}.")
    usages = asyncio.run(_usages(first))
    if as_json:
        found = [usage.as_json() for usage in usages]
        span = {"from": first.isoformat(), "to": today.isoformat()}
        click.echo(json.dumps({**span, "uses": found}, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    console.print(_table(usages) if usages else "Nothing is deprecated, and nothing was counted.")
    console.print(f"Requests from {first} to {today} (UTC), by all clients together.")


async def _usages(first: dt.date) -> list[Usage]:
    async with service_session() as connection:
        return await usages_since(connection, _going(), first)


def _going() -> dict[str, Notice]:
    """Return what clients of any served version are told; the oldest version tells most."""
    schemas = {version.name: build_schema(version.name) for version in VERSIONS.served}
    found: dict[str, Notice] = {}
    for _, told in sorted(notices_of_all(schemas).items(), reverse=True):
        found.update(told)
    return found


def _table(usages: list[Usage]) -> Table:
    table = Table(
        Column("part", no_wrap=True),
        Column("requests", justify="right"),
        "last used",
        "since",
        "gone in",
        Column("write instead", overflow="fold"),
    )
    for usage in usages:
        notice, days = usage.notice, list(usage.days)
        table.add_row(
            escape(usage.coordinate),
            f"{usage.requests:,}",
            str(days[-1]) if days else "",
            notice.since if notice else "",
            (notice.removed_in or "") if notice else "gone",
            escape((notice and notice.replacement) or ""),
        )
    return table
