"""What the readers of formats with one unit a line have in common."""

import datetime as dt
from collections.abc import Callable
from typing import NoReturn

from publishing.intake.entry import Entry
from publishing.intake.envelope import Envelope
from publishing.intake.faults import Code, FileFaultError, Finding, shown
from publishing.intake.inventory import MAXIMUM_TEXT
from publishing.intake.lines import Lines


class LineReader:
    """Reads one file line by line; a `publishing.intake.reader.Reader`.

    Args:
        now: The time of intake, with a zone.
        take: Called with each unit.

    Attributes:
        envelope: What the lines before the units say.
        faults: Faults that belong to no unit.
        warnings: Warnings that belong to no unit.
        donors: Always 0: these formats have none.
    """

    def __init__(self, now: dt.datetime, take: Callable[[Entry], None]) -> None:
        self.envelope = Envelope(now)
        self.faults = self.envelope.faults
        self.warnings = self.envelope.warnings
        self.donors = 0
        self._take = take
        self._lines = Lines()
        self._units = 0

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the file.

        Raises:
            FileFaultError: The file cannot be read on.
        """
        for line in self._lines.feed(data):
            self._read(line)

    def close(self) -> None:
        """Read the end of the file.

        Raises:
            FileFaultError: The last line cannot be read, or the file ends too early.
        """
        for line in self._lines.close():
            self._read(line)
        self._end()
        self.envelope.check_units(self._units)

    def _read(self, text: str) -> None:
        """Read a line."""
        raise NotImplementedError

    def _end(self) -> None:
        """Check that nothing is missing but units."""

    def _refuse_length(self, path: str | None) -> NoReturn:
        message = f"A value must not have more than {MAXIMUM_TEXT:,} characters."
        self._fail(Code.TEXT_TOO_LONG, message, path)

    def _fail(self, code: Code, message: str, field: str | None = None) -> NoReturn:
        finding = Finding(code, message, self._lines.number or None, field and shown(field))
        raise FileFaultError(finding)
