"""One file of reports being read: the reports that are whole, and the count of everything else."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from publishing.activity.report_reader import open_report
from publishing.activity.row import Row, judge
from publishing.intake.envelope import BANKS_TIME
from publishing.intake.faults import Code, FileFaultError, Finding, Findings, shown
from publishing.intake.reading import MAXIMUM_FAULTS, Conditions
from publishing.intake.source import Source

BankYear: TypeAlias = tuple[str, int]
"""Bank and year: what one report is of."""

_EVERYTHING = 100  # percent


@dataclass
class Reading:
    """Reads a source under conditions.

    Attributes:
        source: The file.
        conditions: Those of the run; ``allow_removals`` lets reports of another origin (real or
            made up) take the place of what is there.
        reports: Units by indication, of each report that has no fault; zeros are left out.
        left_out: Reports with a refused row.
        rows: Accepted rows by bank.
        rows_read: Rows of the file.
        rows_refused: The part of them that has a fault.
        synthetic: Whether the counts are made up.
        created_at: When the file was written, or ``None``.
        faults: Faults of the file and of rows, counted and kept.
        warnings: What the bank should know, likewise.
        rejections: Each fault of a row, if other reports may be loaded without it.
    """

    source: Source
    conditions: Conditions
    reports: dict[BankYear, dict[str, int]] = field(default_factory=dict)
    left_out: set[BankYear] = field(default_factory=set)
    rows: Counter[str] = field(default_factory=Counter)
    rows_read: int = 0
    rows_refused: int = 0
    synthetic: bool = False
    created_at: dt.datetime | None = None
    faults: Findings = field(default_factory=Findings)
    warnings: Findings = field(default_factory=Findings)
    rejections: list[Finding] = field(default_factory=list)
    _is_broken: bool = False
    _lines: dict[tuple[str, int, str], int] = field(default_factory=dict)

    @property
    def is_acceptable(self) -> bool:
        """Whether the file may be loaded; final once it was read."""
        return (
            not self._is_broken
            and bool(self.reports)
            and self.rows_refused * _EVERYTHING <= self.conditions.tolerance * self.rows_read
        )

    def read(self) -> None:
        """Read the file once. Faults do not raise: they are in `faults`."""
        today = self.conditions.now.astimezone(BANKS_TIME).date()
        try:
            reader = open_report(
                self.source.format,
                self.conditions.now,
                lambda line, row: self._take(line, row, today),
            )
        except FileFaultError as fault:
            self.refuse_file(fault.finding)
            return
        try:
            stage, done = f"Reading {shown(self.source.path.name)}", 0
            for chunk in self.source.chunks():
                reader.feed(chunk)
                done += len(chunk)
                self.conditions.report(stage, done, self.source.size)
            reader.close()
        except FileFaultError as fault:
            self.refuse_file(fault.finding)
        attributes = reader.attributes
        self._is_broken |= bool(attributes.faults.counts)
        self.faults.put_first(attributes.faults)
        self.warnings.put_first(attributes.warnings)
        self.synthetic, self.created_at = attributes.synthetic, attributes.created_at
        for place in self.left_out:
            self.reports.pop(place, None)

    def refuse_file(self, finding: Finding) -> None:
        """Refuse the whole file for ``finding``."""
        self._is_broken = True
        self.faults.add_first(finding)

    def _take(self, line: int, row: dict[str, str] | Finding, today: dt.date) -> None:
        self.rows_read += 1
        if isinstance(row, Finding):
            self._refuse([row], None, None)
            return
        verdict = judge(line, row, today, self.conditions.bank)
        accepted = verdict.row
        if accepted is not None and (repeated := self._repetition(accepted)):
            verdict.faults.append(repeated)
            accepted = None
        if accepted is None:
            self._refuse(verdict.faults, verdict.bank, verdict.year)
        else:
            self._accept(accepted)

    def _accept(self, row: Row) -> None:
        self.rows[row.bank] += 1
        counts = self.reports.setdefault((row.bank, row.year), {})
        if row.units:
            counts[row.indication] = row.units

    def _refuse(self, faults: list[Finding], bank: str | None, year: int | None) -> None:
        self.rows_refused += 1
        for fault in faults:
            self.faults.add(fault)
        if not self.conditions.tolerance:
            return
        self.rejections += faults
        if bank is not None and year is not None:
            self.left_out.add((bank, year))
        else:
            self._refuse_untold(faults[0].line)
        if len(self.rejections) > MAXIMUM_FAULTS:
            self.rejections.clear()
            message = (
                f"The file has more than {MAXIMUM_FAULTS:,} faults and is not read on; "
                "mend them, whatever the tolerance."
            )
            raise FileFaultError(Finding(Code.TOO_MANY_FAULTS, message))

    def _refuse_untold(self, line: int | None) -> None:
        """Refuse the file: nobody can tell which of its reports lacks a row."""
        self._is_broken = True
        message = (
            "The row is refused and does not tell its bank and year, so that one of the reports "
            "would lack it; mend it, whatever the tolerance."
        )
        self.faults.add(Finding(Code.REPORT_UNTOLD, message, line))

    def _repetition(self, row: Row) -> Finding | None:
        place = (row.bank, row.year, row.indication)
        first = self._lines.setdefault(place, row.line)
        if first == row.line:
            return None
        message = (
            f"{row.bank} has a row of {row.indication} in {row.year} on line {first}; a bank, year "
            "and indication stand once in a file."
        )
        return Finding(
            Code.DUPLICATE_ROW, message, row.line, "INDICATION", row.indication, row.bank
        )
