"""The attributes before the rows of a report: when it was written, and whether it is made up."""

import datetime as dt
from dataclasses import dataclass, field

from publishing.intake.envelope import Attributes, Envelope
from publishing.intake.faults import Code, FileFaultError, Finding, Findings, shown

NAMES = ("CREATION_TIME", "SYNTHETIC", "ROWS")
"""The attributes of a report."""

_LONGEST_COUNT = 9


@dataclass
class ReportAttributes:
    """What the attributes of a file say.

    Attributes:
        now: The time of intake, with a zone.
        created_at: When the file was written, or ``None``.
        synthetic: Whether its counts are made up.
        faults: What is wrong with attributes.
        warnings: What is missing and was assumed.
    """

    now: dt.datetime
    created_at: dt.datetime | None = None
    synthetic: bool = False
    faults: Findings = field(default_factory=Findings)
    warnings: Findings = field(default_factory=Findings)
    _texts: dict[str, str] = field(default_factory=dict)
    _lines: dict[str, int] = field(default_factory=dict)
    _rows: int | None = None

    def collect(self, name: str, text: str, line: int) -> None:
        """Put an attribute to the others, unless its name is wrong."""
        if name not in NAMES:
            message = f"There is no attribute of this name; there are {', '.join(NAMES)}."
        elif name in self._texts:
            message = f"The attribute {name} must stand once."
        else:
            self._texts[name], self._lines[name] = text, line
            return
        self.faults.add(Finding(Code.ATTRIBUTE_INVALID, message, line, shown(name)))

    def close(self, line: int) -> None:
        """Read what was collected before ``line``, on which the rows begin."""
        texts = {name: text for name, text in self._texts.items() if name != "ROWS"}
        envelope = Envelope(self.now, faults=self.faults, warnings=self.warnings)
        envelope.open_file(Attributes(texts, line, self._lines))
        self.created_at, self.synthetic = envelope.created_at, envelope.synthetic
        self._read_rows(line)

    def check_rows(self, rows: int) -> None:
        """Compare ``rows``, which were read, with the number that the file says.

        Raises:
            FileFaultError: They differ, or there is none.
        """
        if not rows:
            raise FileFaultError(Finding(Code.NO_ROWS, "The file holds no row."))
        if self._rows not in (None, rows):
            message = (
                f"The file says that it has {self._rows:,} rows and has {rows:,}; it was cut "
                "or added to. Send it again, complete."
            )
            raise FileFaultError(Finding(Code.ROWS_DIFFER, message, field="ROWS"))

    def _read_rows(self, line: int) -> None:
        text = self._texts.get("ROWS")
        if text is None:
            message = "The attribute ROWS is missing; it shows whether the file was cut."
            self.warnings.add(Finding(Code.ATTRIBUTE_MISSING, message, line, "ROWS"))
        elif text.isascii() and text.isdecimal() and len(text) <= _LONGEST_COUNT:
            self._rows = int(text)
        else:
            message = "The attribute ROWS must be the number of rows in the file."
            place = self._lines["ROWS"]
            finding = Finding(Code.ATTRIBUTE_INVALID, message, place, "ROWS", shown(text))
            self.faults.add(finding)
