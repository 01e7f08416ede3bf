"""What became of a file of reports, for people and for programs."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from publishing.activity.reading import BankYear, Reading
from publishing.intake.faults import Finding, Findings, printable
from publishing.intake.submission_report import Outcome, counted, listed
from publishing.intake.summary import finding_lines


@dataclass(frozen=True, slots=True)
class ReportChanges:
    """What a file changed, in reports (a bank's year each).

    Attributes:
        added: Were not there.
        replaced: Take the place of one that says something else.
        unchanged: Say what the newest report says; they are not stored again.
    """

    added: int = 0
    replaced: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ActivitySubmission:
    """What became of one file.

    Attributes:
        path: The file, as it was named.
        outcome: What became of it.
        sha256: Hash of its content, or ``None`` where it could not be read.
        size: Its bytes, likewise.
        submission: Number of the submission: of this run, or of the earlier one that loaded the
            same content.
        received_at: When that was, if earlier.
        synthetic: Whether its counts are made up.
        rows: Accepted rows by bank.
        rows_read: Rows of the file.
        rows_refused: The part of them that has a fault.
        units: Units of its reports.
        reports: Bank and year of each report that is whole.
        left_out: Bank and year of each report with a refused row.
        faults: Why the file or rows are refused.
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
    rows: Mapping[str, int] = field(default_factory=dict)
    rows_read: int = 0
    rows_refused: int = 0
    units: int = 0
    reports: Sequence[BankYear] = ()
    left_out: Sequence[BankYear] = ()
    faults: Findings = field(default_factory=Findings)
    warnings: Findings = field(default_factory=Findings)
    changes: ReportChanges | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing of the file was loaded, for its faults."""
        return self.outcome is Outcome.REFUSED

    @classmethod
    def of_fault(cls, path: Path, finding: Finding) -> "ActivitySubmission":
        """Report a file that was refused before any row was read."""
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
        changes: ReportChanges | None = None,
    ) -> "ActivitySubmission":
        """Report a file that was read to its end, or to its fault."""
        return cls(
            path=reading.source.path,
            outcome=outcome,
            sha256=reading.source.sha256,
            size=reading.source.size,
            submission=submission,
            synthetic=reading.synthetic,
            rows=reading.rows,
            rows_read=reading.rows_read,
            rows_refused=reading.rows_refused,
            units=sum(sum(counts.values()) for counts in reading.reports.values()),
            reports=sorted(reading.reports),
            left_out=sorted(reading.left_out),
            faults=reading.faults,
            warnings=reading.warnings,
            changes=changes,
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data; docs/intake.md describes it."""
        name = printable(str(self.path))
        return {
            "file": name,
            "outcome": self.outcome,
            "sha256": self.sha256,
            "bytes": self.size,
            "submission": self.submission,
            "received_at": self.received_at and self.received_at.isoformat(),
            "synthetic": self.synthetic,
            "banks": dict(sorted(self.rows.items())),
            "rows": {
                "read": self.rows_read,
                "accepted": self.rows_read - self.rows_refused,
                "refused": self.rows_refused,
            },
            "units": self.units,
            "reports": [{"bank": bank, "year": year} for bank, year in self.reports],
            "left_out": [{"bank": bank, "year": year} for bank, year in self.left_out],
            "changes": self.changes and asdict(self.changes),
            "fault_counts": counted(self.faults),
            "warning_counts": counted(self.warnings),
            "faults": listed(name, self.faults.kept),
            "warnings": listed(name, self.warnings.kept),
        }

    def summary(self) -> Iterator[str]:
        """Yield the lines that tell what became of it."""
        yield f"{printable(str(self.path))}: {self._outcome()}"
        if self.left_out:
            which = ", ".join(f"{bank} {year}" for bank, year in self.left_out)
            yield f"  reports left out for a refused row: {which}"
        if self.changes:
            yield (
                f"  {self.changes.added:,} reports added, {self.changes.replaced:,} replaced, "
                f"{self.changes.unchanged:,} unchanged"
            )
        yield from finding_lines("faults", self.faults)
        yield from finding_lines("warnings", self.warnings)

    def _outcome(self) -> str:
        match self.outcome:
            case Outcome.LOADED:
                return f"loaded as activity submission {self.submission}: {self._counts()}."
            case Outcome.VALID:
                return f"valid, not loaded: {self._counts()}."
            case Outcome.KNOWN:
                day = f" of {self.received_at:%Y-%m-%d}" if self.received_at else ""
                number = f"activity submission {self.submission}{day}"
                return f"nothing to do: {number} loaded the same content."
        if not self.rows_refused:
            return "REFUSED; nothing of it is loaded."
        return (
            f"REFUSED; nothing of it is loaded: {self.rows_refused:,} of {self.rows_read:,} rows "
            "read have faults."
        )

    def _counts(self) -> str:
        banks = Counter(bank for bank, _ in self.reports)
        years = ", ".join(f"{bank} {number:,}" for bank, number in sorted(banks.items()))
        made_up = "; synthetic" if self.synthetic else ""
        return f"{len(self.reports):,} reports ({years}) of {self.units:,} units{made_up}"


def activity_report(submissions: Sequence[ActivitySubmission]) -> dict[str, Any]:
    """Return the machine-readable report of a run, format version 1."""
    return {"format": 1, "files": [each.as_json() for each in submissions]}
