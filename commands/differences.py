"""`cordgraph bank differences`: what banks say now of units that are published."""

import asyncio
import json

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.session import operator_session
from domain.banks import BANK_CODES
from publishing.intake.published_difference import PublishedDifference, list_differences


@click.command("differences")
@click.argument("bank", metavar="[CODE]", type=click.Choice(BANK_CODES), required=False)
@click.option("--consent-ended", is_flag=True, help="Only units that have no consent now.")
@click.option(
    "--numbers",
    is_flag=True,
    help="Print the bank's numbers alone, one a line, for `release withdraw-classes --units`.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def differences(*, bank: str | None, consent_ended: bool, numbers: bool, as_json: bool) -> None:
    """List published units that the bank CODE, or any bank, corrected or deleted since.

    Published units never change. Where consent ended or data are at fault, the classes that hold
    the units are withdrawn. Units of classes that were withdrawn are not listed. This is for the
    operator: do not pass the list on.

    \b
    Examples:
      cordgraph bank differences
      cordgraph bank differences BJ --consent-ended --numbers > ended.txt
    """
    if numbers and bank is None:
        raise click.UsageError("--numbers goes with CODE: numbers are unique in one bank only.")
    found = asyncio.run(_list(bank, consent_ended=consent_ended))
    if as_json:
        click.echo(json.dumps([row.as_json() for row in found], ensure_ascii=False, indent=2))
    elif numbers:
        for row in found:
            click.echo(row.unit_number)
    else:
        _print(found)


def _print(found: list[PublishedDifference]) -> None:
    table = Table("bank", "unit", "release", "differs in", "since")
    for row in found:
        what = "deleted" if row.deleted else ", ".join(row.fields)
        since = f"submission {row.submission}, {row.received_at:%Y-%m-%d}"
        table.add_row(row.bank, escape(row.unit_number), str(row.release), what, since)
    Console(highlight=False).print(table if found else "No published unit differs.")


async def _list(bank: str | None, *, consent_ended: bool) -> list[PublishedDifference]:
    async with operator_session() as connection:
        return await list_differences(connection, bank, consent_ended=consent_ended)
