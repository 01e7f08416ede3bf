"""`cordgraph release export`: the files of releases, and the key that signs them."""

import asyncio
import os
import sys
from pathlib import Path

import click

from commands.options import json_option
from commands.output import print_json
from commands.progress import ProgressBars
from commands.session import operator_session
from database.access import data_home
from database.pool import Connection
from domain.failures import Failure, Refused, Unavailable
from domain.progress import Report
from files.signatures import PublicKey
from files.store import open_store, store_place
from publishing.export.release_files import Exported, export_releases, published_key
from publishing.export.signing_key import VARIABLE, obtain_signing_key


@click.command("export")
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option("--all", "check_all", is_flag=True, help="Look after the files of all releases.")
@click.option(
    "--renew-key",
    is_flag=True,
    help="Sign with another key than readers know, from now on.",
)
@json_option
def export_command(*, number: int | None, check_all: bool, renew_key: bool, as_json: bool) -> None:
    """Write the files of release NUMBER, or of the newest, and of earlier ones that have none.

    They are put where CORDGRAPH_FILES says, signed, and from then on never changed. `release
    publish` does this too; run it again if that was interrupted, or with --all to bring back files
    that were lost. Exit code 1 if the store has another file in the place of one, 3 if it cannot
    be used or another export is running.

    \b
    Examples:
      cordgraph release export
      cordgraph release export 3
      CORDGRAPH_FILES=s3://open-data/cordgraph cordgraph release export --all
    """
    if number is not None and check_all:
        raise click.UsageError("Give a NUMBER or --all, not both.")
    exported, key = asyncio.run(_export(number, check_all=check_all, renew=renew_key))
    if as_json:
        print_json([each.as_json() for each in exported])
        return
    for each in exported:
        click.echo(said(each))
    if not exported:
        click.echo("No release has been published yet.")
    click.echo(f"public key {key.key_id}: {_base64(key)}")


async def export_published(
    connection: Connection, home: Path, release: int, report: Report
) -> Exported:
    """Write the files of ``release``, which was published just now.

    Raises:
        Unavailable: They could not be written; the message says that the release is published.
    """
    try:
        exported, _ = await export_with_key(connection, home, report, upto=release)
    except Failure as failure:
        raise Unavailable(
            f"release {release} is published, but its files are missing: {failure.message}",
            hint=f"{failure.hint or ''} Then run `cordgraph release export {release}`.".lstrip(),
        ) from failure
    return exported[-1]


async def export_with_key(
    connection: Connection,
    home: Path,
    report: Report,
    *,
    upto: int | None = None,
    check_all: bool = False,
    renew: bool = False,
) -> tuple[list[Exported], PublicKey]:
    """Export with the store and the key that the environment names; see `export_releases`."""
    store = open_store(store_place(os.environ, home))
    known = await published_key(store)
    key = obtain_signing_key(home / "keys", os.environ, known, _password, renew=renew)
    exported = await export_releases(
        connection, store, key, home=home, upto=upto, check_all=check_all, report=report
    )
    return exported, key.public


def said(exported: Exported) -> str:
    """Return the sentence about the files of a release."""
    size = f"{exported.files} files, {exported.bytes / 1e6:,.1f} MB, in {exported.folder}"
    if not exported.added:
        return f"Files of release {exported.release}: all there ({size})."
    if exported.added < exported.files:
        return f"Files of release {exported.release}: {exported.added} were missing ({size})."
    return f"Files of release {exported.release}: {size}."


async def _export(
    number: int | None, *, check_all: bool, renew: bool
) -> tuple[list[Exported], PublicKey]:
    home = data_home(os.environ)
    async with operator_session() as connection:
        with ProgressBars() as bars:
            return await export_with_key(
                connection, home, bars, upto=number, check_all=check_all, renew=renew
            )


def _password() -> str:
    if not sys.stdin.isatty():
        raise Refused(
            f"the signing key that {VARIABLE} names is encrypted, and nobody can be asked for its "
            "password",
            hint="Run `cordgraph release export` on a terminal, or name a key without a password "
            "that only this account can read (minisign -G -W).",
        )
    password: str = click.prompt("Password of the signing key", hide_input=True, err=True)
    return password


def _base64(key: PublicKey) -> str:
    return key.to_file().decode().splitlines()[-1]
