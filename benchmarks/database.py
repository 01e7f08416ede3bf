"""The database of the benchmarks: 300,000 made-up units, published by the real pipeline."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from benchmarks.home import benchmarks_home
from commands.demo import SHARES, publish_shares
from commands.progress import ProgressBars
from database.access import Access, embedded_access
from database.embedded import EmbeddedServer
from database.migrate import prepare
from database.pool import Connection, connect
from domain.failures import Refused
from publishing.intake.loading import take_in
from publishing.reference import load_reference
from publishing.synthesis.inventory import write_inventory

UNITS = 300_000

_SEED = 1


@contextmanager
def open_server(home: Path | None = None) -> Iterator[EmbeddedServer]:
    """Give the PostgreSQL of the benchmarks while the context lasts; it has a folder of its own.

    Args:
        home: Folder; that of `benchmarks_home` if not given.
    """
    with EmbeddedServer((home or benchmarks_home()) / "postgres") as server:
        yield server


async def build(server: EmbeddedServer, home: Path, units: int, bars: ProgressBars) -> Access:
    """Return the database of ``units`` units and three releases, made unless it is there.

    A build that was interrupted goes on where it stopped.

    Raises:
        Refused: The database was built of another number of units.
    """
    access = embedded_access(server)
    _require_size(home, units)
    await prepare(access.require("owner"), access.role_passwords(), report=bars)
    connection = await connect(access.require("operator"))
    try:
        published: int = await connection.fetchval("select count(*) from open.release")
        if published < len(SHARES):
            await _take_in(connection, home, units, bars)
            await publish_shares(connection, home, published, bars)
    finally:
        await connection.close()
    await _settle(access.require("owner"))
    return access


def _require_size(home: Path, units: int) -> None:
    """Remember of how many units the database is made, and refuse another number."""
    size = home / "units"
    if not size.exists():
        size.write_text(f"{units}\n", encoding="ascii")
    built = int(size.read_text(encoding="ascii"))
    if built != units:
        raise Refused(
            f"{home} holds a database of {built:,} units, not of {units:,}",
            "Take another --home, or remove this one.",
        )


async def _take_in(connection: Connection, home: Path, units: int, bars: ProgressBars) -> None:
    folder = home / "inventory"
    shutil.rmtree(folder, ignore_errors=True)
    files = write_inventory(folder, units=units, seed=_SEED, report=bars)
    await take_in(connection, files, report=bars)
    await load_reference(connection)
    shutil.rmtree(folder)


async def _settle(dsn: str) -> None:
    """Do now what the server would do in the background, in the middle of a measurement."""
    connection: Connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("vacuum (analyze) open.unit, open.batch_class, open.unit_class")
        await connection.execute("checkpoint")
    finally:
        await connection.close()
