"""The generated passwords of the embedded server, in one file that only its user reads."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import orjson

from domain.failures import Unavailable

_BYTES = 24


def read_passwords(path: Path) -> dict[str, str]:
    """Return role name -> password; empty if there is no such file.

    Raises:
        Unavailable: The file is damaged.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(word, str) for word in content.values()):
        raise Unavailable(
            f"{path} does not hold the passwords of the embedded server",
            "Restore the file from a backup.",
        )
    return content


def ensure_passwords(path: Path, roles: Iterable[str]) -> dict[str, str]:
    """Return a password for each of ``roles``; missing ones are generated and kept in ``path``.

    The file has mode 0600 and is replaced as a whole, so that a kill leaves the old or the new.
    """
    passwords = read_passwords(path)
    missing = [role for role in roles if role not in passwords]
    if missing:
        passwords |= {role: secrets.token_urlsafe(_BYTES) for role in missing}
        write_private(path, orjson.dumps(passwords, option=orjson.OPT_INDENT_2))
    return passwords


def write_private(path: Path, content: bytes) -> None:
    """Write ``path`` with mode 0600, on disk and complete before it gets its name."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in ``folder`` on disk, so that a rename survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
