"""`cordgraph approver`: who may approve releases, schemes and withdrawals."""

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.session import operator_session
from publishing.approvers import Approver, add_approver, list_approvers, remove_approver
from publishing.signatures import PublicKey, read_small

_LONGEST_NAME = 80


def _name(_context: click.Context, _option: click.Parameter, value: str) -> str:
    name = value.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"A name has 1 to {_LONGEST_NAME} printable characters.")
    return name


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
@click.argument("name", callback=_name)
@click.argument("key_file", type=click.Path(path_type=Path, dir_okay=False))
def add_command(*, name: str, key_file: Path) -> None:
    """Let NAME approve with the public key in KEY_FILE, which `minisign -G` made.

    The secret key stays with the person. One key belongs to one person.

    \b
    Example:
      cordgraph approver add "Li Wei" li-wei.pub
    """
    key = asyncio.run(_add(name, read_small(key_file)))
    click.echo(f"{name} may approve with the key {key.key_id}.")


@approver_commands.command("remove")
@click.argument("name", callback=_name)
def remove_command(*, name: str) -> None:
    """Let NAME no longer approve; what this person approved no longer counts.

    \b
    Example:
      cordgraph approver remove "Li Wei"
    """
    asyncio.run(_remove(name))
    click.echo(f"{name} may no longer approve.")


@approver_commands.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def list_command(*, as_json: bool) -> None:
    """List all approvers, removed ones too.

    \b
    Example:
      cordgraph approver list
    """
    approvers = asyncio.run(_list())
    if as_json:
        rows = [approver.as_json() for approver in approvers]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("name", "key", "added", "removed")
    for approver in approvers:
        removed = f"{approver.removed_at:%Y-%m-%d}" if approver.removed_at else ""
        added = f"{approver.added_at:%Y-%m-%d}"
        table.add_row(escape(approver.name), approver.key.key_id, added, removed)
    Console().print(table if approvers else "There is no approver yet.")


async def _add(name: str, public_key: bytes) -> PublicKey:
    async with operator_session() as connection:
        return await add_approver(connection, name, public_key)


async def _remove(name: str) -> None:
    async with operator_session() as connection:
        await remove_approver(connection, name)


async def _list() -> list[Approver]:
    async with operator_session() as connection:
        return await list_approvers(connection)
