"""What a command, its helpers and the server use together, looked at as they run."""

import os
import threading
from collections import defaultdict
from pathlib import Path

_PAUSE_S = 0.25


class Watch:
    """Looks at processes until it is told to end.

    Shared memory counts once: what is summed is the proportional share of each process.

    Attributes:
        own: Most bytes of the command itself.
        all: Most bytes of all together.
    """

    _TICKS = os.sysconf("SC_CLK_TCK")

    def __init__(self, pid: int, folder: str) -> None:
        self.own = 0
        self.all = 0
        self._worked: dict[int, float] = {}
        self._pid = pid
        self._folder = folder
        self._ended = threading.Event()

    def run(self) -> None:
        """Look now and again."""
        while not self._ended.wait(_PAUSE_S):
            self._look()

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()

    @property
    def worked(self) -> float:
        """Processor seconds of all together, up to the last look at each."""
        return sum(self._worked.values())

    def _look(self) -> None:
        family = _family(self._pid, self._folder)
        self.own = max(self.own, _bytes_of(self._pid))
        self.all = max(self.all, sum(map(_bytes_of, family)))
        for pid in family:  # one that ended meanwhile keeps what it had
            self._worked[pid] = max(self._worked.get(pid, 0.0), _ticks_of(pid) / self._TICKS)


def _family(pid: int, folder: str) -> set[int]:
    """Return a process, those of the server in ``folder``, and all that these began."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    roots = {pid}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        children[parent].append(int(entry.name))
        if folder in command and int(entry.name) != os.getpid():
            roots.add(int(entry.name))
    found: set[int] = set()
    while roots:
        each = roots.pop()
        if each not in found:
            found.add(each)
            roots.update(children[each])
    return found


def _ticks_of(pid: int) -> int:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(words[11]) + int(words[12])


def _bytes_of(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    lines = (line.split() for line in text.splitlines())
    return next((int(words[1]) * 1024 for words in lines if words[0] == "Pss:"), 0)
