"""Signatures and keys made by the program minisign 0.11, and ours."""

from pathlib import Path

import minisign  # type: ignore[import-untyped]
import pytest

from domain.failures import Refused, Unavailable
from files.signatures import PublicKey, parse_public_key, read_small, sign
from publishing.approvals import Kind, approval_text

PUBLIC = b"""untrusted comment: minisign public key EE8348193926A2B9
RWS5oiY5GUiD7v27w8UBMmFvcNTyAco2qNCNBEUI75MDCVZa07zq8Yr1
"""
SECRET = b"""untrusted comment: minisign encrypted secret key
RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAuaImORlIg+6tZnoyeJU5VXlcde\
i3LJ7dFSV8XwuFGKqF3iiaQrXB9f27w8UBMmFvcNTyAco2qNCNBEUI75MDCVZa07zq8Yr1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
AAAAAAAAAA=
"""
HASHED = b"""untrusted comment: signature from minisign secret key
RUS5oiY5GUiD7gt7HIxYA14g3Wmw6ZSC3QP8C74U+RXQch/Z11V3qjuBQLDeLlXsoZDT2beW1vK3vC6zw4hCPd8FXWTyMgOHjgw=
trusted comment: release 1
9yrVnZVQf+91SvhWuSE06KTJRQZ4VDt6sTPVHtHdjQUHyE6aw4dzSTNqIGR6FLG+yAC8FMbwBtscXY4oKq2NBA==
"""
LEGACY = b"""untrusted comment: signature from minisign secret key
RWS5oiY5GUiD7vVJOGTD3SgpcCNmG/BToRGmy+0V3F49F0gsunKz+qbjXJ7EiYl+BgbcEB8ZE7rjQKMiSyvsBVs5twdifJNFEAg=
trusted comment: release 1
oRN4wcULeYWC1Gesu0qGm9A9O/aJi4P87fYg+ESabPdDrRXk2LeLpVi+VQAGRwwxBA7UK8rVsKAMEGhdTa3WCA==
"""
DIGEST = "a" * 64
MESSAGE = approval_text(Kind.RELEASE, DIGEST)


def _no_password() -> str:
    raise AssertionError("nobody should be asked")


def test_what_approvers_sign_is_three_lines() -> None:
    """The text names kind and digest; anyone can write it by hand."""
    assert MESSAGE == b"cordgraph-approval-1\nkind=release\ndigest=" + b"a" * 64 + b"\n"


def test_a_public_key_of_the_program_is_read() -> None:
    """The key id is what `minisign` shows, with or without the comment's line."""
    key = parse_public_key(PUBLIC)
    assert key.key_id == "EE8348193926A2B9"
    assert len(key.key) == 32
    assert parse_public_key(PUBLIC.splitlines()[1]) == key


@pytest.mark.parametrize("signature", [HASHED, LEGACY], ids=["hashed", "legacy"])
def test_a_signature_of_the_program_is_verified(signature: bytes) -> None:
    """Both forms that minisign writes are accepted, and the trusted comment is returned."""
    assert parse_public_key(PUBLIC).verify(MESSAGE, signature) == "release 1"


@pytest.mark.parametrize("signature", [HASHED, LEGACY], ids=["hashed", "legacy"])
@pytest.mark.parametrize(
    "message",
    [
        approval_text(Kind.WITHDRAWAL, DIGEST),
        approval_text(Kind.SCHEME, DIGEST),
        approval_text(Kind.RELEASE, "b" + DIGEST[1:]),
        b"",
    ],
)
def test_a_signature_is_for_one_message(signature: bytes, message: bytes) -> None:
    """Another kind or another digest is another message."""
    with pytest.raises(ValueError, match="signature verification failed"):
        parse_public_key(PUBLIC).verify(message, signature)


def test_the_trusted_comment_is_signed() -> None:
    """A changed comment is found out."""
    with pytest.raises(ValueError, match="signature verification failed"):
        parse_public_key(PUBLIC).verify(MESSAGE, HASHED.replace(b"release 1", b"release 2"))


@pytest.mark.parametrize("content", [b"", b"hello", PUBLIC, HASHED[:-20], b"\xff" * 300])
def test_what_is_no_signature_is_an_error(content: bytes) -> None:
    """Any other content is one kind of error."""
    with pytest.raises(ValueError, match=r"invalid|unsupported"):
        parse_public_key(PUBLIC).verify(MESSAGE, content)


@pytest.mark.parametrize("content", [b"", b"hello", HASHED, SECRET, PUBLIC[:-10]])
def test_what_is_no_public_key_is_an_error(content: bytes) -> None:
    """A secret key, a signature or a part of a key is no public key."""
    with pytest.raises(ValueError, match=r"invalid|unsupported"):
        parse_public_key(content)


def test_the_signature_of_another_key_is_refused() -> None:
    """Also under the key id of the first."""
    other = minisign.KeyPair.generate()
    stranger = parse_public_key(bytes(other.public_key))
    with pytest.raises(ValueError, match="incompatible key identifiers"):
        stranger.verify(MESSAGE, HASHED)
    disguised = PublicKey("EE8348193926A2B9", stranger.key)
    with pytest.raises(ValueError, match="signature verification failed"):
        disguised.verify(MESSAGE, HASHED)


def test_a_key_of_the_program_signs(tmp_path: Path) -> None:
    """The signature is verified by the public key that minisign made with it."""
    path = tmp_path / "minisign.key"
    path.write_bytes(SECRET)
    signature = sign(MESSAGE, path, "cordgraph release", _no_password)
    assert parse_public_key(PUBLIC).verify(MESSAGE, signature) == "cordgraph release"


def test_an_encrypted_key_needs_its_password(tmp_path: Path) -> None:
    """The right password signs, a wrong one is refused without a trace of either."""
    pair = minisign.KeyPair.generate()
    public = parse_public_key(bytes(pair.public_key))
    pair.secret_key.encrypt("right", opslimit=32_768, memlimit=1 << 20)
    path = tmp_path / "minisign.key"
    path.write_bytes(bytes(pair.secret_key))
    signature = sign(MESSAGE, path, "cordgraph release", lambda: "right")
    assert public.verify(MESSAGE, signature) == "cordgraph release"
    with pytest.raises(Refused, match="this key cannot sign: wrong password") as refusal:
        sign(MESSAGE, path, "cordgraph release", lambda: "mistaken")
    assert "mistaken" not in refusal.value.message


def test_files_that_cannot_be_keys(tmp_path: Path) -> None:
    """A missing file, a large one and a wrong one each say what is the matter."""
    with pytest.raises(Unavailable, match="No such file"):
        read_small(tmp_path / "missing")
    large = tmp_path / "large"
    large.write_bytes(b"a" * 20_000)
    with pytest.raises(Refused, match="at most 16384 bytes"):
        read_small(large)
    wrong = tmp_path / "wrong"
    wrong.write_bytes(PUBLIC)
    with pytest.raises(Refused, match="this key cannot sign"):
        sign(MESSAGE, wrong, "cordgraph release", _no_password)
