"""Brings a folder to where its origin is: what is new is fetched or made, and what is gone goes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.failures import Refused, Unavailable
from domain.progress import Report, silent
from files.layout import MANIFEST, PUBLIC_KEY, SIGNATURE, SUMS
from files.manifest import Manifest
from files.signatures import PublicKey
from mirroring.assembly import Assembly
from mirroring.folder import MirrorFolder, State, with_tombstones
from mirroring.origin import GoneError, Listed, Origin, Tombstone
from mirroring.together import together
from mirroring.trust import Seal, Sealed, checked, require_trust

_LARGEST: Final = {MANIFEST: 16_000_000, SUMS: 4_000_000, SIGNATURE: 16_384, PUBLIC_KEY: 16_384}
_MARGIN: Final = 50_000_000
"""Bytes of the disk that are left to others."""


@dataclass(frozen=True, slots=True)
class MirroredRelease:
    """A release that was taken over.

    Attributes:
        release: Number of the release.
        files: How many files it has.
        bytes: Their size together.
        fetched: Bytes of them that came from the origin; the others were made here.
    """

    release: int
    files: int
    bytes: int
    fetched: int


@dataclass(slots=True)
class Mirrored:
    """What a run did.

    Attributes:
        origin: Root of the origin.
        new: The releases that were taken over.
        repaired: The releases of which files were missing or damaged here.
        withdrawn: The releases whose files were taken away.
        present: All releases that are here now.
        keys: The keys that are trusted.
        first_use: Whether they were not given, but taken from the origin in this run.
        fetched: Bytes that came from the origin.
    """

    origin: str
    keys: tuple[PublicKey, ...]
    first_use: bool
    new: list[MirroredRelease] = field(default_factory=list)
    repaired: list[int] = field(default_factory=list)
    withdrawn: list[Tombstone] = field(default_factory=list)
    present: list[int] = field(default_factory=list)
    fetched: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "origin": self.origin,
            "keys": [key.key_id for key in self.keys],
            "first_use": self.first_use,
            "new": [
                {name: getattr(each, name) for name in MirroredRelease.__slots__}
                for each in self.new
            ],
            "repaired": self.repaired,
            "withdrawn": [
                {
                    "release": each.release,
                    "withdrawn_at": each.withdrawn_at.isoformat(),
                    "reason": each.reason,
                }
                for each in self.withdrawn
            ],
            "present": self.present,
            "fetched": self.fetched,
        }


async def mirror(
    origin: Origin,
    folder: MirrorFolder,
    *,
    keys: Sequence[PublicKey] = (),
    check: bool = False,
    accept_withdrawals: bool = False,
    report: Report = silent,
) -> Mirrored:
    """Bring ``folder``, which is held, to where ``origin`` is.

    Releases come one after the other, the oldest first, and each is shown when it is whole and
    vouched for. It can die at any moment and be run again.

    Args:
        origin: The service.
        folder: Where to.
        keys: Keys that are to be trusted, besides those that were before.
        check: Whether to read all files that are here, and bring back those that are damaged.
        accept_withdrawals: Whether more than one release may be taken away at once. Withdrawals
            are not signed, so that somebody in the origin's place could empty all mirrors.
        report: Is told how far it is.

    Raises:
        Refused: Several releases that are here are withdrawn at once; the origin, or a file of it,
            is not what it should be; what was taken over before stays.
        Unavailable: The origin cannot be reached, or the folder cannot be written.
    """
    try:
        return await _mirror(
            origin,
            folder,
            keys,
            check=check,
            accept_withdrawals=accept_withdrawals,
            report=report,
        )
    except OSError as error:
        raise Unavailable(
            f"{folder.root} cannot be written: {error.strerror or error}",
            hint="Give it room and rights, and run the command again: it goes on where it ended.",
        ) from error


async def _mirror(
    origin: Origin,
    folder: MirrorFolder,
    keys: Sequence[PublicKey],
    *,
    check: bool,
    accept_withdrawals: bool,
    report: Report,
) -> Mirrored:
    known = folder.state()
    if known is not None and known.origin != origin.root:
        raise Refused(
            f"{folder.root} mirrors {known.origin}, not {origin.root}",
            hint="Name another folder; or, if the service has moved, change the address in "
            "mirror.json.",
        )
    listed = await origin.releases()
    state = with_tombstones(known or State(origin.root), listed.withdrawn)
    _require_continuation(folder, listed, state)
    gone = {each.release for each in state.withdrawn}
    wanted = [release for release in listed.live if release not in gone]
    here = set(folder.releases())
    if not accept_withdrawals:
        _require_few(sorted(here & gone))
    try:
        sealed = await _seals(origin, folder, wanted, here)
    except GoneError as error:
        raise _gone(error) from None
    trusted, first_use = _trusted(sealed, state, keys)
    require_trust(sealed, trusted)
    state = State(origin.root, trusted, state.withdrawn)
    folder.remember(state)
    done = Mirrored(origin.root, trusted, first_use)
    _withdraw(folder, state, done)
    try:
        await _take(origin, folder, sealed, done, check=check, report=report)
    finally:
        done.present = folder.releases()
        if done.present:
            folder.show_key(done.present[-1])
    done.fetched = origin.bytes
    return done


def _require_continuation(folder: MirrorFolder, listed: Listed, state: State) -> None:
    """Refuse an origin that has forgotten a release: releases stay listed for good."""
    known = {*listed.live, *(each.release for each in listed.withdrawn)}
    missing = [
        each
        for each in (*folder.releases(), *(gone.release for gone in state.withdrawn))
        if each not in known
    ]
    if missing:
        raise Refused(
            f"the origin no longer lists release {missing[0]}, which is here",
            hint="A release stays in the list, also when it is withdrawn. Nothing was changed "
            "here. Ask the origin what became of it.",
        )
    back = [each.release for each in state.withdrawn if each.release in listed.live]
    if back:
        raise Refused(
            f"the origin lists release {back[0]} again, which was withdrawn",
            hint="A withdrawal is for good. Nothing was changed here. Ask the origin.",
        )


def _require_few(leaving: Sequence[int]) -> None:
    """Refuse to take several releases away at once, unless somebody looked."""
    if len(leaving) > 1:
        numbers = ", ".join(map(str, leaving))
        raise Refused(
            f"the origin says that releases {numbers} are withdrawn, which are here",
            hint="Nothing was changed here. Several at once are rare, and withdrawals are not "
            "signed: ask the origin, then run the command again with --accept-withdrawals.",
        )


async def _seals(
    origin: Origin, folder: MirrorFolder, wanted: Sequence[int], here: Collection[int]
) -> list[Sealed]:
    """Return the seals of all wanted releases, from here where the origin has the same.

    Raises:
        Refused: One does not hold together, or is not the one that is here.
    """
    return await together(
        _seal(origin, release, _seal_here(folder, release) if release in here else None)
        for release in wanted
    )


async def _seal(origin: Origin, release: int, present: Sealed | None) -> Sealed:
    if present is not None:
        most, digest = _LARGEST[MANIFEST], present.manifest_sha256
        content = await origin.small(release, MANIFEST, most, digest)
        if content is None or content == present.seal.files[MANIFEST]:
            return present
        raise Refused(
            f"the origin has changed release {release}: its manifest is not the one that is here",
            hint="Releases never change. Nothing was changed here. Ask the origin.",
        )
    found = await together(origin.small(release, path, most) for path, most in _LARGEST.items())
    files = dict(zip(_LARGEST, (each or b"" for each in found), strict=True))
    return checked(Seal(release, files))


def _seal_here(folder: MirrorFolder, release: int) -> Sealed | None:
    """Return the seal of a release that is here; ``None`` if it is damaged."""
    try:
        files = {path: folder.place(release, path).read_bytes() for path in _LARGEST}
        return checked(Seal(release, files))
    except (OSError, Refused):
        return None


def _trusted(
    sealed: Sequence[Sealed], state: State, keys: Sequence[PublicKey]
) -> tuple[tuple[PublicKey, ...], bool]:
    """Return the keys that are trusted, and whether the origin alone says so."""
    told = dict.fromkeys((*keys, *state.keys))
    if told:
        return tuple(told), False
    return tuple(dict.fromkeys(each.key for each in sealed)), bool(sealed)


def _withdraw(folder: MirrorFolder, state: State, done: Mirrored) -> None:
    here = set(folder.releases())
    for tombstone in state.withdrawn:
        if tombstone.release in here or not folder.has_tombstone(tombstone.release):
            folder.withdraw(tombstone)
            done.withdrawn.append(tombstone)


async def _take(
    origin: Origin,
    folder: MirrorFolder,
    sealed: Sequence[Sealed],
    done: Mirrored,
    *,
    check: bool,
    report: Report,
) -> None:
    """Take over what is not here, in the order of the releases."""
    here = set(folder.releases())
    missing = [each for each in sealed if each.manifest.release not in here]
    folder.forget_work([each.manifest.release for each in missing])
    base: Manifest | None = None
    for each in sorted(sealed, key=lambda one: one.manifest.release):
        assembly = Assembly(origin, folder, each, base, report)
        if each.manifest.release not in here:
            _require_room(folder, each.manifest)
            fetched = origin.bytes
            try:
                await assembly.bring_together()
            except GoneError as error:
                raise _gone(error) from None
            folder.show(each.manifest.release)
            done.new.append(_taken(each, origin.bytes - fetched))
        elif check or _seal_here(folder, each.manifest.release) is None:
            done.repaired += [each.manifest.release] if await assembly.repair() else []
        base = each.manifest


def _gone(error: GoneError) -> Unavailable:
    return Unavailable(
        f"release {error.release} has been withdrawn meanwhile", hint="Run the command again."
    )


def _require_room(folder: MirrorFolder, manifest: Manifest) -> None:
    needed, free = sum(entry.bytes for entry in manifest.files) + _MARGIN, folder.free_bytes()
    if needed > free:
        raise Unavailable(
            f"release {manifest.release} takes {needed:,} bytes, and {folder.root} has {free:,}",
            hint="Make room, or name a folder on another disk.",
        )


def _taken(sealed: Sealed, fetched: int) -> MirroredRelease:
    files = sealed.manifest.files
    size = sum(entry.bytes for entry in files) + sum(map(len, sealed.seal.files.values()))
    return MirroredRelease(sealed.manifest.release, len(files) + 3, size, fetched)
