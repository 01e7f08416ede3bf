"""`cordgraph demo`: from nothing to a running service, with made-up units."""

import asyncio
import dataclasses
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api.server import bind, serve
from api.settings import PREFIX, Settings
from commands.export import export_with_key
from commands.progress import ProgressBars
from database.access import Access, data_home, open_access
from database.migrate import prepare
from database.pool import Connection, connect
from domain.failures import Failure, Refused, Unavailable
from domain.progress import Report
from files.store import store_place
from publishing.activity.loading import take_in_activity
from publishing.gate import Profile
from publishing.intake.faults import Findings
from publishing.intake.loading import take_in
from publishing.reference import load_reference
from publishing.release import publish
from publishing.synthesis.activity import write_activity
from publishing.synthesis.inventory import write_inventory

SHARES = (80, 10, 10)
"""Percent of the units that each release of the demonstration considers anew."""

FEWEST_UNITS = 300_000
"""With fewer, too many units of rare blood groups would wait, and the gate would stay closed."""

_SEED = 1
_BYTES_PER_UNIT = 6_000
"""Disk that a unit takes: its XML, its rows in both zones, their indexes and the log."""


@click.command()
@click.option(
    "--units",
    type=click.IntRange(FEWEST_UNITS, 5_000_000),
    default=300_000,
    show_default=True,
    help="Units of the synthetic inventory.",
)
@click.option("--host", help="Address to listen on.  [default: CORDGRAPH_HOST or 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Port to listen on; 0 takes a free one.  [default: CORDGRAPH_PORT, or 8000 or the next "
    "that is free]",
)
def demo(*, units: int, host: str | None, port: int | None) -> None:
    """Build a synthetic inventory, publish three releases of it and serve them.

    Everything is kept in the data folder (CORDGRAPH_HOME), so a second run starts in seconds.

    \b
    Example:
      cordgraph demo --port 8080
    """
    home = data_home(os.environ)
    settings = dataclasses.replace(
        Settings.from_environment(os.environ), files=store_place(os.environ, home)
    )
    if host is not None:
        settings = dataclasses.replace(settings, host=host)
    if port is not None:
        settings = dataclasses.replace(settings, port=port)
    any_port = port is None and not os.environ.get(f"{PREFIX}PORT", "").strip()
    click.echo(f"CordGraph demonstration with made-up units. Data folder: {home}")
    with open_access(home, os.environ) as access:
        with _alone(home):
            asyncio.run(_build(access, home, units))
        with bind(settings.host, settings.port, next_free=any_port) as listener:
            _introduce(settings, listener)
            serve(settings, access, listener)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the data folder's build lock; the kernel frees it if we are killed."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            click.echo("Another demonstration is building the data; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def _build(access: Access, home: Path, units: int) -> None:
    """Bring the data folder to three releases, going on where an earlier run stopped."""
    with ProgressBars() as bars:
        await prepare(access.require("owner"), access.role_passwords(), report=bars)
        connection = await connect(access.require("operator"))
        try:
            published = await _published(connection)
            if published < len(SHARES):
                await _take_in(connection, home, units, bars)
                await publish_shares(connection, home, published, bars)
            else:
                bars.say("Three releases are there; nothing to build.")
            await _export(connection, home, bars)
        finally:
            await connection.close()


async def _published(connection: Connection) -> int:
    """Count the releases, having made sure that all data here are made up."""
    real = await connection.fetchval(
        "select exists (select from intake.submission where not synthetic)"
        " or exists (select from intake.activity_submission where not synthetic)"
    )
    if real:
        raise Refused(
            "this data folder holds an inventory that is not synthetic; the demonstration would "
            "mix made-up units with it",
            "Choose another folder: CORDGRAPH_HOME=/path/to/folder cordgraph demo",
        )
    count: int = await connection.fetchval("select count(*) from open.release")
    return count


async def _take_in(connection: Connection, home: Path, units: int, report: Report) -> None:
    files = _inventory(home, units, report)
    for inventory in await take_in(connection, files, report=report):
        if inventory.refused:
            raise _refused(inventory.path, inventory.faults)
    reports = write_activity(home / "inventory", units=units, seed=_SEED, report=report)
    for taken in await take_in_activity(connection, reports, report=report):
        if taken.refused:
            raise _refused(taken.path, taken.faults)
    await load_reference(connection)


def _refused(path: Path, faults: Findings) -> Refused:
    """Say why a synthetic file is refused, which happens where other data lie in the database."""
    why = " ".join(finding.message for finding in faults.kept[:1])
    return Refused(
        f"intake refused {path.name}: {why}",
        "Another version or size of the demonstration may lie here. Remove the data folder, or "
        "choose another: CORDGRAPH_HOME=/path/to/folder cordgraph demo",
    )


def _inventory(home: Path, units: int, report: Report) -> list[Path]:
    """Return the files of the inventory, written now unless an earlier run has written them."""
    folder = home / "inventory"
    size = home / "inventory-units"
    if size.exists():  # written when the inventory was complete
        return sorted(folder.glob("*.xml"))
    _check_space(home, units)
    files = write_inventory(folder, units=units, seed=_SEED, report=report)
    size.write_text(f"{units}\n", encoding="ascii")
    return files


def _check_space(home: Path, units: int) -> None:
    free = shutil.disk_usage(home).free
    needed = units * _BYTES_PER_UNIT
    if free < needed:
        raise Unavailable(
            f"{home} has {free / 1e9:.1f} GB free; {units:,} units need about {needed / 1e9:.1f}",
            "Free some space, set CORDGRAPH_HOME to a folder elsewhere, or take fewer --units.",
        )


async def publish_shares(
    connection: Connection, home: Path, published: int, bars: ProgressBars
) -> None:
    """Publish the releases that are missing, each from its share of the consented units.

    Args:
        connection: An operator's connection.
        home: The data folder, in which the keys lie.
        published: How many releases there are.
        bars: Shows the progress.
    """
    consented: int = await connection.fetchval("select count(*) from intake.raw_unit where consent")
    limits = [consented * share // 100 for share in SHARES[:-1]]
    for at_most in [*limits, None][published:]:
        made = await publish(
            connection,
            keys=home / "keys",
            profile=Profile.SYNTHETIC,
            at_most=at_most,
            report=bars,
        )
        bars.say(f"Release {made.number}: {made.added:,} units added, {made.units:,} in all.")


async def _export(connection: Connection, home: Path, bars: ProgressBars) -> None:
    """Write the files that are missing, and say so where it fails: all else works without."""
    try:
        exported, key = await export_with_key(connection, home, bars, check_all=True)
    except Failure as failure:
        bars.say(f"The files of the releases are missing: {failure.message}")
        return
    size = sum(each.bytes for each in exported)
    bars.say(f"Files of {len(exported)} releases: {size / 1e6:,.0f} MB, signed by {key.key_id}.")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _introduce(settings: Settings, listener: socket.socket) -> None:
    """Say what to open and what to try."""
    taken = listener.getsockname()[1]
    if taken != settings.port != 0:
        click.echo(f"Port {settings.port} is taken; using {taken}.")
    root = f"http://{_in_url(settings.host)}:{taken}"
    count = '{ units(filter: {bank: [\\"GD\\"], tncAtLeast: 12.5}) { totalCount } }'
    table = (
        "{ release { title units { totalCount inventory(groupBy: [BANK, ABO_GROUP]) "
        "{ bank { name(language: ZH) } aboGroup units } } } }"
    )
    click.echo(f"""
CordGraph is listening. Press Ctrl-C to stop.

  Pages     {root}/
  IDE       {root}/graphql (in a browser: examples, costs, answers)
  GraphQL   {root}/graphql/2026-10
  Schema    {root}/schema/2026-10.graphql
  Health    {root}/health/ready

How many units does Guangdong have with at least 12.5 x 10^8 nucleated cells?

  curl {root}/graphql/2026-10 -H 'Content-Type: application/json' \\
    -d '{{"query": "{count}"}}'

How is the latest release spread over banks and blood groups?

  curl {root}/graphql/2026-10 -H 'Content-Type: application/json' \\
    -d '{{"query": "{table}"}}'
""")
