"""Files of releases, made for a test."""

from pathlib import Path
from typing import Any

from database.access import Access
from database.pool import connect
from files.store import Store, open_store
from publishing.export.release_files import Exported, export_releases, published_key
from publishing.export.signing_key import SigningKey, obtain_signing_key


async def signing_key(home: Path, store: Store, **options: Any) -> SigningKey:
    """Return the key in ``home``, made with the first export."""
    known = await published_key(store)
    return obtain_signing_key(home / "keys", {}, known, lambda: "", **options)


async def export_files(
    access: Access, home: Path, place: str | None = None, **options: Any
) -> list[Exported]:
    """Export the releases of a database.

    Args:
        access: The database.
        home: The data folder: keys, and files unless ``place`` says otherwise.
        place: Of the store.
        options: For `export_releases`.
    """
    store = open_store(place or str(home / "files"))
    key = await signing_key(home, store)
    connection = await connect(access.require("operator"))
    try:
        return await export_releases(connection, store, key, home=home, **options)
    finally:
        await connection.close()
