"""What the open zone says of files: which release has which, once and for good."""

from collections.abc import Iterable
from dataclasses import dataclass

from database.pool import Connection
from domain.channel import NEW_RELEASE
from domain.failures import Unavailable
from files.layout import MANIFEST
from files.manifest import FileEntry, Previous
from publishing.audit import record
from publishing.holder import busy, holder_of_key, patience
from publishing.own import refuse_mirror

_KEY = int.from_bytes(b"cg-files", "big")

_STATES = """
select r.number, r.withdrawn_at is not null,
       exists (select from open.release_file f where f.release = r.number)
from open.release r order by r.number
"""

_FILES = """
select path, media_type, bytes, rows, sha256 from open.release_file
where release = $1 order by path collate "C"
"""

_PREVIOUS = """
select release, sha256 from open.release_file where path = $1 and release < $2
order by release desc limit 1
"""

# In one statement: what a release has, it has from then on, and no more.
_ADD = """
insert into open.release_file (release, path, media_type, bytes, rows, sha256)
select $1, path, media_type, bytes, rows, sha256
from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
     as f (path, media_type, bytes, rows, sha256)
"""


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """How far a release is: whether it was withdrawn, and whether its files are registered."""

    number: int
    withdrawn: bool
    registered: bool


async def hold_files(connection: Connection) -> None:
    """Let nobody else export until the connection ends or `release_files` is called.

    No transaction is open meanwhile, since it would be ended while a large file is uploaded.

    Raises:
        Refused: The database mirrors another service, which made the files.
        Unavailable: Another export runs; the message says whose.
    """
    await refuse_mirror(connection)
    if not await connection.fetchval("select pg_try_advisory_lock($1)", _KEY):
        holder = await holder_of_key(connection, _KEY)
        raise Unavailable(busy("another export is running", holder), hint=patience("it", holder))


async def let_go_of_files(connection: Connection) -> None:
    """Let others export."""
    await connection.execute("select pg_advisory_unlock($1)", _KEY)


async def release_states(connection: Connection) -> list[ReleaseState]:
    """Return the state of every release, by number."""
    return [ReleaseState(*row) for row in await connection.fetch(_STATES)]


async def registered_files(connection: Connection, release: int) -> list[FileEntry]:
    """Return the registered files of ``release``, by path; none if it has no files yet."""
    return [FileEntry(*row) for row in await connection.fetch(_FILES, release)]


async def previous_of(connection: Connection, release: int) -> Previous | None:
    """Return the newest release before ``release`` that has files, withdrawn or not."""
    row = await connection.fetchrow(_PREVIOUS, MANIFEST, release)
    return None if row is None else Previous(*row)


async def register_files(
    connection: Connection, release: int, entries: Iterable[FileEntry], key_id: str
) -> None:
    """Register all files of ``release``, once and for good; whoever serves is told.

    Args:
        connection: An operator's connection outside a transaction.
        release: Number of the release.
        entries: All of its files; they are in the store.
        key_id: Of the key that signed them.
    """
    files = sorted(entries, key=lambda entry: entry.path)
    async with connection.transaction():
        await connection.execute(
            _ADD,
            release,
            [entry.path for entry in files],
            [entry.media_type for entry in files],
            [entry.bytes for entry in files],
            [entry.rows for entry in files],
            [entry.sha256 for entry in files],
        )
        await record(
            connection,
            "release.export",
            f"release {release}",
            {
                "files": len(files),
                "bytes": sum(entry.bytes for entry in files),
                "manifest": next(entry.sha256 for entry in files if entry.path == MANIFEST),
                "key": key_id,
            },
        )
        await connection.execute("select pg_notify($1, $2)", NEW_RELEASE, str(release))
