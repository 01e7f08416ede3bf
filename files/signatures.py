"""Signatures in the format of minisign: Ed25519 with a key id and a signed comment."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import minisign  # type: ignore[import-untyped]  # it ships no types

from domain.failures import Refused, Unavailable

_LONGEST_FILE = 16_384
_ALGORITHM = b"Ed"
_KEY_BYTES = 32
_KEY_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key of minisign.

    Attributes:
        key_id: Eight bytes in hexadecimal, as `minisign` shows them.
        key: The Ed25519 key, 32 bytes.
    """

    key_id: str
    key: bytes

    def to_file(self) -> bytes:
        """Return the content of the ``.pub`` file, as `minisign -G` writes it."""
        encoded = base64.b64encode(self._stored()).decode()
        return f"untrusted comment: minisign public key {self.key_id}\n{encoded}\n".encode()

    def verify(self, message: bytes, signature: bytes) -> str:
        """Return the trusted comment of ``signature``, the content of a ``.minisig`` file.

        Raises:
            ValueError: It is no signature, one of another key, or one of another message.
        """
        key = minisign.PublicKey.from_base64(base64.b64encode(self._stored()))
        parsed = minisign.Signature.from_bytes(signature)
        key.verify(message, parsed)
        comment: str = parsed.trusted_comment
        return comment

    def _stored(self) -> bytes:
        # A key id is a little-endian number, so that it is stored the other way round.
        return _ALGORITHM + bytes.fromhex(self.key_id)[::-1] + self.key


def key_id_of(signature: bytes) -> str:
    """Return the id of the key that made a ``.minisig`` file, as `minisign` shows it.

    Raises:
        ValueError: It is no signature.
    """
    parsed = minisign.Signature.from_bytes(signature)
    stored = base64.b64decode(bytes(parsed).splitlines()[1])
    return stored[len(_ALGORITHM) : len(_ALGORITHM) + _KEY_ID_BYTES][::-1].hex().upper()


def parse_public_key(content: bytes) -> PublicKey:
    """Read the content of a ``.pub`` file, or its second line alone.

    Raises:
        ValueError: It is not a public key of minisign.
    """
    lines = content.strip().splitlines()
    parsed = minisign.PublicKey.from_base64(lines[-1] if lines else b"")
    stored = base64.b64decode(parsed.to_base64())[len(_ALGORITHM) :]
    return PublicKey(stored[:-_KEY_BYTES][::-1].hex().upper(), stored[-_KEY_BYTES:])


def sign(message: bytes, secret_key: Path, comment: str, ask_password: Callable[[], str]) -> bytes:
    """Return the content of the ``.minisig`` file that signs ``message``.

    Args:
        message: What is signed.
        secret_key: File that `minisign -G` made.
        comment: The trusted comment, printable ASCII.
        ask_password: Is called if the key is encrypted.

    Raises:
        Refused: The file is no secret key, or the password is wrong.
        Unavailable: The file cannot be read.
    """
    content = read_small(secret_key)
    try:
        with minisign.SecretKey.from_bytes(content) as key:
            if key.is_encrypted():
                key.decrypt(ask_password())
            return bytes(key.sign(message, trusted_comment=comment)) + b"\n"
    except minisign.Error as error:
        raise Refused(
            f"{secret_key}: this key cannot sign: {error}",
            hint="Name a secret key that `minisign -G` made, and give its password.",
        ) from None


def read_small(path: Path) -> bytes:
    """Return the content of a file of a key or signature.

    Raises:
        Refused: It is too large to be one.
        Unavailable: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE + 1)
    except OSError as error:
        raise Unavailable(
            f"{path}: the file cannot be read: {error.strerror}", "Check its name and its rights."
        ) from error
    if len(content) > _LONGEST_FILE:
        raise Refused(f"{path}: keys and signatures have at most {_LONGEST_FILE} bytes")
    return content
