"""The attributes around the units: who sends what, when, and in which mode."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from publishing.intake.faults import Code, FileFaultError, Finding, Findings, shown

BANKS_TIME = dt.timezone(dt.timedelta(hours=8))
"""The time of the banks (China has one): dates and times without a zone are read in it."""

_ION = re.compile(r"[1-9][0-9]{3}", re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,12})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_CLOCK_LEEWAY = dt.timedelta(minutes=5)


@dataclass
class Envelope:
    """What the attributes of ``INVENTORIES`` and ``INVENTORY`` say.

    Attributes:
        now: The time of intake, with a zone; nothing may be later.
        synthetic: Whether the units are made up.
        snapshot_time: The latest time to which an inventory refers, or ``None``.
        faults: What is wrong with attributes.
        warnings: What is missing and was assumed.
    """

    now: dt.datetime
    synthetic: bool = False
    snapshot_time: dt.datetime | None = None
    faults: Findings = field(default_factory=Findings)
    warnings: Findings = field(default_factory=Findings)

    def open_file(self, attributes: Mapping[str, str], line: int) -> None:
        """Read the attributes of ``INVENTORIES``."""
        self._time(attributes, "CREATION_TIME", line, expected=True)
        text = attributes.get("SYNTHETIC", "false").strip()
        if text in _BOOLEANS:
            self.synthetic = _BOOLEANS[text]
        else:
            self._refuse("SYNTHETIC", "must be true or false", line, text)

    def open_inventory(self, attributes: Mapping[str, str], line: int) -> None:
        """Read the attributes of an ``INVENTORY``.

        Raises:
            FileFaultError: It holds donors only, or is no full inventory.
        """
        self._organisation(attributes, "LISTING_ORGANIZATION", line)
        self._organisation(attributes, "POOL", line)
        self._content(attributes.get("CONTENT_TYPE"), line)
        self._mode(attributes.get("UPDATE_MODE"), line)
        time = self._time(attributes, "SNAPSHOT_TIME", line, expected=False)
        if time and (self.snapshot_time is None or time > self.snapshot_time):
            self.snapshot_time = time

    def _organisation(self, attributes: Mapping[str, str], name: str, line: int) -> None:
        text = attributes.get(name)
        if text is None:
            self._miss(name, line, "it names the organisation by its number, 1000 to 9999")
        elif not _ION.fullmatch(text.strip()):
            self._refuse(name, "must be a number from 1000 to 9999", line, text)

    def _content(self, text: str | None, line: int) -> None:
        kind = "C" if text is None else text.strip()
        if text is None:
            self._miss("CONTENT_TYPE", line, "the inventory is taken as C, cord blood units")
        if kind == "D":
            raise FileFaultError(
                Finding(
                    Code.CONTENT_REFUSED,
                    "An inventory of donors (CONTENT_TYPE D) is not taken; "
                    "send the cord blood units with CONTENT_TYPE C.",
                    line,
                    "CONTENT_TYPE",
                    kind,
                )
            )
        if kind not in ("C", "B"):
            self._refuse("CONTENT_TYPE", "must be C (cord blood) or B (both)", line, kind)

    def _mode(self, text: str | None, line: int) -> None:
        mode = "FULL" if text is None else text.strip()
        if text is None:
            self._miss("UPDATE_MODE", line, "the inventory is taken as FULL")
        if mode == "DIFF":
            raise FileFaultError(
                Finding(
                    Code.MODE_REFUSED,
                    "Changes only (UPDATE_MODE DIFF) are not taken yet; "
                    "send the whole inventory with UPDATE_MODE FULL.",
                    line,
                    "UPDATE_MODE",
                    mode,
                )
            )
        if mode != "FULL":
            self._refuse("UPDATE_MODE", "must be FULL", line, mode)

    def _time(
        self, attributes: Mapping[str, str], name: str, line: int, *, expected: bool
    ) -> dt.datetime | None:
        text = attributes.get(name)
        if text is None:
            if expected:
                self._miss(name, line, "it says when the file was written")
            return None
        time = _moment(text.strip())
        if time is None:
            self._refuse(name, "must be a time such as 2025-01-31T12:00:00Z", line, text)
        elif time > self.now + _CLOCK_LEEWAY:
            self._refuse(name, "must not be in the future", line, text)
        return time

    def _miss(self, name: str, line: int, meaning: str) -> None:
        message = f"The attribute {name} is missing; {meaning}."
        self.warnings.add(Finding(Code.ATTRIBUTE_MISSING, message, line, name))

    def _refuse(self, name: str, rule: str, line: int, text: str) -> None:
        message = f"The attribute {name} {rule}."
        self.faults.add(Finding(Code.ATTRIBUTE_INVALID, message, line, name, shown(text)))


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
