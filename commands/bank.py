"""`cordgraph bank`: which banks agreed to be named in releases."""

import asyncio
import json

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.session import operator_session
from domain.banks import BANK_CODES
from publishing.waivers import BankStanding, list_banks, revoke_waiver, waive

_LONGEST_REFERENCE = 500


def _reference(_context: click.Context, _option: click.Parameter, value: str) -> str:
    reference = value.strip()
    if not 1 <= len(reference) <= _LONGEST_REFERENCE or not reference.isprintable():
        raise click.BadParameter(f"It must have 1 to {_LONGEST_REFERENCE} printable characters.")
    return reference


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
    asyncio.run(_waive(bank, reference))
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
    asyncio.run(_revoke(bank, reference))
    click.echo(f"No later release that adds units may name {bank}.")
    click.echo("What it has published so far is withdrawn by")
    click.echo(f"  cordgraph release withdraw-classes --bank {bank} --cause waiver --reason TEXT")


@bank_commands.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def list_command(*, as_json: bool) -> None:
    """List the banks with their agreements to be named.

    \b
    Example:
      cordgraph bank list
    """
    banks = asyncio.run(_list())
    if as_json:
        rows = [bank.as_json() for bank in banks]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
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


async def _waive(bank: str, reference: str) -> None:
    async with operator_session() as connection:
        await waive(connection, bank, reference)


async def _revoke(bank: str, reference: str) -> None:
    async with operator_session() as connection:
        await revoke_waiver(connection, bank, reference)


async def _list() -> list[BankStanding]:
    async with operator_session() as connection:
        return await list_banks(connection)
