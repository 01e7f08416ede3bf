"""`cordgraph release approve` and `cordgraph scheme approve`: two people sign what will happen."""

from pathlib import Path

import click

from commands.output import write_whole
from commands.session import as_operator
from database.pool import Connection
from files.signatures import read_small, sign
from publishing.approvals import (
    COMMANDS,
    Kind,
    approval_text,
    approvals_of,
    approve,
    require_planned,
)

_DIGEST_LENGTH = 64


def _digest(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if len(value) != _DIGEST_LENGTH or set(value) - set("0123456789abcdef"):
        raise click.BadParameter("a digest has 64 hexadecimal digits, as it was printed.")
    return value


_options = (
    click.option("--digest", required=True, callback=_digest, help="Digest of what is approved."),
    click.option("--approver", metavar="NAME", help="Who approves."),
    click.option(
        "--signature",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE.minisig",
        help="Signature that the approver made elsewhere.",
    ),
    click.option(
        "--secret-key",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Sign here with this key of minisign; its password is asked.",
    ),
    click.option(
        "--text",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write the text that is to be signed, and record nothing.",
    ),
)


@click.command("approve")
@click.option("--withdrawal", is_flag=True, help="The digest is that of a withdrawal.")
def approve_release(
    *,
    withdrawal: bool,
    digest: str,
    approver: str | None,
    signature: Path | None,
    secret_key: Path | None,
    text: Path | None,
) -> None:
    """Record the approval of a release plan, or of a withdrawal.

    Two different approvers with different keys are needed. Each signs with minisign a text that
    names what is approved; a signature for one plan is none for another.

    \b
    Examples:
      cordgraph release approve --digest 4c2f... --text plan.txt
      minisign -Sm plan.txt -t "release 3"          (elsewhere, by the approver)
      cordgraph release approve --digest 4c2f... --approver "Li Wei" --signature plan.txt.minisig
    """
    kind = Kind.WITHDRAWAL if withdrawal else Kind.RELEASE
    _approve(kind, digest, approver, signature, secret_key, text)


@click.command("approve")
def approve_scheme(
    *,
    digest: str,
    approver: str | None,
    signature: Path | None,
    secret_key: Path | None,
    text: Path | None,
) -> None:
    """Record the approval of a proposed scheme; two approvers with different keys are needed.

    \b
    Examples:
      cordgraph scheme approve --digest 1f0c... --text scheme.txt
      minisign -Sm scheme.txt -t "scheme 2"         (elsewhere, by the approver)
      cordgraph scheme approve --digest 1f0c... --approver "Li Wei" --signature scheme.txt.minisig
    """
    _approve(Kind.SCHEME, digest, approver, signature, secret_key, text)


for option in reversed(_options):
    option(approve_release)
    option(approve_scheme)


def _approve(
    kind: Kind,
    digest: str,
    approver: str | None,
    signature: Path | None,
    secret_key: Path | None,
    text: Path | None,
) -> None:
    if text is not None:
        as_operator(require_planned, kind, digest)
        write_whole("--text", text, approval_text(kind, digest))
        click.echo(f"Wrote {text}. Each approver signs it: minisign -Sm {text} -t '{kind}'")
        return
    if approver is None or (signature is None) == (secret_key is None):
        raise click.UsageError(
            "Give --approver with either --signature or --secret-key; or --text alone."
        )
    if signature is not None:
        content = read_small(signature)
    elif secret_key is not None:
        content = sign(approval_text(kind, digest), secret_key, f"cordgraph {kind}", _password)
    names = as_operator(_record, kind, digest, approver, content)
    click.echo(f"Approved by {approver}. Approvals of this {kind} so far: {', '.join(names)}.")


def _password() -> str:
    password: str = click.prompt("Password of the key", hide_input=True, err=True)
    return password


async def _record(
    connection: Connection, kind: Kind, digest: str, approver: str, signature: bytes
) -> list[str]:
    await approve(connection, kind, digest, approver, signature)
    return [given.approver for given in await approvals_of(connection, kind, digest)]


def how_to_approve(kind: Kind, digest: str) -> str:
    """Return the command that a person who approves runs, for a hint."""
    return f"{COMMANDS[kind]} --digest {digest} --approver NAME --signature FILE.minisig"
