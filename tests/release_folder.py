"""Files in a store and in the records of a database, as a publication leaves them."""

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from database.access import Access
from database.pool import connect
from files.layout import media_type, stored

_RECORD = """
insert into open.release_file (release, path, media_type, bytes, rows, sha256)
select $1, path, media_type, bytes, null, sha256
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) as f(path, media_type, bytes, sha256)
"""


async def place_files(
    access: Access, store: Path, releases: Mapping[int, Mapping[str, bytes]]
) -> None:
    """Write files of releases below ``store``, and record them as published."""
    connection = await connect(access.require("operator"))
    try:
        for release, files in releases.items():
            for path, content in files.items():
                place = store / stored(release, path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            paths, contents = list(files), list(files.values())
            sizes = [len(content) for content in contents]
            sums = [hashlib.sha256(content).hexdigest() for content in contents]
            types = [media_type(path) for path in paths]
            await connection.execute(_RECORD, release, paths, types, sizes, sums)
    finally:
        await connection.close()


async def withdraw(access: Access, release: int, reason: str) -> None:
    """Withdraw a release, for a public reason."""
    operator = await connect(access.require("operator"))
    try:
        await operator.execute(
            "update open.release set withdrawn_at = now(), withdrawn_reason = $2 where number = $1",
            release,
            reason,
        )
    finally:
        await operator.close()


def wait_until(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is so; a test that waits in vain fails."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
