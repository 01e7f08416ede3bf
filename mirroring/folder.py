"""The folder of a mirror: releases as the origin has them, and what the mirror has to remember.

```text
minisign.pub            the key of the newest release
releases/<n>/...        each release whole, byte for byte; see `files.layout`
releases/<n>/WITHDRAWN.json   in place of its files where a release was withdrawn
mirror.json             the origin, the keys that are trusted, and what was withdrawn
.mirror/                what is not whole yet; nobody else reads it
```

A release appears by one renaming, so that whoever reads the folder sees it whole or not at all.
"""

import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from domain.failures import Refused, Unavailable
from files.layout import MANIFEST, PUBLIC_KEY, SIGNATURE, SUMS, folder
from files.manifest import (
    InvalidManifestError,
    Manifest,
    as_json,
    instant,
    instant_text,
    number,
    parse_json,
    text,
)
from files.manifest import field as member
from files.signatures import PublicKey, parse_public_key
from mirroring.origin import Tombstone

STATE: Final = "mirror.json"
WITHDRAWN: Final = "WITHDRAWN.json"
CHAIN: Final = (MANIFEST, SUMS, SIGNATURE, PUBLIC_KEY)
"""What is kept of a withdrawn release, as at the origin: it tells counts and hashes alone."""

_FORMAT: Final = "cordgraph-mirror-1"
_WORK: Final = ".mirror"
_LARGEST_MANIFEST: Final = 16_000_000


@dataclass(frozen=True, slots=True)
class State:
    """What a mirror remembers.

    Attributes:
        origin: Root of the service that it mirrors.
        keys: The keys that it trusts.
        withdrawn: The releases that were withdrawn, by number.
    """

    origin: str
    keys: tuple[PublicKey, ...] = ()
    withdrawn: tuple[Tombstone, ...] = field(default=())

    def to_bytes(self) -> bytes:
        """Return the content of ``mirror.json``."""
        return as_json(
            {
                "format": _FORMAT,
                "origin": self.origin,
                "keys": [key.to_file().decode().splitlines()[-1] for key in self.keys],
                "withdrawn": [_tombstone_json(each) for each in self.withdrawn],
            }
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "State":
        """Read ``mirror.json``.

        Raises:
            InvalidManifestError: It is none.
        """
        given = parse_json(content, _FORMAT)
        try:
            keys = tuple(parse_public_key(key.encode()) for key in member(given, "keys", list))
        except (ValueError, AttributeError):
            raise InvalidManifestError("keys: one is no public key of minisign") from None
        gone = tuple(
            Tombstone(number(row, "release", 1), instant(row, "withdrawn_at"), text(row, "reason"))
            for row in member(given, "withdrawn", list)
        )
        return cls(text(given, "origin"), keys, gone)


class MirrorFolder:
    """A folder of releases, in which one process writes at a time.

    Attributes:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._work = root / _WORK

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and let nobody else write in it.

        Raises:
            Unavailable: Somebody does, or it cannot be made.
        """
        try:
            self._work.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._work, os.O_RDONLY)
        except OSError as error:
            raise Unavailable(
                f"{self.root} cannot be written: {error.strerror}", "Check its name and its rights."
            ) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Unavailable(
                    f"another `cordgraph mirror` is writing in {self.root}",
                    hint="Wait until it has ended.",
                ) from None
            yield
        finally:
            os.close(descriptor)

    def state(self) -> State | None:
        """Return what was remembered; ``None`` in a new folder.

        Raises:
            Refused: The file is damaged, or the folder has releases of another making.
        """
        try:
            return State.from_bytes((self.root / STATE).read_bytes())
        except FileNotFoundError:
            if any(self.root.glob("releases/*")):
                raise Refused(
                    f"{self.root} has releases, and is not the folder of a mirror",
                    hint="Name an empty folder.",
                ) from None
            return None
        except InvalidManifestError as error:
            raise Refused(f"{self.root / STATE} is damaged: {error}") from None

    def remember(self, state: State) -> None:
        """Write ``mirror.json``, whole or not at all."""
        self._replace(self.root / STATE, state.to_bytes())

    def releases(self) -> list[int]:
        """Return the releases that are here, ascending; withdrawn ones are not."""
        return sorted(
            int(place.parent.name)
            for place in self.root.glob(f"releases/*/{MANIFEST}")
            if place.parent.name.isdigit() and not (place.parent / WITHDRAWN).exists()
        )

    def place(self, release: int, path: str) -> Path:
        """Return where the file at ``path`` of a release that is here lies."""
        return self.root / folder(release) / path

    def manifest(self, release: int) -> Manifest:
        """Return the manifest of a release that is here.

        Raises:
            Refused: It is damaged.
        """
        place = self.place(release, MANIFEST)
        try:
            with place.open("rb") as file:
                return Manifest.from_bytes(file.read(_LARGEST_MANIFEST))
        except (OSError, InvalidManifestError) as error:
            raise Refused(f"{place} is damaged: {error}", _repair(release)) from None

    def work(self, release: int) -> Path:
        """Return where a release is brought together; what an earlier run left there is there."""
        place = self._work / str(release)
        place.mkdir(parents=True, exist_ok=True)
        return place

    def show(self, release: int) -> None:
        """Let readers see a release that has been brought together."""
        work, place = self.work(release), self.root / folder(release)
        for file in sorted(work.rglob("*"), reverse=True):
            _keep(file)
        _keep(work)
        place.parent.mkdir(parents=True, exist_ok=True)
        work.rename(place)
        _keep(place.parent)

    def show_key(self, release: int) -> None:
        """Put the key of a release, the newest that is here, where readers look for it."""
        key = self.place(release, PUBLIC_KEY).read_bytes()
        self._replace(self.root / PUBLIC_KEY, key)

    def withdraw(self, tombstone: Tombstone) -> None:
        """Take the files of a release away but for the chain, and leave the tombstone."""
        release = tombstone.release
        place, new = self.root / folder(release), self._work / f"withdrawn-{release}"
        old = self._work / f"removed-{release}"
        shutil.rmtree(self._work / str(release), ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        kept = place if place.exists() else old  # of a run that died on the way
        for path in CHAIN:
            if (kept / path).exists():
                shutil.copyfile(kept / path, new / path)
        (new / WITHDRAWN).write_bytes(as_json(_tombstone_json(tombstone)))
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            shutil.rmtree(old, ignore_errors=True)
            place.rename(old)
        new.rename(place)
        shutil.rmtree(old, ignore_errors=True)

    def has_tombstone(self, release: int) -> bool:
        """Tell whether the withdrawal of a release has been carried out here."""
        return self.place(release, WITHDRAWN).exists()

    def forget_work(self, releases: Sequence[int]) -> None:
        """Remove what was begun of releases that are not wanted any more."""
        kept = {str(release) for release in releases}
        for left in self._work.iterdir():
            if left.name not in kept:
                shutil.rmtree(left, ignore_errors=True)

    def free_bytes(self) -> int:
        """Return the room that is left."""
        return shutil.disk_usage(self._work).free

    def _replace(self, place: Path, content: bytes) -> None:
        if place.exists() and place.read_bytes() == content:
            return
        new = self._work / f"new-{place.name}"
        new.write_bytes(content)
        _keep(new)
        new.replace(place)
        _keep(place.parent)


def with_tombstones(state: State, tombstones: Sequence[Tombstone]) -> State:
    """Return ``state`` with all that was ever withdrawn."""
    known = {each.release: each for each in (*state.withdrawn, *tombstones)}
    return replace(state, withdrawn=tuple(known[each] for each in sorted(known)))


def _tombstone_json(tombstone: Tombstone) -> dict[str, Any]:
    return {
        "release": tombstone.release,
        "withdrawn_at": instant_text(tombstone.withdrawn_at.astimezone(dt.UTC)),
        "reason": tombstone.reason,
    }


def _repair(release: int) -> str:
    return f"Remove the folder releases/{release} and run the command again."


def _keep(place: Path) -> None:
    """Have the disk keep a file, or the names in a folder, whatever happens to the machine."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
