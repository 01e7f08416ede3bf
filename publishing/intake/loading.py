"""A run of intake over several files; each is loaded whole or not at all."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from database.pool import Connection
from domain.progress import Report, silent
from publishing.intake.ahead import Ahead, AheadReading, LostError
from publishing.intake.envelope import Mode
from publishing.intake.faults import Code, FileFaultError, Finding, Findings
from publishing.intake.reading import Conditions, Reading
from publishing.intake.replacement import objections
from publishing.intake.source import Source
from publishing.intake.staging import compare, stage
from publishing.intake.store import Earlier, find_earlier, load
from publishing.intake.submission_report import Outcome, SubmissionReport
from publishing.intake.turn import hold_units, wait_turn

_AheadOf: TypeAlias = Callable[[Source, Conditions], AheadReading | None]


async def take_in(
    connection: Connection,
    files: Sequence[Path],
    *,
    bank: str | None = None,
    tolerance: float = 0.0,
    allow_removals: bool = False,
    report: Report = silent,
    now: dt.datetime | None = None,
) -> list[SubmissionReport]:
    """Check files and load those that pass, each in a transaction of its own.

    A file that was loaded before, by its content, is left alone. A full inventory replaces what
    its banks had in intake, except units that are published. It is refused if it is older than
    what is there. Changes are applied to what is there, and refused unless they follow the
    newest submission of their bank.

    Args:
        connection: An operator's connection.
        files: Inventories or changes in XML, CSV or NDJSON with WMDA's names.
        bank: The bank that submits them, one of `domain.banks.BANK_CODES`; ``None`` if each
            unit says it.
        tolerance: Percent of a file's units, 0 to 100, that may be refused while the others
            are loaded; changes are taken whole or not at all.
        allow_removals: Whether a file may remove more than 1,000 and more than half of a bank's
            unpublished units, or put synthetic units in the place of real ones or the reverse.
        report: Is told the progress, in bytes.
        now: The time of intake, with a zone; the present if not given.

    Returns:
        A report for each file, in the order of ``files``. A refusal does not raise.

    Raises:
        ValueError: ``bank`` or ``tolerance`` is not as described.
        Unavailable: Another intake or a release is running.
    """
    conditions = _conditions(bank, tolerance, report, now)
    run = _Run(replace(conditions, allow_removals=allow_removals))
    with Ahead(files, run.conditions) as ahead:
        return [
            await run.take_in(connection, path, partial(ahead.reading, place))
            for place, path in enumerate(files)
        ]


def check(
    files: Sequence[Path],
    *,
    bank: str | None = None,
    tolerance: float = 0.0,
    report: Report = silent,
    now: dt.datetime | None = None,
) -> list[SubmissionReport]:
    """Check files as `take_in` does, without a database: nothing is loaded.

    What depends on the units that are in intake is not checked.

    Raises:
        ValueError: ``bank`` or ``tolerance`` is not as described there.
    """
    run = _Run(_conditions(bank, tolerance, report, now))
    return [run.check(path) for path in files]


def _conditions(
    bank: str | None, tolerance: float, report: Report, now: dt.datetime | None
) -> Conditions:
    return Conditions(now or dt.datetime.now(dt.UTC), bank, tolerance, report)


@dataclass
class _Run:
    conditions: Conditions
    taken: dict[str, Path] = field(default_factory=dict)

    def check(self, path: Path) -> SubmissionReport:
        try:
            reading = Reading(Source.examine(path), self.conditions, self.taken)
        except FileFaultError as fault:
            return SubmissionReport.of_fault(path, fault.finding)
        for _ in reading.batches():
            pass
        if not reading.is_acceptable:
            return SubmissionReport.of_reading(reading, Outcome.REFUSED)
        self.taken |= dict.fromkeys(reading.banks, path)
        return SubmissionReport.of_reading(reading, Outcome.VALID)

    async def take_in(
        self, connection: Connection, path: Path, ahead: _AheadOf
    ) -> SubmissionReport:
        try:
            source = Source.examine(path)
        except FileFaultError as fault:
            return SubmissionReport.of_fault(path, fault.finding)
        async with connection.transaction():
            await wait_turn(connection, self.conditions.report)
            earlier = await find_earlier(connection, source.sha256)
            if earlier:
                return _known(source, earlier, self.conditions.bank)
            return await self._load(connection, source, ahead)

    async def _load(
        self, connection: Connection, source: Source, ahead: _AheadOf
    ) -> SubmissionReport:
        reading = await self._staged(connection, source, ahead)
        if not reading.is_acceptable:
            return SubmissionReport.of_reading(reading, Outcome.REFUSED)
        await hold_units(connection)
        differences = await compare(connection, reading)
        found = await objections(connection, reading)
        if found:
            reading.refuse_file(found)
            return SubmissionReport.of_reading(reading, Outcome.REFUSED)
        submission, changes = await load(connection, reading, differences)
        self.taken |= dict.fromkeys(reading.banks, source.path)
        return SubmissionReport.of_reading(
            reading, Outcome.LOADED, submission=submission, changes=changes
        )

    async def _staged(self, connection: Connection, source: Source, ahead: _AheadOf) -> Reading:
        """Read and stage a file: as another process reads it, or here if that is no good."""
        elsewhere = ahead(source, self.conditions)
        if elsewhere is not None:
            with suppress(LostError):
                await stage(connection, elsewhere)
                if not self.taken.keys() & elsewhere.banks.keys():
                    return elsewhere
        reading = Reading(source, self.conditions, self.taken)
        await stage(connection, reading)
        return reading


def _known(source: Source, earlier: Earlier, bank: str | None) -> SubmissionReport:
    faults, warnings = Findings(), Findings()
    if bank is not None and earlier.banks != [bank]:
        faults.add(
            Finding(
                Code.KNOWN_UNDER_OTHER_BANK,
                f"Submission {earlier.number} loaded this very content for "
                f"{', '.join(earlier.banks)}, not for {bank}; write the file anew to correct it.",
            )
        )
    elif earlier.superseded_by is not None and earlier.mode is Mode.FULL:
        warnings.add(
            Finding(
                Code.SUPERSEDED,
                f"Submission {earlier.superseded_by} is newer and stays in force; "
                "write the file anew, with its own CREATION_TIME, to return to this inventory.",
            )
        )
    return SubmissionReport(
        source.path,
        Outcome.REFUSED if faults.kept else Outcome.KNOWN,
        source.sha256,
        source.size,
        submission=earlier.number,
        received_at=earlier.received_at,
        faults=faults,
        warnings=warnings,
    )
