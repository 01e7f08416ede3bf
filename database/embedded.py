"""A PostgreSQL server of our own in a folder, shared by all processes that use the folder.

Kernel locks in the folder say who is there, and none outlives its holders: ``mutex.lock`` is
held while the server is started or stopped, ``users.lock`` is held (shared) by every process
that uses it. The third, of the server itself, is described in `database.postmaster`.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from database.listener import PORT, Answer, listener_folder
from database.locks import FileLock
from database.passwords import ensure_passwords, read_passwords
from database.postmaster import DATABASE, Postmaster
from database.roles import OWNER, ROLES
from domain.failures import Unavailable

SETTINGS = {
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}

_START_SECONDS = 300.0
_STOP_SECONDS = 60.0
_PAUSE_SECONDS = 0.01
_WATCH_SECONDS = 2.0


class EmbeddedServer:
    """The server of ``folder``, started by the first process that uses it, stopped by the last.

    Any process can be killed at any moment: the next `start` finds the server that is there, or
    starts it and lets it recover. A server whose users were all killed runs on until the next
    user stops it.

    Args:
        folder: Made if need be; holds the data, the passwords (0600), the log and the locks.
        settings: Server settings on top of `SETTINGS`.
        environ: Where the overrides for programs and account are looked up.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.folder = folder.absolute()
        self._postmaster = Postmaster(self.folder, OWNER, {**SETTINGS, **(settings or {})}, environ)
        self._users: FileLock | None = None
        self._used_by = 0
        self._passwords: dict[str, str] = {}
        self._leaving = threading.Event()
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def dsn(self, role: str = OWNER, database: str = DATABASE) -> str:
        """Return the address of ``database`` for ``role``, with its password, once started."""
        place = quote(str(listener_folder(self._postmaster.data)), safe="")
        secret = quote(self._passwords[role], safe="")
        return f"postgresql://{role}:{secret}@/{database}?host={place}&port={PORT}"

    def start(self) -> None:
        """Use the server, and start it if it does not run. Does nothing if we use it already.

        Raises:
            Unavailable: It cannot run here; the message says why.
        """
        if self._users:
            return
        self._leaving.clear()
        try:
            self._open_folder()
            self._used_by = os.getpid()
            self._users = FileLock(self.folder / "users.lock")
            with FileLock(self.folder / "mutex.lock") as mutex:
                mutex.wait_exclusive(_START_SECONDS)
                self._users.try_shared()  # only a holder of the mutex ever holds it alone
                self._passwords = self._read_passwords()
                self._bring_up()
        except OSError as error:
            self.stop()
            raise Unavailable(f"cannot run PostgreSQL in {self.folder}: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> bool:
        """Use the server no more, and stop it if nobody else does. Safe to call again.

        Returns:
            Whether this call stopped the server. It does not raise, since it runs in ``finally``:
            what takes too long ends by itself, and the next `start` waits for it.
        """
        self._end_watch()
        users, self._users = self._users, None
        if not users:
            return False
        with users:
            # A process that was forked off shares our lock, and must not stop what we use.
            if self._used_by != os.getpid():
                return False
            try:
                with FileLock(self.folder / "mutex.lock") as mutex:
                    mutex.wait_exclusive(_STOP_SECONDS)
                    return users.try_exclusive() and self._postmaster.shut_down()
            except (OSError, Unavailable):
                return False
            finally:
                self._postmaster.release()

    @contextmanager
    def watch(self) -> Iterator[None]:
        """While the context lasts, bring the server up again whenever it has died.

        It is asked every two seconds. Processes that watch the same folder take turns under the
        lock of `start`, so that one of them starts it and the others find it. `stop` ends this.
        """
        self._leaving.clear()
        self._watcher = threading.Thread(target=self._keep_up, name="embedded-server", daemon=True)
        self._watcher.start()
        try:
            yield
        finally:
            self._end_watch()

    def _end_watch(self) -> None:
        watcher, self._watcher = self._watcher, None
        # The thread does not live on in a process that was forked off, but its locks do.
        if watcher and self._used_by == os.getpid():
            self._leaving.set()
            watcher.join()

    def _keep_up(self) -> None:
        while not self._leaving.wait(_WATCH_SECONDS):
            with suppress(OSError, Unavailable):  # tried again, as long as we are here
                if self._postmaster.answer() is not Answer.READY:
                    self._revive()

    def _revive(self) -> None:
        """Bring the server up again, unless another process is about to."""
        with FileLock(self.folder / "mutex.lock") as mutex:
            # Without its data a server would be made anew, and hide that they are gone.
            if mutex.try_exclusive() and self._postmaster.data.exists():
                self._postmaster.forget_ended()
                self._bring_up()

    def _open_folder(self) -> None:
        """Make the folder, and check that it is ours.

        For root every folder it makes is open for passage, since the server is another account.
        """
        missing = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            path.chmod(0o700 if os.geteuid() else 0o755)
        owner = self.folder.stat().st_uid
        if owner != os.geteuid():
            raise Unavailable(
                f"{self.folder} belongs to user id {owner}, and we are user id {os.geteuid()}",
                "Run as its owner, or set CORDGRAPH_HOME to a folder of your own.",
            )

    def _read_passwords(self) -> dict[str, str]:
        path = self.folder / "passwords.json"
        if self._postmaster.data.exists() and OWNER not in read_passwords(path):
            raise Unavailable(
                f"{path} is missing, and the data cannot be opened without it",
                f"Restore the file, or move {self.folder} away to begin anew.",
            )
        return ensure_passwords(path, (OWNER, *ROLES))

    def _bring_up(self) -> None:
        """Return once it answers, or we leave; start it as soon as no process of it is left."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._leaving.is_set() and self._postmaster.answer() is not Answer.READY:
            last_words = self._postmaster.last_words()
            if last_words is not None:
                raise Unavailable(
                    f"PostgreSQL ended at once; it said:\n{last_words}",
                    f"If the disk of {self.folder} is full, make room and run the command again.",
                )
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"PostgreSQL in {self.folder} does not answer",
                    f"See {self._postmaster.log}; end what is left of an earlier server.",
                )
            self._postmaster.spawn(self._passwords[OWNER])
            time.sleep(_PAUSE_SECONDS)
