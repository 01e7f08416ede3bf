"""Files of secret keys: readable by their owner only, and complete or absent at any moment."""

import fcntl
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from domain.failures import Refused

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_key_file(path: Path, at_most: int) -> bytes:
    """Return the first ``at_most`` bytes of a file that nobody else can read or change.

    Raises:
        Refused: Others can.
        OSError: The file is missing or cannot be read.
    """
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        content = file.read(at_most)
    if mode & _OTHERS:
        raise Refused(
            f"{path}: others can read or change the key (mode {stat.S_IMODE(mode):04o}, not 0600)",
            hint=f"Run: chmod 600 '{path}'",
        )
    return content


def make_key_file(path: Path, make: Callable[[], bytes]) -> None:
    """Write what ``make`` returns so that the file is complete or absent, whenever we die.

    Whoever makes one holds the folder, so that drafts that are there belong to nobody alive. A
    key that is there already, or that another process makes meanwhile, stays.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system locks folders: there, drafts stay
            fcntl.flock(folder, fcntl.LOCK_EX)
            for left in path.parent.glob(f".{path.name}.*"):
                left.unlink()
        _make(path, make)
        os.fsync(folder)
    finally:
        os.close(folder)


def _make(path: Path, make: Callable[[], bytes]) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces a key that another process made meanwhile.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
