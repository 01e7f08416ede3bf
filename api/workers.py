"""Several processes that answer on one socket, and the one that watches over them."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import structlog

from domain.failures import Unavailable

Work = Callable[..., None]
"""``(listener, *arguments)``: what a worker does until it gets SIGTERM or SIGINT."""

_GRACE_SECONDS = 5.0
_SHORT_SECONDS = 10.0
"""A worker that ends sooner counts as one that cannot start."""
_MOST_SHORT_LIVES = 5
_PAUSE_SECONDS = 1.0

_log = structlog.get_logger("cordgraph")


class Workers:
    """Keeps ``count`` processes at work until a signal comes, and replaces those that end.

    They are spawned, not forked, so that none inherits threads, locks or the database's
    connections. All accept from one socket; the system gives each connection to one of them.

    Args:
        count: Number of processes, 2 or more.
        work: A function of a module, called in each process.
        listener: The socket, which is their first argument.
        arguments: Their other arguments, which must be picklable.
        patience_s: Time they may take to end.
    """

    def __init__(
        self,
        count: int,
        work: Work,
        listener: socket.socket,
        arguments: tuple[object, ...],
        patience_s: float,
    ) -> None:
        self._count = count
        self._start = (work, listener, arguments)
        self._patience_s = patience_s
        self._running: dict[SpawnProcess, float] = {}
        self._short_lives = 0
        self._ended = False

    def run(self, announce: Callable[[], None] = lambda: None) -> None:
        """Return when SIGTERM or SIGINT came and all have ended.

        Raises:
            Unavailable: They end again and again as soon as they start.
        """
        with _signals() as asked:
            try:
                for _ in range(self._count):
                    self._add()
                announce()
                while not self._ended:
                    self._watch(asked)
            finally:
                self._end()

    def _add(self) -> None:
        work, listener, arguments = self._start
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(work, listener, arguments)
        )
        with _interrupts_held():
            process.start()
        self._running[process] = time.monotonic()

    def _watch(self, asked: Connection) -> None:
        """Wait until a signal comes or a process ends, and put another in its place."""
        ready = wait([asked, *(process.sentinel for process in self._running)])
        if asked in ready:
            self._ended = True
            return
        for process in [each for each in self._running if not each.is_alive()]:
            self._replace(process)

    def _replace(self, process: SpawnProcess) -> None:
        seconds = time.monotonic() - self._running.pop(process)
        _log.warning("worker ended", pid=process.pid, exit=process.exitcode)
        self._short_lives = self._short_lives + 1 if seconds < _SHORT_SECONDS else 0
        if self._short_lives > _MOST_SHORT_LIVES:
            raise Unavailable(
                f"the workers end as soon as they start (the last with {process.exitcode})",
                "The log says why. Start with --workers 1 to see it from one process.",
            )
        if self._short_lives:
            time.sleep(_PAUSE_SECONDS)
        self._add()

    def _end(self) -> None:
        for process in self._running:
            process.terminate()
        last = time.monotonic() + self._patience_s + _GRACE_SECONDS
        for process in self._running:
            process.join(max(0.0, last - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


@contextmanager
def _signals() -> Iterator[Connection]:
    """Give a connection that can be read once SIGTERM or SIGINT came."""
    receiving, sending = multiprocessing.Pipe(duplex=False)

    def note(*_: object) -> None:
        sending.send_bytes(b"!")

    watched = (signal.SIGTERM, signal.SIGINT)
    before = {each: signal.signal(each, note) for each in watched}
    try:
        yield receiving
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        receiving.close()
        sending.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Have a process that is started meanwhile begin deaf to SIGINT."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(work: Work, listener: socket.socket, arguments: tuple[object, ...]) -> None:
    """Do a worker's work, and end with the process that watches over it, however that ends."""
    # Ctrl-C reaches all processes of a terminal; until the server heeds it, SIGTERM follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(listener, *arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - for the type checker
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
