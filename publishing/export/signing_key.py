"""The key that signs releases: a secret key of minisign in a file of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import minisign  # type: ignore[import-untyped]  # it ships no types

from domain.failures import Refused, Unavailable
from files.manifest import Manifest
from files.signatures import PublicKey, parse_public_key
from publishing.key_file import make_key_file, read_key_file

VARIABLE: Final = "CORDGRAPH_SIGNING_KEY"
"""Names another file of a secret key that `minisign -G` made."""

_NAME: Final = "release-signing.key"
_LONGEST: Final = 16_384
_COMMENT: Final = "signature of a CordGraph release"


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A key that signs; only the public half is ever shown.

    Attributes:
        public: The public half.
    """

    public: PublicKey
    _secret: Any

    def sign(self, sums: bytes, manifest: Manifest) -> bytes:
        """Return the content of SHA256SUMS.minisig; the same every time, since it holds no time.

        Args:
            sums: Content of SHA256SUMS.
            manifest: Of the release; the trusted comment names it.
        """
        signature = self._secret.sign(
            sums, untrusted_comment=_COMMENT, trusted_comment=trusted_comment(manifest)
        )
        return bytes(signature) + b"\n"


def trusted_comment(manifest: Manifest) -> str:
    """Return what the signature of a release says: which release, and its digest."""
    return f"cordgraph release={manifest.release} digest={manifest.digest}"


def obtain_signing_key(
    keys: Path,
    environ: Mapping[str, str],
    published: PublicKey | None,
    ask_password: Callable[[], str],
    *,
    renew: bool = False,
) -> SigningKey:
    """Return the key that signs; make it where there is none yet.

    Args:
        keys: Folder of the keys.
        environ: The environment; `VARIABLE` names a file elsewhere.
        published: The key that readers know, or ``None`` before the first release.
        ask_password: Is called if the key is encrypted.
        renew: Sign with another key than the published one from now on.

    Raises:
        Refused: The file can be read by others, is no secret key, is missing although readers
            know a key, or is not the key that they know.
        Unavailable: This account cannot use the folder.
    """
    given = environ.get(VARIABLE, "").strip()
    path = Path(given).expanduser() if given else keys / _NAME
    try:
        if not given and not path.exists() and (published is None or renew):
            make_key_file(path, _new_key)
        content = read_key_file(path, _LONGEST)
    except FileNotFoundError:
        raise Refused(
            f"{path}: the key that signs releases is missing",
            hint="Restore it from its backup. If it is lost, make another one with `cordgraph "
            "release export --renew-key`, and tell readers why the key changed.",
        ) from None
    except OSError as error:
        raise Unavailable(
            f"{path}: the key that signs releases cannot be read or made: {error.strerror}",
            hint="Let this account own the folder, make room in it, or name another file by "
            f"{VARIABLE}.",
        ) from error
    key = _opened(path, content, ask_password)
    if published is not None and key.public != published and not renew:
        raise Refused(
            f"{path}: the key {key.public.key_id} is not the one that readers know, "
            f"{published.key_id}",
            hint="Restore the key from its backup. To sign with this one from now on, run "
            "`cordgraph release export --renew-key`, and tell readers why the key changed.",
        )
    return key


def _new_key() -> bytes:
    return bytes(minisign.KeyPair.generate().secret_key) + b"\n"


def _opened(path: Path, content: bytes, ask_password: Callable[[], str]) -> SigningKey:
    try:
        secret = minisign.SecretKey.from_bytes(content)
        if secret.is_encrypted():
            secret.decrypt(ask_password())
        public = parse_public_key(bytes(secret.get_public_key()))
    except minisign.Error as error:
        raise Refused(
            f"{path}: this is no key that can sign: {error}",
            hint="Name a secret key that `minisign -G` made, and give its password.",
        ) from None
    return SigningKey(public, secret)
