"""The attributes around the units: who sends what, when, and in which mode."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from publishing.intake.faults import Code, FileFaultError, Finding, Findings, shown

BANKS_TIME = dt.timezone(dt.timedelta(hours=8))
"""The time of the banks (China has one): dates and times without a zone are read in it."""

NAMES = (
    "CREATION_TIME",
    "SYNTHETIC",
    "LISTING_ORGANIZATION",
    "POOL",
    "CONTENT_TYPE",
    "UPDATE_MODE",
    "SNAPSHOT_TIME",
    "FOLLOWS",
    "UNITS",
)
"""The attributes of CSV and NDJSON; in XML they stand on two elements, without ``UNITS``."""

_ION = re.compile(r"[1-9][0-9]{3}", re.ASCII)
_UNITS = re.compile(r"[0-9]{1,9}", re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,12})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_CLOCK_LEEWAY = dt.timedelta(minutes=5)


class Mode(StrEnum):
    """Whether a file holds all units of its banks or the changes since the file before."""

    FULL = "FULL"
    DIFF = "DIFF"


_MODES = frozenset(mode.value for mode in Mode)


@dataclass
class Attributes:
    """Names with texts, and where they stand.

    Attributes:
        texts: Text by name.
        line: Line of those that are not in ``lines``, and of those that are missing.
        lines: Line by name.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    line: int = 1
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, name: str) -> int:
        """Return the line on which ``name`` stands, or should."""
        return self.lines.get(name, self.line)


@dataclass
class Envelope:
    """What the attributes of ``INVENTORIES`` and ``INVENTORY`` say.

    Attributes:
        now: The time of intake, with a zone; nothing may be later.
        synthetic: Whether the units are made up.
        mode: Whether the file holds all units or changes; ``None`` until an inventory begins.
        snapshot_time: The latest time to which an inventory refers, or ``None``.
        follows: Time of the inventory that changes follow, or ``None``.
        created_at: When the file was written, or ``None``.
        faults: What is wrong with attributes.
        warnings: What is missing and was assumed.
    """

    now: dt.datetime
    synthetic: bool = False
    mode: Mode | None = None
    snapshot_time: dt.datetime | None = None
    follows: dt.datetime | None = None
    created_at: dt.datetime | None = None
    faults: Findings = field(default_factory=Findings)
    warnings: Findings = field(default_factory=Findings)
    _units: int | None = None

    def collect(self, attributes: Attributes, name: str, text: str, line: int) -> None:
        """Put an attribute of CSV or NDJSON to the others, unless its name is wrong."""
        if name not in NAMES:
            message = f"There is no attribute of this name; there are {', '.join(NAMES)}."
            self._add(Code.ATTRIBUTE_INVALID, message, line, name)
        elif name in attributes.texts:
            message = f"The attribute {name} must stand once."
            self._add(Code.ATTRIBUTE_INVALID, message, line, name)
        else:
            attributes.texts = {**attributes.texts, name: text}
            attributes.lines[name] = line

    def open_lines(self, attributes: Attributes) -> None:
        """Read the attributes of a file in CSV or NDJSON, which is one inventory.

        Raises:
            FileFaultError: It holds donors only.
        """
        self.open_file(attributes)
        self.open_inventory(attributes)
        text = attributes.texts.get("UNITS")
        if text is None:
            self._miss("UNITS", attributes, "it shows whether the file was cut")
        elif _UNITS.fullmatch(text):
            self._units = int(text)
        else:
            self._refuse("UNITS", "must be the number of units in the file", attributes)

    def check_units(self, units: int) -> None:
        """Compare ``units``, which were read, with the number that the file says.

        Raises:
            FileFaultError: They differ.
        """
        if self._units not in (None, units):
            message = (
                f"The file says that it has {self._units:,} units and has {units:,}; it was cut "
                "or added to. Send it again, complete."
            )
            raise FileFaultError(Finding(Code.UNITS_DIFFER, message, field="UNITS"))

    def open_file(self, attributes: Attributes) -> None:
        """Read the attributes of ``INVENTORIES``."""
        self.created_at = self._time(
            attributes, "CREATION_TIME", "it says when the file was written"
        )
        text = attributes.texts.get("SYNTHETIC", "false").strip()
        if text in _BOOLEANS:
            self.synthetic = _BOOLEANS[text]
        else:
            self._refuse("SYNTHETIC", "must be true or false", attributes)

    def open_inventory(self, attributes: Attributes) -> None:
        """Read the attributes of an ``INVENTORY``.

        Raises:
            FileFaultError: It holds donors only.
        """
        self._organisation(attributes, "LISTING_ORGANIZATION")
        self._organisation(attributes, "POOL")
        self._content(attributes)
        mode = self._mode(attributes)
        time = self._time(attributes, "SNAPSHOT_TIME")
        if mode is Mode.DIFF:
            self._changes(attributes, time)
        elif "FOLLOWS" in attributes.texts:
            self._refuse("FOLLOWS", "belongs to changes (UPDATE_MODE DIFF) only", attributes)
        if time and (self.snapshot_time is None or time > self.snapshot_time):
            self.snapshot_time = time

    def _organisation(self, attributes: Attributes, name: str) -> None:
        text = attributes.texts.get(name)
        if text is None:
            self._miss(name, attributes, "it names the organisation by its number, 1000 to 9999")
        elif not _ION.fullmatch(text.strip()):
            self._refuse(name, "must be a number from 1000 to 9999", attributes)

    def _content(self, attributes: Attributes) -> None:
        name = "CONTENT_TYPE"
        text = attributes.texts.get(name)
        kind = "C" if text is None else text.strip()
        if text is None:
            self._miss(name, attributes, "the inventory is taken as C, cord blood units")
        if kind == "D":
            raise FileFaultError(
                Finding(
                    Code.CONTENT_REFUSED,
                    "An inventory of donors (CONTENT_TYPE D) is not taken; "
                    "send the cord blood units with CONTENT_TYPE C.",
                    attributes.line_of(name),
                    name,
                    kind,
                )
            )
        if kind not in ("C", "B"):
            self._refuse(name, "must be C (cord blood) or B (both)", attributes)

    def _mode(self, attributes: Attributes) -> Mode | None:
        """Read and return the mode; a wrong one is refused and decides nothing."""
        name = "UPDATE_MODE"
        text = attributes.texts.get(name)
        if text is None:
            self._miss(name, attributes, "the inventory is taken as FULL")
        written = Mode.FULL.value if text is None else text.strip()
        if written not in _MODES:
            self._refuse(name, "must be FULL or DIFF", attributes)
            return None
        mode = Mode(written)
        if self.mode not in (None, mode):
            self._refuse(name, "must be the same in all inventories of a file", attributes)
            return None
        self.mode = mode
        return mode

    def _changes(self, attributes: Attributes, time: dt.datetime | None) -> None:
        """Read which inventory the changes follow."""
        for name in ("SNAPSHOT_TIME", "FOLLOWS"):
            if name not in attributes.texts:
                message = (
                    f"The attribute {name} must be there for changes (UPDATE_MODE DIFF): FOLLOWS "
                    "is the SNAPSHOT_TIME of the bank's submission before, and SNAPSHOT_TIME "
                    "that of this one."
                )
                self._add(Code.ATTRIBUTE_INVALID, message, attributes.line, name)
        follows = self._time(attributes, "FOLLOWS")
        if follows is None:
            return
        if time is not None and time <= follows:
            self._refuse("SNAPSHOT_TIME", "must be after FOLLOWS", attributes)
        if self.follows not in (None, follows):
            self._refuse("FOLLOWS", "must be the same in all inventories of a file", attributes)
        self.follows = follows

    def _time(
        self, attributes: Attributes, name: str, meaning: str | None = None
    ) -> dt.datetime | None:
        """Read a time; if it is missing, warn of it where ``meaning`` says what it is for."""
        text = attributes.texts.get(name)
        if text is None:
            if meaning:
                self._miss(name, attributes, meaning)
            return None
        time = _moment(text.strip())
        if time is None:
            self._refuse(name, "must be a time such as 2025-01-31T12:00:00Z", attributes)
        elif time > self.now + _CLOCK_LEEWAY:
            self._refuse(name, "must not be in the future", attributes)
        return time

    def _miss(self, name: str, attributes: Attributes, meaning: str) -> None:
        message = f"The attribute {name} is missing; {meaning}."
        self.warnings.add(Finding(Code.ATTRIBUTE_MISSING, message, attributes.line, name))

    def _refuse(self, name: str, rule: str, attributes: Attributes) -> None:
        text = attributes.texts[name]
        line = attributes.line_of(name)
        self._add(Code.ATTRIBUTE_INVALID, f"The attribute {name} {rule}.", line, name, text)

    def _add(self, code: Code, message: str, line: int, name: str, text: str | None = None) -> None:
        value = None if text is None else shown(text)
        self.faults.add(Finding(code, message, line, shown(name), value))


def _moment(text: str) -> dt.datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=BANKS_TIME)
    try:
        return time.astimezone(dt.UTC)
    except OverflowError:
        return None
