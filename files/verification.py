"""Checks a release that somebody handed over: signature, hashes, rows, digest and chain."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from domain.failures import Unavailable
from domain.progress import Report, silent
from files.contents import check_contents
from files.layout import MANIFEST, PUBLIC_KEY, SIGNATURE, SUMS
from files.manifest import FileEntry, InvalidManifestError, Manifest, read_sums
from files.signatures import PublicKey, key_id_of, parse_public_key
from files.sources import AbsentError, OversizeError, Source, read

_MOST_MANIFEST: Final = 16 << 20
_MOST_SUMS: Final = 4 << 20
_MOST_SMALL: Final = 16_384
_MOST_EXTRA: Final = 20


@dataclass(slots=True)
class Verdict:
    """What was found.

    Attributes:
        place: Where the release was looked at.
        release: Its number, once it is known.
        digest: Its digest, once it is known.
        key_id: Id of the key that signed it, once it is known.
        key_given: Whether the reader said which key it must be.
        files: How many files were checked.
        bytes: Their size together.
        faults: What is wrong, in sentences; none: the release is what was published.
        notes: What else there is to know.
    """

    place: str
    release: int | None = None
    digest: str | None = None
    key_id: str | None = None
    key_given: bool = False
    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        names = [name for name in self.__slots__ if name != "key_given"]
        return {"holds": self.holds, **{name: getattr(self, name) for name in names}}


class _StopError(Exception):
    """What follows cannot be checked; the message is the fault."""


def verify_release(
    source: Source, public_key: PublicKey | None = None, report: Report = silent
) -> Verdict:
    """Check the release in ``source``.

    Nothing is believed before the signature holds. Each file may be as large as the signed
    manifest says, and no larger; files that were fetched are kept no longer than their turn.

    Args:
        source: The folder of the release.
        public_key: The key that must have signed it. Without one, the key that lies beside the
            files is taken, which proves that they belong together, not where they come from.
        report: Is told how many bytes are checked.

    Raises:
        Unavailable: The source cannot be read.
    """
    verdict = Verdict(source.place, key_given=public_key is not None)
    try:
        sums = _signed_sums(source, public_key, verdict)
        manifest = _manifest(source, sums, verdict)
    except _StopError as stop:
        verdict.faults.append(str(stop))
        return verdict
    _check_listing(source, manifest, verdict)
    with tempfile.TemporaryDirectory(prefix="cordgraph-verify-") as folder:
        _check_files(source, manifest, Path(folder), verdict, report)
    _check_chain(source, manifest, verdict)
    return verdict


def verify_chain_only(source: Source, public_key: PublicKey | None = None) -> Verdict:
    """Check what is left of a withdrawn release: its signature, hashes of the manifest, chain."""
    verdict = Verdict(source.place, key_given=public_key is not None)
    try:
        manifest = _manifest(source, _signed_sums(source, public_key, verdict), verdict)
    except _StopError as stop:
        verdict.faults.append(str(stop))
        return verdict
    verdict.notes.append("its files are gone, as those of a withdrawn release are")
    _check_chain(source, manifest, verdict)
    return verdict


def _signed_sums(source: Source, public_key: PublicKey | None, verdict: Verdict) -> dict[str, str]:
    """Return path -> hash of SHA256SUMS, whose signature holds."""
    content = _read(source, SUMS, _MOST_SUMS, "there is no release here")
    signature = _read(source, SIGNATURE, _MOST_SMALL, "the release is not signed")
    key = public_key or _key_beside(source, verdict)
    try:
        verdict.key_id = key_id_of(signature)
    except ValueError:
        raise _StopError(f"{SIGNATURE} is no signature of minisign") from None
    if verdict.key_id != key.key_id:
        raise _StopError(
            f"{SIGNATURE} was made by the key {verdict.key_id}, not by {key.key_id}; nothing else "
            "was checked"
        )
    try:
        verdict.notes.append(f"signed: {key.verify(content, signature)}")
    except ValueError:
        raise _StopError(
            f"the signature does not fit {SUMS}: one of the two was changed; nothing else was "
            "checked"
        ) from None
    try:
        return read_sums(content)
    except InvalidManifestError as error:
        raise _StopError(str(error)) from None


def _key_beside(source: Source, verdict: Verdict) -> PublicKey:
    content = _read(source, PUBLIC_KEY, _MOST_SMALL, "no public key was given")
    try:
        key = parse_public_key(content)
    except ValueError:
        raise _StopError(f"{PUBLIC_KEY} is no public key of minisign") from None
    verdict.notes.append(
        f"the public key {key.key_id} was taken from the release itself: compare it with the one "
        "that the publisher shows elsewhere, or give it by --public-key"
    )
    return key


def _manifest(source: Source, sums: dict[str, str], verdict: Verdict) -> Manifest:
    """Return the manifest, which fits the signed hashes and the signed comment."""
    content = _read(source, MANIFEST, _MOST_MANIFEST, "the manifest is missing")
    if hashlib.sha256(content).hexdigest() != sums.get(MANIFEST):
        raise _StopError(f"{MANIFEST} was changed: its hash is not the one in {SUMS}")
    try:
        manifest = Manifest.from_bytes(content)
    except InvalidManifestError as error:
        raise _StopError(f"{MANIFEST} is invalid: {error}") from None
    verdict.release, verdict.digest = manifest.release, manifest.digest
    said = f"cordgraph release={manifest.release} digest={manifest.digest}"
    if f"signed: {said}" not in verdict.notes:
        raise _StopError(f"the signature is one of another release than {manifest.release}")
    verdict.notes.remove(f"signed: {said}")
    listed = {entry.path: entry.sha256 for entry in manifest.files}
    differing = dict(listed.items() ^ {k: v for k, v in sums.items() if k != MANIFEST}.items())
    verdict.faults += [
        f"{path} is not the same in {MANIFEST} and {SUMS}" for path in sorted(differing)
    ]
    return manifest


def _check_listing(source: Source, manifest: Manifest, verdict: Verdict) -> None:
    """Name files that do not belong there."""
    listing = source.listing()
    if listing is None:
        return
    known = {entry.path for entry in manifest.files} | {MANIFEST, SUMS, SIGNATURE}
    extra = sorted(listing - known)
    verdict.faults += [
        f"{path!a} is not part of release {manifest.release}" for path in extra[:_MOST_EXTRA]
    ]
    if len(extra) > _MOST_EXTRA:
        verdict.faults.append(f"{len(extra) - _MOST_EXTRA} more files are not part of it")


def _check_files(
    source: Source, manifest: Manifest, folder: Path, verdict: Verdict, report: Report
) -> None:
    """Fetch and hash every file, and look into it if it is the one that was published."""
    stage, total = f"Checking release {manifest.release}", sum(e.bytes for e in manifest.files)

    def fetched() -> Iterator[tuple[FileEntry, Path]]:
        done = 0
        for entry in _in_order(manifest):
            report(stage, done, total)
            place = folder / "file"
            fault = _fetch(source, entry, place)
            if fault is None:
                verdict.files += 1
                verdict.bytes += entry.bytes
                yield entry, place
            else:
                verdict.faults.append(fault)
            done += entry.bytes
            place.unlink(missing_ok=True)
        report(stage, total, total)

    verdict.faults += check_contents(manifest, fetched())


def _in_order(manifest: Manifest) -> list[FileEntry]:
    """Return the files, with those first that say what the others must hold."""
    first = ("release.json", "batch_classes.jsonl.gz")
    return sorted(
        manifest.files,
        key=lambda entry: (
            first.index(entry.path) if entry.path in first else len(first),
            entry.path,
        ),
    )


def _fetch(source: Source, entry: FileEntry, place: Path) -> str | None:
    """Write a file of the source to ``place``; return what is wrong with it."""
    digest, size = hashlib.sha256(), 0
    try:
        with place.open("wb") as file:
            for piece in source.pieces(entry.path, entry.bytes):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
    except AbsentError:
        return f"{entry.path} is missing"
    except OversizeError:
        return f"{entry.path} was changed: it has more than {entry.bytes:,} bytes"
    if size < entry.bytes:
        return f"{entry.path} is cut off: it has {size:,} of {entry.bytes:,} bytes"
    if digest.hexdigest() != entry.sha256:
        return f"{entry.path} was changed: its hash is not the one that was published"
    return None


def _check_chain(source: Source, manifest: Manifest, verdict: Verdict) -> None:
    """Follow the manifests of earlier releases as far as they are there."""
    while manifest.previous is not None:
        before = manifest.previous
        try:
            content = read(source.beside(before.release), MANIFEST, _MOST_MANIFEST)
        except AbsentError as absent:
            why = "withdrawn" if absent.withdrawn else "not here"
            verdict.notes.append(
                f"release {before.release} is {why}, so the chain was not followed beyond it"
            )
            return
        except (OversizeError, Unavailable) as error:
            verdict.notes.append(f"the chain was not followed to release {before.release}: {error}")
            return
        if hashlib.sha256(content).hexdigest() != before.manifest_sha256:
            verdict.faults.append(
                f"the chain is broken: the manifest of release {before.release} is not the one "
                f"that release {manifest.release} names"
            )
            return
        try:
            manifest = Manifest.from_bytes(content)
        except InvalidManifestError as error:
            verdict.faults.append(f"the manifest of release {before.release} is invalid: {error}")
            return
    verdict.notes.append("the chain of manifests is whole to the first release")


def _read(source: Source, path: str, at_most: int, if_absent: str) -> bytes:
    try:
        return read(source, path, at_most)
    except AbsentError as absent:
        gone = " (withdrawn)" if absent.withdrawn else ""
        raise _StopError(f"{if_absent}: {path} is missing{gone}") from None
    except OversizeError:
        raise _StopError(f"{path} has more than {at_most:,} bytes") from None
