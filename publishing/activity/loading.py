"""A run of intake over several files of reports; each is loaded whole or not at all."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from database.pool import Connection
from domain.progress import Report, silent
from publishing.activity.reading import Reading
from publishing.activity.store import Known, find_known, load, objections, stored_reports
from publishing.activity.submission import ActivitySubmission
from publishing.intake.faults import Code, FileFaultError, Finding, Findings
from publishing.intake.reading import Conditions
from publishing.intake.source import Source
from publishing.intake.submission_report import Outcome
from publishing.intake.turn import hold_units, wait_turn


async def take_in_activity(
    connection: Connection,
    files: Sequence[Path],
    *,
    bank: str | None = None,
    tolerance: float = 0.0,
    allow_removals: bool = False,
    report: Report = silent,
    now: dt.datetime | None = None,
) -> list[ActivitySubmission]:
    """Check files of reports and load those that pass, each in a transaction of its own.

    A report is what a bank says of a year. A newer one takes its place; nothing is deleted. A
    file that was loaded before, by its content, is left alone.

    Args:
        connection: An operator's connection.
        files: Reports in CSV or NDJSON.
        bank: The bank that submits them, one of `domain.banks.BANK_CODES`; ``None`` if each row
            says it.
        tolerance: Percent of a file's rows, 0 to 100, that may be refused while the reports
            without a refused row are loaded.
        allow_removals: Whether made-up reports may take the place of real ones, or the reverse.
        report: Is told the progress, in bytes.
        now: The time of intake, with a zone; the present if not given.

    Returns:
        What became of each file, in the order of ``files``. A refusal does not raise.

    Raises:
        ValueError: ``bank`` or ``tolerance`` is not as described.
        Unavailable: Another intake or a release is running.
    """
    conditions = _conditions(bank, tolerance, report, now, allow_removals=allow_removals)
    return [await _take_in(connection, path, conditions) for path in files]


def check_activity(
    files: Sequence[Path],
    *,
    bank: str | None = None,
    tolerance: float = 0.0,
    report: Report = silent,
    now: dt.datetime | None = None,
) -> list[ActivitySubmission]:
    """Check files as `take_in_activity` does, without a database: nothing is loaded.

    Raises:
        ValueError: ``bank`` or ``tolerance`` is not as described there.
    """
    conditions = _conditions(bank, tolerance, report, now)
    return [_check(path, conditions) for path in files]


def _conditions(
    bank: str | None,
    tolerance: float,
    report: Report,
    now: dt.datetime | None,
    *,
    allow_removals: bool = False,
) -> Conditions:
    return Conditions(now or dt.datetime.now(dt.UTC), bank, tolerance, report, allow_removals)


def _check(path: Path, conditions: Conditions) -> ActivitySubmission:
    try:
        reading = Reading(Source.examine(path), conditions)
    except FileFaultError as fault:
        return ActivitySubmission.of_fault(path, fault.finding)
    reading.read()
    outcome = Outcome.VALID if reading.is_acceptable else Outcome.REFUSED
    return ActivitySubmission.of_reading(reading, outcome)


async def _take_in(
    connection: Connection, path: Path, conditions: Conditions
) -> ActivitySubmission:
    try:
        source = Source.examine(path)
    except FileFaultError as fault:
        return ActivitySubmission.of_fault(path, fault.finding)
    async with connection.transaction():
        await wait_turn(connection, conditions.report)
        known = await find_known(connection, source.sha256)
        if known:
            return _known(source, known)
        reading = Reading(source, conditions)
        reading.read()
        if not reading.is_acceptable:
            return ActivitySubmission.of_reading(reading, Outcome.REFUSED)
        await hold_units(connection)
        stored = await stored_reports(connection)
        found = list(objections(reading, stored))
        if found:
            for finding in reversed(found):
                reading.refuse_file(finding)
            return ActivitySubmission.of_reading(reading, Outcome.REFUSED)
        submission, changes = await load(connection, reading, stored)
    return ActivitySubmission.of_reading(
        reading, Outcome.LOADED, submission=submission, changes=changes
    )


def _known(source: Source, known: Known) -> ActivitySubmission:
    warnings = Findings()
    if known.superseded_by is not None:
        message = (
            f"Activity submission {known.superseded_by} holds newer reports, which stay in force; "
            "write the file anew, with its own CREATION_TIME, to return to these."
        )
        warnings.add(Finding(Code.SUPERSEDED, message))
    return ActivitySubmission(
        source.path,
        Outcome.KNOWN,
        source.sha256,
        source.size,
        submission=known.number,
        received_at=known.received_at,
        warnings=warnings,
    )
