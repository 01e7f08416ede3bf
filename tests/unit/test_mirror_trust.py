"""Who vouches for a release: a trusted key, or a later manifest in the chain."""

import datetime as dt
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import minisign  # type: ignore[import-untyped]  # it ships no types
import pytest

from domain.failures import Refused
from files.layout import MANIFEST, PUBLIC_KEY, SIGNATURE, SUMS
from files.manifest import FileEntry, Manifest, Previous, Totals, sums_text
from files.signatures import parse_public_key
from mirroring.trust import Seal, Sealed, checked, require_trust


class _Key:
    """A key of an origin."""

    def __init__(self) -> None:
        pair = minisign.KeyPair.generate()
        self._secret: Any = pair.secret_key
        self.public = parse_public_key(bytes(pair.public_key))

    def sign(self, message: bytes) -> bytes:
        """Sign as publishing does."""
        return bytes(self._secret.sign(message, trusted_comment="test")) + b"\n"


def _seal(release: int, key: _Key, before: Sealed | None = None, digest: str = "a") -> Seal:
    public = key.public.to_file()
    entry = FileEntry(PUBLIC_KEY, "text/plain", len(public), None, sha256(public).hexdigest())
    previous = None
    if before is not None:
        previous = Previous(before.manifest.release, before.manifest_sha256)
    manifest = Manifest(
        release=release,
        scheme=1,
        schema_version="1",
        digest=digest * 64,
        licence="CC-BY-4.0",
        synthetic=True,
        published_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        totals=Totals(11, 11, 0, 1, 1),
        previous=previous,
        files=(entry,),
    ).to_bytes()
    sums = sums_text([(PUBLIC_KEY, entry.sha256), (MANIFEST, sha256(manifest).hexdigest())])
    files = {MANIFEST: manifest, SUMS: sums, SIGNATURE: key.sign(sums), PUBLIC_KEY: public}
    return Seal(release, files)


def _chain(*keys: _Key) -> Iterator[Sealed]:
    before = None
    for release, key in enumerate(keys, start=1):
        before = checked(_seal(release, key, before))
        yield before


def test_a_key_vouches_for_what_it_signed() -> None:
    """And for nothing else."""
    one, other = _Key(), _Key()
    (release,) = _chain(one)
    require_trust([release], [one.public])
    with pytest.raises(Refused, match=f"the key {one.public.key_id}, which is not one"):
        require_trust([release], [other.public])
    with pytest.raises(Refused):
        require_trust([release], [])


def test_the_newest_key_vouches_for_all_before() -> None:
    """Each manifest names the one before, whoever signed that."""
    old, new = _Key(), _Key()
    releases = list(_chain(old, old, new))
    require_trust(releases, [new.public])
    with pytest.raises(Refused, match="release 3 is signed"):
        require_trust(releases, [old.public])
    require_trust(releases, [old.public, new.public])


def test_a_chain_with_a_gap_vouches_no_further() -> None:
    """Where a withdrawn release is missing, the releases before it need a trusted key."""
    old, new = _Key(), _Key()
    one, _, three = _chain(old, old, new)
    with pytest.raises(Refused, match="release 1 is signed"):
        require_trust([one, three], [new.public])
    require_trust([one, three], [new.public, old.public])


def test_another_manifest_than_the_chain_names_is_refused() -> None:
    """Though a trusted key signed it."""
    key = _Key()
    _, two = _chain(key, key)
    other = checked(_seal(1, key, digest="b"))
    with pytest.raises(Refused, match="a later release names another manifest"):
        require_trust([other, two], [key.public])


def test_two_releases_that_name_different_ones_before_are_refused() -> None:
    """The chain has no branches."""
    key = _Key()
    one = checked(_seal(1, key))
    other = checked(_seal(1, key, digest="b"))
    two, three = checked(_seal(2, key, one)), checked(_seal(3, key, other))
    with pytest.raises(Refused):
        require_trust([one, two, three], [key.public])


@pytest.mark.parametrize("path", [MANIFEST, SUMS, SIGNATURE, PUBLIC_KEY])
def test_a_seal_of_two_releases_does_not_hold_together(path: str) -> None:
    """Whichever of its four files comes from another release."""
    key = _Key()
    seal, other = _seal(2, key), _seal(1, key)
    checked(seal)
    if path == PUBLIC_KEY:
        other = _seal(1, _Key())
    with pytest.raises(Refused, match="release 2 of the origin is refused"):
        checked(Seal(2, {**seal.files, path: other.files[path]}))
