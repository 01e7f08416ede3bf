"""The secret key of a scheme: a file outside the database, recognised by its fingerprint."""

import fcntl
import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
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
            _create(path)
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
    """Write a new key so that the file is complete or absent, whenever the process dies.

    Whoever makes one holds the folder, so that drafts that are there belong to nobody alive.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system locks folders: there, drafts stay
            fcntl.flock(folder, fcntl.LOCK_EX)
            for left in path.parent.glob(f".{path.name}.*"):
                left.unlink()
        _make(path)
        os.fsync(folder)
    finally:
        os.close(folder)


def _make(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
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
