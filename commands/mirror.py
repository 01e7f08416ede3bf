"""`cordgraph mirror`: a copy of another service's releases, in a folder and in a database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from commands.options import json_option
from commands.output import print_json
from commands.progress import ProgressBars
from commands.session import operator_session
from domain.failures import Refused
from files.signatures import PublicKey, parse_public_key, read_small
from mirroring.database import Loaded, load
from mirroring.folder import MirrorFolder
from mirroring.mirror import Mirrored, mirror
from mirroring.origin import Origin, open_origin

_MOST_JOBS = 16


@click.command("mirror")
@click.argument("url")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--public-key",
    "keys",
    metavar="FILE|KEY",
    multiple=True,
    help="Public key of the origin: a file of minisign, or its second line. May be repeated.",
)
@click.option(
    "--check", is_flag=True, help="Read all files that are here, and bring back damaged ones."
)
@click.option(
    "--accept-withdrawals",
    is_flag=True,
    help="Take away more than one release at once, where the origin says that they are withdrawn.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, _MOST_JOBS),
    default=4,
    show_default=True,
    help="Files that are fetched at a time.",
)
@click.option(
    "--load", "loads", is_flag=True, help="Bring the releases into a database to be served, too."
)
@json_option
def mirror_command(
    *,
    url: str,
    folder: Path,
    keys: tuple[str, ...],
    check: bool,
    accept_withdrawals: bool,
    jobs: int,
    loads: bool,
    as_json: bool,
) -> None:
    """Bring DIR to where the service at URL is: all its releases, byte for byte.

    The first run fetches everything, later ones only what is new: the batch of each release and
    its small tables. The rest is made here and compared with the origin's hashes. A release shows
    up in DIR when it is whole and its signature holds. What the origin has withdrawn is taken away
    and leaves a tombstone; more than one at once only with --accept-withdrawals. The command can
    be killed at any moment and run again, for instance every hour.

    Give the origin's key with --public-key; without it the first run trusts the key that it finds,
    says so, and every later run trusts that one only.

    With --load the releases come into a database as well, the one that CORDGRAPH_OPERATOR_URL names
    or the embedded one, and `cordgraph serve` there answers every pinned query with the origin's
    bytes. Such a database takes no inventories and publishes nothing itself.

    Exit code 1 if a file or a signature is not what it should be, 3 if the origin cannot be
    reached, the disk is full or another run is at it.

    \b
    Examples:
      cordgraph mirror https://data.example.org /srv/cordgraph --public-key minisign.pub
      cordgraph mirror https://data.example.org /srv/cordgraph --check
      cordgraph mirror https://data.example.org /srv/cordgraph --load
      CORDGRAPH_FILES=/srv/cordgraph cordgraph serve
    """
    trusted = [_key(each) for each in keys]
    with ProgressBars() as bars:
        taking = partial(
            mirror, keys=trusted, check=check, accept_withdrawals=accept_withdrawals, report=bars
        )
        running = _mirror(url, folder, taking, jobs=jobs, loads=loads, bars=bars)
        done, loaded = asyncio.run(running)
    if as_json:
        print_json({**done.as_json(), "loaded": None if loaded is None else asdict(loaded)})
    else:
        _say(done, folder, loaded)


async def _mirror(
    url: str,
    folder: Path,
    taking: Callable[[Origin, MirrorFolder], Awaitable[Mirrored]],
    *,
    jobs: int,
    loads: bool,
    bars: ProgressBars,
) -> tuple[Mirrored, Loaded | None]:
    place = MirrorFolder(folder)
    with place.held():
        async with open_origin(url, jobs) as origin:
            done = await taking(origin, place)
        if done.first_use:
            _warn(done)
        if not loads:
            return done, None
        async with operator_session(bars) as connection:
            return done, await load(connection, place, bars)


def _key(given: str) -> PublicKey:
    """Return the key in a file, or the one that is given itself.

    Raises:
        Refused: It is neither.
    """
    path = Path(given)
    try:
        content = read_small(path) if path.is_file() else given.encode()
        return parse_public_key(content)
    except (ValueError, OSError):
        raise Refused(
            f"{given[:100]} is neither a file with a public key of minisign nor such a key",
            hint="A key is the second line of minisign.pub and begins with RW.",
        ) from None


def _warn(done: Mirrored) -> None:
    click.secho(
        "WARNING: no key was given, so the one that the origin shows is trusted from now on.",
        fg="yellow",
        bold=True,
        err=True,
    )
    for key in done.keys:
        click.echo(f"  {key.key_id}: {key.to_file().decode().splitlines()[-1]}", err=True)
    click.echo("Compare it with what the publisher shows elsewhere.", err=True)


def _say(done: Mirrored, folder: Path, loaded: Loaded | None) -> None:
    for each in done.withdrawn:
        click.echo(f"Release {each.release} was withdrawn: {each.reason}")
    for release in done.repaired:
        click.echo(f"Release {release}: damaged files were brought back.")
    for new in done.new:
        click.echo(
            f"Release {new.release}: {new.files} files, {new.bytes / 1e6:,.1f} MB, of which "
            f"{new.fetched / 1e6:,.1f} MB were fetched."
        )
    if not done.present:
        click.echo("The origin has published nothing yet.")
        return
    shown = ", ".join(map(str, done.present))
    news = "" if done.new or done.withdrawn or done.repaired else "Nothing new. "
    click.echo(f"{news}{folder} has release {shown} of {done.origin}")
    if loaded is not None:
        numbers = ", ".join(map(str, loaded.new)) or "nothing new"
        click.echo(f"Loaded into the database: {numbers}.")
