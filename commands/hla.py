"""`cordgraph hla`: the approval without which no HLA frequency is published."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option, printable
from commands.output import print_json
from commands.session import as_operator
from publishing.hla.approvals import approve_hla, list_hla_approvals, revoke_hla

_reference = printable(500)


@click.group("hla")
def hla_commands() -> None:
    """Record the approval to open HLA frequencies of real donors.

    \b
    Examples:
      cordgraph hla approve --reference "HGR filing 2026-0412, file 2026/131"
      cordgraph hla list
    """


@hla_commands.command("approve")
@click.option("--reference", required=True, callback=_reference, help="Where the approval is kept.")
def approve_command(*, reference: str) -> None:
    """Record that the authority for human genetic resources approved HLA frequencies.

    Without it releases are made without HLA tables, unless all of their units are made up. Each
    release still needs the approvals of its plan, which names its tables.

    \b
    Example:
      cordgraph hla approve --reference "HGR filing 2026-0412, file 2026/131"
    """
    as_operator(approve_hla, reference)
    click.echo("Releases may have HLA frequency tables.")


@hla_commands.command("revoke")
@click.option(
    "--reference", required=True, callback=_reference, help="Where the revocation is kept."
)
def revoke_command(*, reference: str) -> None:
    """Record that the approval is no longer in force: later releases have no HLA tables.

    Those that are published stay as they are. `cordgraph release withdraw` takes one back.

    \b
    Example:
      cordgraph hla revoke --reference "Letter of 2027-02-01, file 2027/9"
    """
    as_operator(revoke_hla, reference)
    click.echo("Later releases have no HLA frequency tables.")


@hla_commands.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all approvals that were ever recorded.

    \b
    Example:
      cordgraph hla list
    """
    approvals = as_operator(list_hla_approvals)
    if as_json:
        print_json([approval.as_json() for approval in approvals])
        return
    table = Table("recorded", "reference", "revoked", "reference of the revocation")
    for each in approvals:
        table.add_row(
            f"{each.recorded_at:%Y-%m-%d}",
            escape(each.reference),
            f"{each.revoked_at:%Y-%m-%d}" if each.revoked_at else "in force",
            escape(each.revoked_reference or "-"),
        )
    Console(highlight=False).print(table if approvals else "No approval is recorded.")
