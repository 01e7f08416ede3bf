"""`cordgraph approver`: who may approve releases, schemes and withdrawals."""

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option, printable
from commands.output import print_json
from commands.session import as_operator
from files.signatures import read_small
from publishing.approvers import add_approver, list_approvers, remove_approver

_name = click.argument("name", callback=printable(80, "A name has"))


@click.group("approver")
def approver_commands() -> None:
    """Say who may approve releases, schemes and withdrawals.

    \b
    Examples:
      cordgraph approver add "Li Wei" li-wei.pub
      cordgraph approver list
      cordgraph approver remove "Li Wei"
    """


@approver_commands.command("add")
@_name
@click.argument("key_file", type=click.Path(path_type=Path, dir_okay=False))
def add_command(*, name: str, key_file: Path) -> None:
    """Let NAME approve with the public key in KEY_FILE, which `minisign -G` made.

    The secret key stays with the person. One key belongs to one person.

    \b
    Example:
      cordgraph approver add "Li Wei" li-wei.pub
    """
    key = as_operator(add_approver, name, read_small(key_file))
    click.echo(f"{name} may approve with the key {key.key_id}.")


@approver_commands.command("remove")
@_name
def remove_command(*, name: str) -> None:
    """Let NAME no longer approve; what this person approved no longer counts.

    \b
    Example:
      cordgraph approver remove "Li Wei"
    """
    as_operator(remove_approver, name)
    click.echo(f"{name} may no longer approve.")


@approver_commands.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all approvers, removed ones too.

    \b
    Example:
      cordgraph approver list
    """
    approvers = as_operator(list_approvers)
    if as_json:
        print_json([approver.as_json() for approver in approvers])
        return
    table = Table("name", "key", "added", "removed")
    for approver in approvers:
        removed = f"{approver.removed_at:%Y-%m-%d}" if approver.removed_at else ""
        added = f"{approver.added_at:%Y-%m-%d}"
        table.add_row(escape(approver.name), approver.key.key_id, added, removed)
    Console().print(table if approvers else "There is no approver yet.")
