"""`cordgraph bank`: which banks agreed to be named in releases."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option, printable
from commands.output import print_json
from commands.session import as_operator
from domain.banks import BANK_CODES
from publishing.waivers import BankStanding, list_banks, revoke_waiver, waive

_reference = printable(500)
_bank = click.argument("bank", metavar="CODE", type=click.Choice(BANK_CODES))


@click.group("bank")
def bank_commands() -> None:
    """Record which banks agreed to be named in releases.

    \b
    Examples:
      cordgraph bank waive BJ --reference "Letter of 2026-10-01, file 2026/114"
      cordgraph bank list
    """


@bank_commands.command("waive")
@_bank
@click.option(
    "--reference", required=True, callback=_reference, help="Where the signed agreement is kept."
)
def waive_command(*, bank: str, reference: str) -> None:
    """Record that the bank CODE agreed to be named, so that its own figures can be read.

    \b
    Example:
      cordgraph bank waive BJ --reference "Letter of 2026-10-01, file 2026/114"
    """
    as_operator(waive, bank, reference)
    click.echo(f"Releases may name {bank}.")


@bank_commands.command("revoke")
@_bank
@click.option(
    "--reference", required=True, callback=_reference, help="Where the revocation is kept."
)
def revoke_command(*, bank: str, reference: str) -> None:
    """Record that the bank CODE no longer agrees; no later release that adds units may name it.

    Publish without its new units (--without) and withdraw its classes, or under a scheme that
    does not publish banks. A release that only leaves classes out shows nothing new; it may name
    the bank until the bank's own classes are withdrawn, since nobody must wait to be taken out.

    \b
    Example:
      cordgraph bank revoke BJ --reference "Letter of 2027-02-01, file 2027/9"
    """
    as_operator(revoke_waiver, bank, reference)
    click.echo(f"No later release that adds units may name {bank}.")
    click.echo("What it has published so far is withdrawn by")
    click.echo(f"  cordgraph release withdraw-classes --bank {bank} --cause waiver --reason TEXT")


@bank_commands.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List the banks with their agreements to be named.

    \b
    Example:
      cordgraph bank list
    """
    banks = as_operator(list_banks)
    if as_json:
        print_json([bank.as_json() for bank in banks])
        return
    table = Table("bank", "name", "may be named", "reference")
    for bank in banks:
        table.add_row(
            bank.bank, escape(bank.name or "-"), _standing(bank), escape(bank.reference or "-")
        )
    Console(highlight=False).print(table if banks else "No bank is known yet.")


def _standing(bank: BankStanding) -> str:
    if bank.waived:
        return f"since {bank.recorded_at:%Y-%m-%d}"
    return f"until {bank.revoked_at:%Y-%m-%d}" if bank.revoked_at else "no"
