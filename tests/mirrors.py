"""Mirrors in tests: run as the command does, without the command line."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from database.access import Access
from database.pool import connect
from files.signatures import PublicKey
from mirroring.database import Loaded, load
from mirroring.folder import MirrorFolder
from mirroring.mirror import Mirrored, mirror
from mirroring.origin import open_origin


def bring(url: str, folder: Path, *keys: PublicKey, **options: Any) -> Mirrored:
    """Bring ``folder`` to where the origin at ``url`` is."""
    return asyncio.run(brought(url, folder, *keys, **options))


async def brought(url: str, folder: Path, *keys: PublicKey, **options: Any) -> Mirrored:
    """Do the same where a loop runs."""
    place = MirrorFolder(folder)
    async with open_origin(url, 4) as origin:
        with place.held():
            return await mirror(origin, place, keys=keys, **options)


async def load_into(access: Access, folder: Path) -> Loaded:
    """Load a mirror's folder into a database."""
    connection = await connect(access.require("operator"))
    try:
        place = MirrorFolder(folder)
        with place.held():
            return await load(connection, place)
    finally:
        await connection.close()


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file that readers of a folder see, by path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".mirror" not in path.parts
    }
