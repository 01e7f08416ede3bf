"""Exports releases: their files are made, put into the store, and registered, in this order."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from database.pool import Connection
from domain.failures import Refused
from domain.progress import Report, silent
from files.layout import MANIFEST, PUBLIC_KEY, SIGNATURE, SUMS, folder, stored
from files.manifest import FileEntry
from files.signatures import PublicKey, parse_public_key
from files.store import MissingFileError, Store
from publishing.export.making import make_files
from publishing.export.registry import (
    ReleaseState,
    hold_files,
    let_go_of_files,
    previous_of,
    register_files,
    registered_files,
    release_states,
)
from publishing.export.signing_key import SigningKey
from publishing.export.staging import Staging, staging, sweep_staging

CHAIN: Final = (MANIFEST, SUMS, SIGNATURE, PUBLIC_KEY)
"""What stays in the store of a withdrawn release: it tells counts and hashes, and keeps the chain
whole. The manifest comes first and the signature last of all files that are put."""

_SMALL = 16_384
_LAST = (MANIFEST, SUMS, SIGNATURE)


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of a release, which are all in the store.

    Attributes:
        release: Number of the release.
        files: How many it has.
        bytes: Their size together.
        added: How many of them this run put into the store.
        folder: Where they are.
        key: Id of the key that signed them, or ``None`` where nothing was signed now.
    """

    release: int
    files: int
    bytes: int
    added: int
    folder: str
    key: str | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


async def published_key(store: Store) -> PublicKey | None:
    """Return the key that readers know, or ``None`` before the first export.

    Raises:
        Refused: The file in the store is no public key.
        Unavailable: The store cannot be used.
    """
    try:
        content = await store.read(PUBLIC_KEY, _SMALL)
    except MissingFileError:
        return None
    try:
        return parse_public_key(content)
    except ValueError:
        raise Refused(
            f"{store.place}/{PUBLIC_KEY} is no public key of minisign",
            hint="Put the key of the newest release back: it is in the folder of the release.",
        ) from None


async def export_releases(
    connection: Connection,
    store: Store,
    key: SigningKey,
    *,
    home: Path,
    upto: int | None = None,
    check_all: bool = False,
    report: Report = silent,
) -> list[Exported]:
    """Bring the files of releases into the store; what is there already is left as it is.

    Earlier releases that have no files come first, since each manifest names the one before. It
    can die at any moment and be run again. Of withdrawn releases only the chain is kept.

    Args:
        connection: An operator's connection outside a transaction.
        store: Where to.
        key: Signs.
        home: The data folder, in which files are made before they are put into the store.
        upto: Number of the release; ``None``: the newest.
        check_all: Look after earlier releases that have files, too.
        report: Is told how far it is.

    Raises:
        Refused: There is no such release, or it is withdrawn; or the store has a file of that
            name with other bytes.
        Unavailable: Another export runs, or the store cannot be used.
    """
    await hold_files(connection)
    try:
        states = await release_states(connection)
        wanted = _wanted(states, upto, check_all=check_all)
        await asyncio.to_thread(sweep_staging, home)
        await store.sweep()
        await _remove_withdrawn(store, states)
        if wanted and await published_key(store) != key.public:
            await store.put(PUBLIC_KEY, key.public.to_file())
        return [await _export(connection, store, key, home, each, report) for each in wanted]
    finally:
        await let_go_of_files(connection)


async def remove_withdrawn_files(connection: Connection, store: Store) -> None:
    """Take away the files of withdrawn releases but for the chain; safe to run again.

    Raises:
        Unavailable: An export runs, or the store cannot be used.
    """
    await hold_files(connection)
    try:
        await _remove_withdrawn(store, await release_states(connection))
    finally:
        await let_go_of_files(connection)


def _wanted(
    states: Sequence[ReleaseState], upto: int | None, *, check_all: bool
) -> list[ReleaseState]:
    live = [state for state in states if not state.withdrawn]
    if upto is None:
        if not live:
            return []
        upto = live[-1].number
    elif all(state.number != upto for state in live):
        if any(state.number == upto for state in states):
            raise Refused(f"release {upto} is withdrawn: its files are not served any more")
        raise Refused(
            f"release {upto} does not exist", hint="See `cordgraph release list` for those that do."
        )
    return [
        state
        for state in live
        if state.number <= upto and (check_all or not state.registered or state.number == upto)
    ]


async def _export(
    connection: Connection,
    store: Store,
    key: SigningKey,
    home: Path,
    state: ReleaseState,
    report: Report,
) -> Exported:
    release = state.number
    known = {entry.path: entry for entry in await registered_files(connection, release)}
    missing = await _missing(store, release, known)
    if known and not missing:
        return _exported(store, release, known, 0, None)
    with staging(home) as staged:
        previous = await previous_of(connection, release)
        await make_files(connection, release, staged, key, previous, report)
        _require_same(release, known, staged)
        paths = sorted(staged.entries, key=_place_in_order)
        added = [await _put(store, release, path, staged) for path in paths]
        if not known:
            await register_files(connection, release, staged.entries.values(), key.public.key_id)
        return _exported(store, release, staged.entries, sum(added), key.public.key_id)


async def _missing(store: Store, release: int, known: Mapping[str, FileEntry]) -> list[str]:
    """Return which registered files the store lacks."""
    found = {file.path: file.bytes for file in await store.under(folder(release))}
    missing = [path for path in known if stored(release, path) not in found]
    for path, entry in known.items():
        size = found.get(stored(release, path), entry.bytes)
        if size != entry.bytes:
            raise _changed(store, release, path, f"it has {size:,} bytes, not {entry.bytes:,}")
    return missing


def _require_same(release: int, known: Mapping[str, FileEntry], staged: Staging) -> None:
    """Refuse to bring back files that would not be those that were published."""
    made = {path: entry.sha256 for path, entry in staged.entries.items()}
    if known and made != {path: entry.sha256 for path, entry in known.items()}:
        raise Refused(
            f"files of release {release} are missing in the store, and this version of the "
            "program, or this signing key, would make others than were published",
            hint="Bring them back from a backup or from a mirror, or export with the version and "
            "the key that made them.",
        )


async def _put(store: Store, release: int, path: str, staged: Staging) -> bool:
    """Put a file where there is none; tell whether it was put.

    Raises:
        Refused: There is one with other bytes.
    """
    place, entry = stored(release, path), staged.entries[path]
    found = await store.find(place)
    if found is None:
        await store.put(place, staged.place(path))
        return True
    if found.bytes != entry.bytes or await _sha256(store, place) != entry.sha256:
        raise _changed(store, release, path, "it has other bytes")
    return False


def _changed(store: Store, release: int, path: str, why: str) -> Refused:
    return Refused(
        f"{store.place}/{stored(release, path)} is not the file that release {release} has: {why}",
        hint="Published files never change, so it is not replaced. Find out who wrote it, take it "
        "away and run `cordgraph release export` again.",
    )


async def _sha256(store: Store, place: str) -> str:
    digest = hashlib.sha256()
    async for piece in store.stream(place):
        digest.update(piece)
    return digest.hexdigest()


async def _remove_withdrawn(store: Store, states: Sequence[ReleaseState]) -> None:
    """Take away the files of withdrawn releases but for the chain."""
    for state in states:
        if state.withdrawn:
            kept = {stored(state.number, path) for path in CHAIN}
            for file in await store.under(folder(state.number)):
                if file.path not in kept:
                    await store.delete(file.path)


def _place_in_order(path: str) -> tuple[int, str]:
    """What names and signs the others comes after them."""
    return (_LAST.index(path) + 1 if path in _LAST else 0, path)


def _exported(
    store: Store, release: int, entries: Mapping[str, FileEntry], added: int, key: str | None
) -> Exported:
    size = sum(entry.bytes for entry in entries.values())
    place = f"{store.place}/{folder(release)}"
    return Exported(release, len(entries), size, added, place, key)
