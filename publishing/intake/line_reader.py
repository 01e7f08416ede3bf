"""What the readers of formats with one unit a line have in common."""

import datetime as dt
from collections.abc import Callable
from typing import NoReturn

from publishing.intake.entry import Entry
from publishing.intake.envelope import Envelope
from publishing.intake.faults import Code, FileFaultError, Finding, shown
from publishing.intake.inventory import MAXIMUM_TEXT
from publishing.intake.lines import LineReading


class LineReader(LineReading):
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
        super().__init__()
        self.envelope = Envelope(now)
        self.faults = self.envelope.faults
        self.warnings = self.envelope.warnings
        self.donors = 0
        self._take = take
        self._units = 0

    def _end(self) -> None:
        """Check that there are as many units as the file says."""
        self.envelope.check_units(self._units)

    def _refuse_length(self, path: str | None) -> NoReturn:
        message = f"A value must not have more than {MAXIMUM_TEXT:,} characters."
        self._fail(Code.TEXT_TOO_LONG, message, path)

    def _fail(self, code: Code, message: str, field: str | None = None) -> NoReturn:
        finding = Finding(code, message, self._lines.number or None, field and shown(field))
        raise FileFaultError(finding)
