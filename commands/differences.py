"""`cordgraph bank differences`: what banks say now of units that are published."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option
from commands.output import print_json
from commands.session import as_operator
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
@json_option
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
    found = as_operator(list_differences, bank, consent_ended=consent_ended)
    if as_json:
        print_json([row.as_json() for row in found])
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
