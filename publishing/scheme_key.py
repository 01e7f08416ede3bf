"""The secret key of a scheme: a file outside the database, recognised by its fingerprint."""

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from database.pool import Connection
from domain.failures import Refused, Unavailable

KEY_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_RESTORE = "Restore the key file from its backup: without it no unit keeps its public id."


def key_path(keys: Path, scheme: int) -> Path:
    """Return where the key of ``scheme`` lies in the directory ``keys``."""
    return keys / f"scheme-{scheme}.key"


def fingerprint(key: bytes) -> str:
    """Return SHA-256 of ``key`` behind a prefix, so that it is no other digest of ours."""
    return hashlib.sha256(b"cordgraph-scheme-key-1\x00" + key).hexdigest()


async def obtain_key(connection: Connection, keys: Path, scheme: int) -> bytes:
    """Return the key of ``scheme``; make it where no release was ever published under it.

    A key file without a fingerprint in the database is used as it is: a publication that died
    before its commit left it, or a plan did.

    Raises:
        Refused: The file can be read by others, is damaged, is missing although releases were
            published with it, or is not the key they were published with.
        Unavailable: This account cannot use the folder.
    """
    path = key_path(keys, scheme)
    expected: str | None = await connection.fetchval(
        "select fingerprint from intake.scheme_key where scheme = $1", scheme
    )
    try:
        if expected is None and not path.exists():
            _create(path)
        key = _read(path)
    except FileNotFoundError:
        raise Refused(
            f"{path}: the key of scheme {scheme} is missing, and releases were published with it",
            hint=_RESTORE,
        ) from None
    except OSError as error:
        raise Unavailable(
            f"{path}: the key of scheme {scheme} cannot be read or made: {error.strerror}",
            hint="Let this account own the folder, or set CORDGRAPH_HOME to another one.",
        ) from error
    if expected is not None and not hmac.compare_digest(expected, fingerprint(key)):
        raise Refused(
            f"{path}: this is not the key that scheme {scheme} was published with", hint=_RESTORE
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
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        key = file.read(KEY_BYTES + 1)
    if mode & _OTHERS:
        raise Refused(
            f"{path}: others can read or change the key (mode {stat.S_IMODE(mode):04o}, not 0600)",
            hint=f"Run: chmod 600 '{path}'",
        )
    if len(key) != KEY_BYTES:
        raise Refused(f"{path}: a key has {KEY_BYTES} bytes, this file does not", hint=_RESTORE)
    return key


def _create(path: Path) -> None:
    """Write a new key so that the file is complete or absent, whenever the process dies."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces a key that another process made meanwhile.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
