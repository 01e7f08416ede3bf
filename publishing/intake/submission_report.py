"""What became of a submitted file, for people and for programs."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from publishing.intake.envelope import Mode
from publishing.intake.faults import Finding, Findings, printable
from publishing.intake.reading import Reading


class Outcome(StrEnum):
    """What became of a file."""

    LOADED = "LOADED"
    KNOWN = "KNOWN"
    VALID = "VALID"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a file changed in intake, in units of its banks.

    Attributes:
        added: Were not there.
        changed: Were there, and say something else now.
        unchanged: Were there and say the same.
        removed: Were there and are not in the file, or are deleted by it.
        published_missing: Published units of which that is true; they stay as they are.
        published_differing: Published units that the file describes differently; likewise.
        consent_withdrawn: The part of ``published_differing`` without consent now: their
            release has to withdraw them.
        changed_fields: How many of ``changed`` differ in each field.
        published_fields: How many of ``published_differing`` differ in each field.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    published_missing: int = 0
    published_differing: int = 0
    consent_withdrawn: int = 0
    changed_fields: Mapping[str, int] = field(default_factory=dict)
    published_fields: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubmissionReport:
    """What became of one file.

    Attributes:
        path: The file, as it was named.
        outcome: What became of it.
        sha256: Hash of its content, or ``None`` where it could not be read.
        size: Its bytes, likewise.
        submission: Number of the submission in intake: of this run, or of the earlier one that
            loaded the same content.
        received_at: When that was, if earlier.
        synthetic: Whether its units are made up.
        mode: Whether it holds all units of its banks or changes; ``None`` if it was not read.
        banks: Accepted units by bank, deletions included.
        units_read: Units in the file.
        units_refused: The part of them that has a fault.
        units_consented: Accepted units that may be published.
        units_deleted: Accepted units that the file deletes.
        donors: Donors that were passed over.
        faults: Why the file or units are refused.
        warnings: What the bank should know.
        changes: What the file changed, or ``None`` if nothing was loaded.
    """

    path: Path
    outcome: Outcome
    sha256: str | None = None
    size: int | None = None
    submission: int | None = None
    received_at: dt.datetime | None = None
    synthetic: bool = False
    mode: Mode | None = None
    banks: Counter[str] = field(default_factory=Counter)
    units_read: int = 0
    units_refused: int = 0
    units_consented: int = 0
    units_deleted: int = 0
    donors: int = 0
    faults: Findings = field(default_factory=Findings)
    warnings: Findings = field(default_factory=Findings)
    changes: Changes | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing of the file was loaded, for its faults."""
        return self.outcome is Outcome.REFUSED

    @property
    def units_accepted(self) -> int:
        """Units without a fault."""
        return self.units_read - self.units_refused

    @classmethod
    def of_fault(cls, path: Path, finding: Finding) -> "SubmissionReport":
        """Report a file that was refused before any unit was read."""
        faults = Findings()
        faults.add(finding)
        return cls(path, Outcome.REFUSED, faults=faults)

    @classmethod
    def of_reading(
        cls,
        reading: Reading,
        outcome: Outcome,
        *,
        submission: int | None = None,
        changes: Changes | None = None,
    ) -> "SubmissionReport":
        """Report a file that was read to its end, or to its fault."""
        return cls(
            path=reading.source.path,
            outcome=outcome,
            sha256=reading.source.sha256,
            size=reading.source.size,
            submission=submission,
            synthetic=reading.synthetic,
            mode=reading.mode,
            banks=reading.banks,
            units_read=reading.units_read,
            units_refused=reading.units_refused,
            units_consented=reading.units_consented,
            units_deleted=len(reading.deletions),
            donors=reading.donors,
            faults=reading.faults,
            warnings=reading.warnings,
            changes=changes,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data; docs/intake.md describes it."""
        name = printable(str(self.path))
        return {
            "file": name,
            "outcome": self.outcome,
            "sha256": self.sha256,
            "bytes": self.size,
            "submission": self.submission,
            "received_at": self.received_at and self.received_at.isoformat(),
            "synthetic": self.synthetic,
            "update_mode": self.mode,
            "banks": dict(sorted(self.banks.items())),
            "units": {
                "read": self.units_read,
                "accepted": self.units_accepted,
                "refused": self.units_refused,
                "consented": self.units_consented,
                "deleted": self.units_deleted,
            },
            "donors_skipped": self.donors,
            "changes": self.changes and asdict(self.changes),
            "fault_counts": counted(self.faults),
            "warning_counts": counted(self.warnings),
            "faults": listed(name, self.faults.kept),
            "warnings": listed(name, self.warnings.kept),
        }


def run_report(reports: Sequence[SubmissionReport]) -> dict[str, Any]:
    """Return the machine-readable report of a run, format version 1."""
    return {"format": 1, "files": [report.as_json() for report in reports]}


def counted(findings: Findings) -> dict[str, int]:
    """Return how many findings there are of each code, the most frequent first."""
    return {code.value: count for code, count in findings.counts.most_common()}


def listed(name: str, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return ``findings`` of the file ``name`` as plain data."""
    return [{"file": name, **asdict(finding)} for finding in findings]
