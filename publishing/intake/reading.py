"""One file being read: the units that pass, and the count of everything else."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.banks import BANK_CODES
from domain.progress import Report, silent
from publishing.intake.entry import Entry
from publishing.intake.envelope import BANKS_TIME, Mode
from publishing.intake.faults import Code, FileFaultError, Finding, Findings, shown
from publishing.intake.fields import LONGEST_ID
from publishing.intake.reader import open_reader
from publishing.intake.source import Source
from publishing.intake.unit import Deletion, RefusedUnit, Terms, Unit, judge, refused_unit

BATCH_UNITS = 2_000
"""Accepted units that are handed on at once."""

MAXIMUM_FAULTS = 100_000
"""Faults after which a file is not read on for the sake of its good units."""

_EVERYTHING = 100  # percent
_BANK = "BANK_MANUF_ID"


@dataclass(frozen=True)
class Conditions:
    """What all files of a run are read under.

    Attributes:
        now: The time of intake, with a zone; nothing may be later.
        bank: The bank that the files are submitted for, or ``None``: each unit says it.
        tolerance: Percent of a file's units, 0 to 100, that may be refused without the others;
            changes are taken whole or not at all.
        report: Is told the progress.
        allow_removals: Whether a file may remove most units of a bank, or those of another
            origin (real or synthetic).
    """

    now: dt.datetime
    bank: str | None = None
    tolerance: float = 0.0
    report: Report = silent
    allow_removals: bool = False

    def __post_init__(self) -> None:
        if self.bank is not None and self.bank not in BANK_CODES:
            raise ValueError(f"bank must be one of {', '.join(BANK_CODES)}, not {self.bank!r}")
        if not 0 <= self.tolerance <= _EVERYTHING:
            raise ValueError(f"tolerance must be 0 to 100 percent, not {self.tolerance}")


@dataclass
class Reading:
    """Reads a source under conditions.

    Attributes:
        source: The file.
        conditions: Those of the run.
        taken: Banks of which this run took an inventory already, and from which file.
        banks: Accepted units by bank, deletions included.
        deletions: Units that a file of changes deletes.
        units_read: Units in the file.
        units_refused: The part of them that has a fault.
        units_consented: Accepted units that may be published.
        donors: ``DONOR`` elements, which are passed over.
        synthetic: Whether the units are made up.
        mode: Whether the file holds all units of its banks or changes.
        snapshot_time: To which time the inventory refers, or ``None``.
        follows: To which time the submission referred that changes follow, or ``None``.
        faults: Faults of the file and of units, counted and kept.
        warnings: What the bank should know, likewise.
        rejections: Each fault of a unit, if other units may be loaded without it.
        refused: The units of these faults that tell which they are.
    """

    source: Source
    conditions: Conditions
    taken: Mapping[str, Path]
    banks: Counter[str] = field(default_factory=Counter)
    deletions: list[Deletion] = field(default_factory=list)
    units_read: int = 0
    units_refused: int = 0
    units_consented: int = 0
    donors: int = 0
    synthetic: bool = False
    mode: Mode = Mode.FULL
    snapshot_time: dt.datetime | None = None
    follows: dt.datetime | None = None
    faults: Findings = field(default_factory=Findings)
    warnings: Findings = field(default_factory=Findings)
    rejections: list[Finding] = field(default_factory=list)
    refused: list[RefusedUnit] = field(default_factory=list)
    _is_broken: bool = False
    _accepted: list[Unit] = field(default_factory=list)
    _seen: dict[str | None, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        today = self.conditions.now.astimezone(BANKS_TIME).date()
        self._terms = Terms(today, self.conditions.bank)
        self._reader = open_reader(self.source.format, self.conditions.now, self._take)

    @property
    def is_acceptable(self) -> bool:
        """Whether the file may be loaded; final once `batches` is exhausted."""
        return (
            not self._is_broken
            and bool(self.banks)
            and self.units_refused * _EVERYTHING <= self._tolerance * self.units_read
        )

    def refuse_file(self, findings: Sequence[Finding]) -> None:
        """Refuse the whole file, which was read to its end, for ``findings``."""
        found = Findings()
        for finding in findings:
            found.add(finding)
        self._is_broken |= bool(findings)
        self.faults.put_first(found)

    def batches(self) -> Iterator[list[Unit]]:
        """Read the file once and yield the accepted units, until it is known to be refused.

        From then on the batches are empty, so that the caller gets its turn now and again.
        Faults do not raise: they are in `faults`, and `is_acceptable` tells what follows.
        """
        try:
            yield from self._read_chunks()
            self._reader.close()
            self._check_units()
            if self._accepted and self.is_acceptable:
                yield self._accepted
        except FileFaultError as fault:
            self._is_broken = True
            self.faults.add_first(fault.finding)
        finally:
            self._close()

    def _read_chunks(self) -> Iterator[list[Unit]]:
        stage = f"Reading {shown(self.source.path.name)}"
        done = 0
        for chunk in self.source.chunks():
            self._reader.feed(chunk)
            done += len(chunk)
            self.conditions.report(stage, done, self.source.size)
            if self._is_lost:
                self._accepted.clear()
                yield []
            elif len(self._accepted) >= BATCH_UNITS:
                batch, self._accepted = self._accepted, []
                yield batch

    @property
    def _tolerance(self) -> float:
        """In per cent; a change that was left out would be lost: the next file goes on from it."""
        return 0.0 if self.mode is Mode.DIFF else self.conditions.tolerance

    @property
    def _is_lost(self) -> bool:
        return self._is_broken or bool(self.units_refused and not self._tolerance)

    def _take(self, entry: Entry) -> None:
        self.units_read += 1
        self.synthetic = self._reader.envelope.synthetic
        self.mode = self._reader.envelope.mode or Mode.FULL
        verdict = judge(
            entry,
            self._terms,
            synthetic=self.synthetic,
            may_be_deleted=self.mode is Mode.DIFF,
        )
        unit, findings = verdict.unit, verdict.findings
        repeated = self._repetition(entry, verdict.bank)
        if repeated:
            unit = None
            findings.append(repeated)
        for finding in findings:
            (self.warnings if finding.is_warning else self.faults).add(finding)
        if unit is None:
            self._refuse(findings)
            self._note_refused(entry, verdict.bank, findings)
        else:
            self._accept(unit)

    def _accept(self, unit: Unit | Deletion) -> None:
        if unit.bank not in self.banks:
            self._check_bank(unit)
        self.banks[unit.bank] += 1
        if isinstance(unit, Deletion):
            self.deletions.append(unit)
        else:
            self.units_consented += unit.consent
            self._accepted.append(unit)

    def _refuse(self, findings: list[Finding]) -> None:
        self.units_refused += 1
        if self._tolerance:
            self.rejections += [finding for finding in findings if not finding.is_warning]
            if len(self.rejections) > MAXIMUM_FAULTS:
                self.rejections.clear()
                raise FileFaultError(
                    Finding(
                        Code.TOO_MANY_FAULTS,
                        f"The file has more than {MAXIMUM_FAULTS:,} faults and is not read on; "
                        "mend them, whatever the tolerance.",
                    )
                )

    def _note_refused(self, entry: Entry, bank: str | None, findings: list[Finding]) -> None:
        """Remember which unit was refused: without its row nobody must take it for deleted."""
        known = refused_unit(entry, self.conditions.bank or bank, findings)
        if self._tolerance and known:
            self.refused.append(known)

    def _repetition(self, entry: Entry, bank: str | None) -> Finding | None:
        number = entry.texts.get("ID", "")
        if not 0 < len(number) <= LONGEST_ID:
            return None
        seen = self._seen.setdefault(bank, {})
        first = seen.get(number)
        if first is None:
            seen[number] = entry.line
            return None
        message = f"ID must be unique in its bank; the unit that begins on line {first} has it."
        text = shown(number)
        return Finding(Code.DUPLICATE_ID, message, entry.lines["ID"], "ID", text, bank, text)

    def _check_bank(self, unit: Unit | Deletion) -> None:
        """Check a bank at its first unit: whether this file may hold units of it."""
        if self.mode is Mode.DIFF:
            if self.banks:
                message = (
                    f"A file of changes holds those of one bank, and this one has units of "
                    f"{next(iter(self.banks))} and {unit.bank}; write a file for each."
                )
                raise FileFaultError(
                    Finding(Code.SEQUENCE_BROKEN, message, unit.line, _BANK, bank=unit.bank)
                )
            return
        other = self.taken.get(unit.bank)
        if other is not None:
            raise FileFaultError(
                Finding(
                    Code.BANK_TWICE,
                    f"A run takes one full inventory of a bank, and that of {unit.bank} came "
                    f"from {shown(other.name)}; submit the newest file alone.",
                    unit.line,
                    _BANK,
                    bank=unit.bank,
                )
            )

    def _check_units(self) -> None:
        if not self.units_read:
            raise FileFaultError(Finding(Code.NO_UNITS, "The file holds no unit."))

    def _close(self) -> None:
        self._is_broken |= bool(self._reader.faults.counts)
        self.faults.put_first(self._reader.faults)
        self.warnings.put_first(self._reader.warnings)
        self.donors = self._reader.donors
        self.synthetic = self._reader.envelope.synthetic
        self.mode = self._reader.envelope.mode or Mode.FULL
        self.snapshot_time = self._reader.envelope.snapshot_time
        self.follows = self._reader.envelope.follows
