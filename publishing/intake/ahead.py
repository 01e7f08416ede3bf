"""Files of a run that other processes read while this one loads those before them.

Reading is nearly all of the work of intake and loading the rest, so a second core halves the time.
What is read waits in memory, compressed, and never on a disk. Whatever is unusual, from a fault of
the file to a process that was killed, is left to the plain reading in this process.
"""

import multiprocessing
import os
import pickle
import signal
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from domain.progress import silent
from publishing.intake.faults import FileFaultError, shown
from publishing.intake.reading import Conditions, Reading
from publishing.intake.source import Source
from publishing.intake.unit import Unit

_WORTH_BYTES = 16_000_000
"""Bytes of all files from which on processes are worth their start."""
_MOST_MESSAGES = 800
"""Messages of one file that wait: 1.6 million units, some 150 MB."""
_PATIENCE_S = 0.25
_NOT_SENT = ("source", "conditions", "taken", "_accepted", "_seen")
_SENT = tuple(field.name for field in fields(Reading) if field.name not in _NOT_SENT)


class LostError(Exception):
    """The other process gave up; the file is to be read here."""


@dataclass
class AheadReading(Reading):
    """A reading whose units come from another process; it has all else when they are out."""

    helper: "_Helper | None" = None

    def batches(self) -> Iterator[list[Unit]]:
        """Yield the accepted units, and empty lists while none has come.

        Raises:
            LostError: Something unusual happened; the units so far are void.
        """
        stage = f"Reading {shown(self.source.path.name)}"
        assert self.helper is not None  # noqa: S101 - it is made with one
        for done, batch, state in self.helper.messages():
            if state is not None:
                if state.pop("sha256") != self.source.sha256:
                    raise LostError
                vars(self).update(state)
                return
            self.conditions.report(stage, done, self.source.size)
            yield batch
        raise LostError


class Ahead:
    """Reads the files of a run ahead, as many at a time as there are cores.

    Args:
        files: The files in the order in which they are asked for.
        conditions: Those of the run.
    """

    def __init__(self, files: Sequence[Path], conditions: Conditions) -> None:
        # Without what cannot be sent to another process.
        self._conditions = replace(conditions, report=silent)
        self._files = list(files) if _is_worth_it(files) else []
        self._cores = os.cpu_count() or 1
        self._helpers: dict[int, _Helper] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for helper in self._helpers.values():
            helper.close()

    def reading(self, place: int, source: Source, conditions: Conditions) -> AheadReading | None:
        """Return the reading of file ``place``, or ``None`` if it is to be read here."""
        for earlier in [each for each in self._helpers if each < place]:
            self._helpers.pop(earlier).close()
        if not self._files:
            return None
        for number in range(place, min(place + self._cores, len(self._files))):
            if number not in self._helpers:
                self._helpers[number] = _Helper(self._files[number], self._conditions)
        return AheadReading(source, conditions, {}, helper=self._helpers[place])


class _Helper:
    """Another process that reads one file, and what it sent so far."""

    def __init__(self, path: Path, conditions: Conditions) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe(duplex=False)
        self._queue: Queue[bytes | None] = Queue(_MOST_MESSAGES)
        self._closed = Event()
        self._process = context.Process(target=_read, args=(path, conditions, far), daemon=True)
        self._process.start()
        far.close()
        Thread(target=self._receive, daemon=True).start()

    def messages(self) -> Iterator[tuple[int, list[Unit], dict[str, Any] | None]]:
        """Yield bytes read so far, units, and at the end what else is known of the file."""
        done = 0
        while True:
            try:
                message = self._queue.get(timeout=_PATIENCE_S)
            except Empty:
                yield done, [], None
                continue
            if message is None:
                return
            done, batch, state = pickle.loads(zlib.decompress(message))  # noqa: S301 - our process
            yield done, batch, state

    def close(self) -> None:
        """End the process, whatever it does."""
        self._closed.set()
        self._process.terminate()
        self._process.join()

    def _receive(self) -> None:
        with self._pipe, suppress(EOFError, OSError):
            while self._put(self._pipe.recv_bytes()):
                pass
        self._put(None)

    def _put(self, message: bytes | None) -> bool:
        while not self._closed.is_set():
            with suppress(Full):
                self._queue.put(message, timeout=_PATIENCE_S)
                return True
        return False


def _is_worth_it(files: Sequence[Path]) -> bool:
    with suppress(OSError, ValueError):
        return len(files) > 1 and sum(path.stat().st_size for path in files) >= _WORTH_BYTES
    return False


def _read(path: Path, conditions: Conditions, pipe: Pipe) -> None:
    """Read a file in a process of its own; silence at the end means that it is not to be used."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who began hears it
    done = 0

    def count(_stage: str, reached: int, _total: int | None) -> None:
        nonlocal done
        done = reached

    with pipe, suppress(FileFaultError, BrokenPipeError):
        source = Source.examine(path)
        reading = Reading(source, replace(conditions, report=count), {})
        for batch in reading.batches():
            _send(pipe, (done, batch, None))
        state = {name: getattr(reading, name) for name in _SENT}
        _send(pipe, (done, [], {**state, "sha256": source.sha256}))


def _send(pipe: Pipe, message: tuple[int, list[Unit], dict[str, Any] | None]) -> None:
    pipe.send_bytes(zlib.compress(pickle.dumps(message, pickle.HIGHEST_PROTOCOL), 1))
