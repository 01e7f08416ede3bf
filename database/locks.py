"""Locks between processes that the kernel frees, however their holder ends."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.failures import Unavailable

_PAUSE_SECONDS = 0.02


class FileLock:
    """An advisory lock on the file ``path``, which is made if need be and never removed.

    The lock belongs to the open file: a child process that inherits the descriptor keeps it
    held after its parent closed it or died, until the last descendant is gone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """Return the descriptor, for a child process to inherit."""
        return self._descriptor

    def try_shared(self) -> bool:
        """Hold the lock together with others, unless somebody holds it alone."""
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Hold the lock alone, unless somebody else holds it in any way."""
        return self._try(fcntl.LOCK_EX)

    def wait_exclusive(self, seconds: float) -> None:
        """Hold the lock alone, as soon as everybody else has let go.

        Raises:
            Unavailable: Somebody held it for all of ``seconds``.
        """
        deadline = time.monotonic() + seconds
        while not self.try_exclusive():
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"another process has held {self._path} for {seconds:.0f} seconds",
                    "Wait until it is done, or end it.",
                )
            time.sleep(_PAUSE_SECONDS)

    def close(self) -> None:
        """Let go of the lock. Safe to call again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _try(self, mode: int) -> bool:
        try:
            fcntl.flock(self._descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
