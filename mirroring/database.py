"""Loads the releases of a mirror's folder into a database, which answers as the origin does."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from database.pool import Connection
from domain.channel import NEW_RELEASE
from domain.digest import release_digest
from domain.failures import Refused, Unavailable
from domain.progress import Report, silent
from domain.published_tables import BATCH_CLASSES
from files.layout import RELEASE, Format, table_file
from files.manifest import InvalidManifestError
from files.release_document import ReleaseDocument
from files.table_reader import InvalidTableError
from mirroring.activity import add_activity
from mirroring.classes import add_classes, add_units, end_classes
from mirroring.folder import MirrorFolder
from mirroring.hla import add_hla
from mirroring.origin import Tombstone
from mirroring.reference import load_reference
from mirroring.registry import add_files, add_releases, add_schemes
from mirroring.units import read_table

_KEY = int.from_bytes(b"cg-mirro", "big")
_MIRRORING = "set local cordgraph.mirroring = 'on'; set local statement_timeout = 0"
_HELD = """
select digest from open.batch_class where added <= $1 and (withdrawn is null or withdrawn > $1)
"""
_WITHDRAW = """
update open.release set withdrawn_at = $2, withdrawn_reason = $3
where number = $1 and withdrawn_at is null
"""
# The database counts the units of each class, and refuses what no release could say.
_DAMAGE = (
    InvalidManifestError,
    InvalidTableError,
    OSError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
)
_ANALYZE = "analyze open.unit, open.batch_class, open.unit_class"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a run brought into the database.

    Attributes:
        new: The releases that were loaded.
        withdrawn: The releases that can no longer be read there.
    """

    new: list[int]
    withdrawn: list[int]


async def load(connection: Connection, folder: MirrorFolder, report: Report = silent) -> Loaded:
    """Bring a database to where ``folder``, which is held, is; each release wholly or not at all.

    Args:
        connection: An operator's connection outside a transaction.
        folder: A mirror with all releases of its origin.
        report: Is told how far it is.

    Raises:
        Refused: The database is not empty and no mirror of this origin, or it or the folder is
            damaged.
        Unavailable: Another run is loading.
    """
    state = folder.state()
    if state is None:
        raise Refused(f"{folder.root} is not the folder of a mirror")
    await _hold(connection)
    try:
        await _mark(connection, state.origin)
        done = Loaded([], [])
        for release in folder.releases():
            if await _is_new(connection, folder, release):
                await _load(connection, folder, release, state.withdrawn, report)
                done.new.append(release)
        for tombstone in state.withdrawn:
            if await _withdraw(connection, tombstone):
                done.withdrawn.append(tombstone.release)
        if done.new:
            await connection.execute(_ANALYZE)
        return done
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _KEY)


async def _hold(connection: Connection) -> None:
    if not await connection.fetchval("select pg_try_advisory_lock($1)", _KEY):
        raise Unavailable(
            "another `cordgraph mirror --load` is writing into this database",
            hint="Wait until it has ended.",
        )


async def _mark(connection: Connection, origin: str) -> None:
    """Say that the database mirrors ``origin``, for good.

    Raises:
        Refused: It mirrors another one, or has something of its own.
    """
    known = await connection.fetchval("select origin from intake.mirror")
    if known == origin:
        return
    if known is not None:
        raise Refused(
            f"this database mirrors {known}, not {origin}",
            hint="Use another database; or, if the service has moved, write its new address into "
            "intake.mirror.",
        )
    try:
        async with connection.transaction():
            await connection.execute("insert into intake.mirror (origin) values ($1)", origin)
            # What `reference load` put there for a first release that will not come.
            await connection.execute("delete from open.bank; delete from open.indication")
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Refused(
            f"{error}: it is an origin, and cannot be a mirror as well",
            hint="A mirror needs a database of its own: set CORDGRAPH_OPERATOR_URL, or "
            "CORDGRAPH_HOME for an embedded one.",
        ) from None


async def _is_new(connection: Connection, folder: MirrorFolder, release: int) -> bool:
    """Tell whether a release is not loaded yet.

    Raises:
        Refused: Another one of that number is, or a later one.
    """
    digest = await connection.fetchval("select digest from open.release where number = $1", release)
    if digest is None:
        return True
    if digest != folder.manifest(release).digest:
        raise Refused(
            f"release {release} in this database is not the one in {folder.root}",
            hint="Use an empty database.",
        )
    return False


async def _load(
    connection: Connection,
    folder: MirrorFolder,
    release: int,
    withdrawn: Sequence[Tombstone],
    report: Report,
) -> None:
    try:
        document = ReleaseDocument.from_bytes(folder.place(release, RELEASE).read_bytes())
        rows = read_table(
            folder.place(release, table_file(BATCH_CLASSES.name, Format.PARQUET)), BATCH_CLASSES
        )
        async with connection.transaction():
            await connection.execute(_MIRRORING)
            before = await connection.fetchval("select coalesce(max(number), 0) from open.release")
            await add_schemes(connection, document)
            await load_reference(connection, folder, document)
            await add_releases(connection, document, before, withdrawn)
            classes = await add_classes(connection, document, rows, before)
            await add_units(connection, folder, release, classes, report)
            await end_classes(connection, document, before)
            await add_hla(connection, folder, release)
            await add_activity(connection, folder, release, before)
            await add_files(connection, folder, release)
            await _check(connection, document)
            await connection.execute("select pg_notify($1, $2)", NEW_RELEASE, str(release))
    except _DAMAGE as error:
        raise Refused(
            f"the files of release {release} in {folder.root} are damaged: {error}",
            hint="Bring them back with `cordgraph mirror URL DIR --check`.",
        ) from error


async def _check(connection: Connection, document: ReleaseDocument) -> None:
    """Check that the release that was loaded is the one that its digest names.

    Raises:
        InvalidManifestError: It is not.
    """
    digests = [row[0] for row in await connection.fetch(_HELD, document.release)]
    if release_digest(document.release, digests) != document.row.digest:
        raise InvalidManifestError("the digest of the release is another one")


async def _withdraw(connection: Connection, tombstone: Tombstone) -> bool:
    async with connection.transaction():
        status = await connection.execute(
            _WITHDRAW, tombstone.release, tombstone.withdrawn_at, tombstone.reason
        )
        changed = status != "UPDATE 0"
        if changed:
            number = str(tombstone.release)
            await connection.execute("select pg_notify($1, $2)", NEW_RELEASE, number)
    return changed
