"""The secret key of a scheme: a file outside the database, recognised by its fingerprint."""

import hashlib
import hmac
import secrets
from pathlib import Path

from database.pool import Connection
from domain.failures import Refused, Unavailable
from publishing.key_file import make_key_file, read_key_file

KEY_BYTES = 32
_RESTORE = "Restore the key file from its backup: without it no unit keeps its public id."


def key_path(keys: Path, scheme: int) -> Path:
    """Return where the key of ``scheme`` lies in the directory ``keys``."""
    return keys / f"scheme-{scheme}.key"


def fingerprint(key: bytes) -> str:
    """Return SHA-256 of ``key`` behind a prefix, so that it is no other digest of ours."""
    return hashlib.sha256(b"cordgraph-scheme-key-1\x00" + key).hexdigest()


async def obtain_key(connection: Connection, keys: Path, scheme: int) -> bytes:
    """Return the key of ``scheme``; make it where the scheme is not bound to one yet.

    A scheme is bound to its key when it is frozen. A key file without a fingerprint in the
    database is used as it is: a run that died before its commit left it, or a plan did.

    Raises:
        Refused: The file can be read by others, is damaged, is missing although the scheme is
            bound to it, or is not the key that the scheme is bound to.
        Unavailable: This account cannot use the folder.
    """
    path = key_path(keys, scheme)
    expected: str | None = await connection.fetchval(
        "select fingerprint from intake.scheme_key where scheme = $1", scheme
    )
    try:
        if expected is None and not path.exists():
            make_key_file(path, lambda: secrets.token_bytes(KEY_BYTES))
        key = _read(path)
    except FileNotFoundError:
        raise Refused(
            f"{path}: the key of scheme {scheme} is missing, and the scheme is bound to it",
            hint=_RESTORE,
        ) from None
    except OSError as error:
        raise Unavailable(
            f"{path}: the key of scheme {scheme} cannot be read or made: {error.strerror}",
            hint="Let this account own the folder, make room in it, or set CORDGRAPH_HOME to "
            "another one. Nothing is half-done.",
        ) from error
    if expected is not None and not hmac.compare_digest(expected, fingerprint(key)):
        raise Refused(
            f"{path}: this is not the key that scheme {scheme} is bound to", hint=_RESTORE
        )
    return key


async def record_fingerprint(connection: Connection, scheme: int, key: bytes) -> None:
    """Remember which key ``scheme`` is published with; the first one stays."""
    await connection.execute(
        "insert into intake.scheme_key (scheme, fingerprint) values ($1, $2) "
        "on conflict (scheme) do nothing",
        scheme,
        fingerprint(key),
    )


def _read(path: Path) -> bytes:
    key = read_key_file(path, KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise Refused(f"{path}: a key has {KEY_BYTES} bytes, this file does not", hint=_RESTORE)
    return key
