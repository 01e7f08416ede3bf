"""The server process of a folder: started when none is left of an earlier one, and shut down.

``server.lock`` is inherited by every process of the server, so that it is free exactly when none
of them is left, whatever a stale ``postmaster.pid`` says.
"""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from database.account import Account, server_account
from database.binaries import find_binaries
from database.cluster import (
    check_version,
    create_cluster,
    executable_binaries,
    program_environment,
)
from database.listener import (
    PORT,
    SOCKET_NAME,
    Answer,
    ask,
    listener_folder,
    make_listener_folder,
)
from database.locks import FileLock

DATABASE = "cordgraph"

_STOP_SECONDS = 60.0
_LARGEST_LOG = 16_000_000

# A server that outlives our use of it stays our child; dropping it would be a ResourceWarning.
_left_running: list[subprocess.Popen[bytes]] = []


class Postmaster:
    """The server of ``folder``; its callers see to it that one of them acts at a time.

    Args:
        folder: Holds ``data``, ``server.log`` and ``server.lock``.
        owner: Name of the superuser.
        settings: Server settings.
        environ: Where the overrides for programs and account are looked up.
    """

    def __init__(
        self, folder: Path, owner: str, settings: Mapping[str, str], environ: Mapping[str, str]
    ) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self._folder = folder
        self._owner = owner
        self._settings = settings
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def answer(self) -> Answer:
        """Return what the server says to a client."""
        return ask(listener_folder(self.data), self._owner, DATABASE)

    def last_words(self) -> str | None:
        """Return what the process that we started said before it ended, or ``None``."""
        if not self._process or self._process.poll() is None:
            return None
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace").strip()[-1500:]

    def spawn(self, password: str) -> None:
        """Start a process, unless we did or processes of an earlier server are still there.

        Args:
            password: The superuser's, for a data folder that is yet to be made.

        Raises:
            Unavailable: No programs, no account, or they do not fit the folder.
        """
        if self._process:
            return
        with FileLock(self._folder / "server.lock") as lock:
            if not lock.try_exclusive():
                return
            account = server_account(self.data, self._environ)
            account.require_path_to(self._folder)
            found = find_binaries(self._environ)
            binaries = executable_binaries(found, account, self._folder)
            if not self.data.exists():
                create_cluster(self.data, binaries, account, (self._owner, password), lock)
            check_version(self.data, binaries)
            self._process = self._start(binaries, account, lock)

    def shut_down(self) -> bool:
        """Stop the server: no new clients, open transactions rolled back, a checkpoint.

        Returns:
            Whether there was one to stop.
        """
        with FileLock(self._folder / "server.lock") as lock:
            pid = None if lock.try_exclusive() else self._pid()
            if pid is None:
                return False
            server_account(self.data, self._environ).interrupt(pid)
            lock.wait_exclusive(_STOP_SECONDS)
        place = listener_folder(self.data)
        if place != self.data:
            with suppress(OSError):
                place.rmdir()
        return True

    def forget_ended(self) -> None:
        """Be done with our process if it has ended, so that `spawn` may start another."""
        if self._process and self._process.poll() is not None:
            self.release()

    def release(self) -> None:
        """Be done with the process, running or not."""
        process, self._process = self._process, None
        if process:
            _left_running.append(process)
        _left_running[:] = [left for left in _left_running if left.poll() is None]

    def _start(self, binaries: Path, account: Account, lock: FileLock) -> subprocess.Popen[bytes]:
        place = listener_folder(self.data)
        make_listener_folder(place, account)
        # Nobody holds the lock, so these are left over, whoever has their process id by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (place / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        with os.fdopen(self._open_log(account), "ab") as log:
            self._log_start = log.tell()
            return subprocess.Popen(  # noqa: S603 - a program of PostgreSQL
                [binaries / "postgres", "-D", self.data, *self._options(place)],
                cwd="/",
                env=program_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock.fileno()],
                start_new_session=True,
                **account.process_options(),
            )

    def _open_log(self, account: Account) -> int:
        """Return the log's descriptor; nobody but ``account`` (and root) can read the file.

        Statements that fail stand in it, and with them what users wrote.
        """
        self._close_log_to_others(account)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._close_log_to_others(account)
        return descriptor

    def _close_log_to_others(self, account: Account) -> None:
        if self.log.exists():
            self.log.chmod(0o600)
            account.own(self.log)

    def _options(self, place: Path) -> list[str]:
        settings = {
            **self._settings,
            "port": str(PORT),
            "listen_addresses": "",
            "unix_socket_directories": f'"{place}"',
            "unix_socket_permissions": "0700",
        }
        return [f"--{name}={value}" for name, value in settings.items()]

    def _pid(self) -> int | None:
        """Return the process id of the running server; ``None`` if it cannot be known for sure."""
        if self._process and self._process.poll() is None:
            return self._process.pid
        if self.answer() is Answer.NONE:
            return None
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
