"""`cordgraph key`: issue, revoke and list the keys that raise a client's quota."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option, printable
from commands.output import print_json
from commands.session import as_operator
from publishing.api_keys import ApiKey, issue_key, list_keys, revoke_key

DEFAULT_QUOTA = 600_000
_MOST = 2**31 - 1
_LONGEST_LABEL = 200


@click.group("key")
def key_commands() -> None:
    """Issue, revoke and list keys that raise a client's quota.

    \b
    Examples:
      cordgraph key issue --label "Portal of the alliance"
      cordgraph key revoke 7
      cordgraph key list --json
    """


@key_commands.command("issue")
@click.option(
    "--label",
    required=True,
    callback=printable(_LONGEST_LABEL),
    help="Whom or what the key is for.",
)
@click.option(
    "--quota",
    type=click.IntRange(1, _MOST),
    default=DEFAULT_QUOTA,
    show_default=True,
    help="Cost that the holder may spend in a minute.",
)
def issue_command(*, label: str, quota: int) -> None:
    """Issue a key and print it, once: only its hash is kept.

    \b
    Example:
      cordgraph key issue --label "Portal of the alliance" --quota 2000000
    """
    issued = as_operator(issue_key, label, quota)
    click.echo(f"Key {issued.id} for {label}. It is not shown again:", err=True)
    click.echo(issued.key)


@key_commands.command("revoke")
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**63 - 1))
def revoke_command(number: int) -> None:
    """Revoke the key ID for good; running services heed it within seconds.

    \b
    Example:
      cordgraph key revoke 7
    """
    as_operator(revoke_key, number)
    click.echo(f"Key {number} is revoked.")


@key_commands.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all keys, without the keys themselves.

    \b
    Example:
      cordgraph key list
    """
    keys = as_operator(list_keys)
    if as_json:
        print_json([_as_json(key) for key in keys])
        return
    table = Table("id", "label", "quota a minute", "issued", "revoked")
    for key in keys:
        revoked = f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
        quota = f"{key.quota_per_minute:,}"
        table.add_row(str(key.id), escape(key.label), quota, f"{key.issued_at:%Y-%m-%d}", revoked)
    Console().print(table)


def _as_json(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "label": key.label,
        "quotaPerMinute": key.quota_per_minute,
        "issuedAt": key.issued_at.isoformat(),
        "revokedAt": key.revoked_at.isoformat() if key.revoked_at else None,
    }
