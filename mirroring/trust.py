"""Whether a release is the origin's own: its signature, or a later manifest that names it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from domain.failures import Refused
from files.layout import MANIFEST, PUBLIC_KEY, SIGNATURE, SUMS
from files.manifest import InvalidManifestError, Manifest, read_sums
from files.signatures import PublicKey, parse_public_key


@dataclass(frozen=True, slots=True)
class Seal:
    """What names and signs the files of a release, as it came; see `checked`.

    Attributes:
        release: Number of the release.
        files: ``manifest.json``, ``SHA256SUMS``, its signature and ``minisign.pub``, by path.
    """

    release: int
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A release whose seal holds together: every file is named by what its key signed.

    Attributes:
        manifest: What it holds.
        manifest_sha256: Of ``manifest.json``.
        key: The key that signed it, which says nothing of whether it is trusted.
        seal: What it was read from.
    """

    manifest: Manifest
    manifest_sha256: str
    key: PublicKey
    seal: Seal


def checked(seal: Seal) -> Sealed:
    """Check that a seal holds together.

    Raises:
        Refused: It does not; the message names the file and what is wrong.
    """
    release, files = seal.release, seal.files
    try:
        manifest = Manifest.from_bytes(files[MANIFEST])
        sums = read_sums(files[SUMS])
    except InvalidManifestError as error:
        raise _wrong(release, f"its manifest or hashes cannot be read: {error}") from None
    if manifest.release != release:
        raise _wrong(release, f"its manifest is that of release {manifest.release}")
    named = {entry.path: entry.sha256 for entry in manifest.files}
    digest = sha256(files[MANIFEST]).hexdigest()
    if sums != {**named, MANIFEST: digest}:
        raise _wrong(release, f"{SUMS} and {MANIFEST} do not name the same files and hashes")
    if named.get(PUBLIC_KEY) != sha256(files[PUBLIC_KEY]).hexdigest():
        raise _wrong(release, f"{PUBLIC_KEY} is not the file that the manifest names")
    try:
        key = parse_public_key(files[PUBLIC_KEY])
        key.verify(files[SUMS], files[SIGNATURE])
    except ValueError as error:
        raise _wrong(release, f"the signature of {SUMS} does not hold: {error}") from None
    return Sealed(manifest, digest, key, seal)


def require_trust(releases: Sequence[Sealed], keys: Iterable[PublicKey]) -> None:
    """Check that trusted keys vouch for releases.

    A key vouches for what it signed, and for every release before that the manifests name one
    after the other, so that whoever knows the newest key alone can trust the first release.

    Args:
        releases: All that are here or are to be, in any order.
        keys: The keys that are trusted.

    Raises:
        Refused: Nobody who is trusted vouches for one, or two manifests contradict each other.
    """
    trusted = set(keys)
    vouched: dict[int, str] = {}
    for sealed in sorted(releases, key=lambda each: -each.manifest.release):
        release = sealed.manifest.release
        said = vouched.get(release)
        if said is not None and said != sealed.manifest_sha256:
            raise _wrong(release, "a later release names another manifest for it")
        if said is None and sealed.key not in trusted:
            raise Refused(
                f"release {release} is signed with the key {sealed.key.key_id}, which is not one "
                f"that is trusted here ({', '.join(key.key_id for key in trusted)})",
                hint="Nothing of it was taken over. If the origin says elsewhere that it has a new "
                "key, run the command with --public-key and that key.",
            )
        previous = sealed.manifest.previous
        if previous is None:
            continue
        named = previous.manifest_sha256
        if vouched.setdefault(previous.release, named) != named:
            raise _wrong(previous.release, "two releases name different manifests for it")


def _wrong(release: int, why: str) -> Refused:
    return Refused(
        f"release {release} of the origin is refused: {why}",
        hint="Nothing of it was taken over. Tell the origin.",
    )
