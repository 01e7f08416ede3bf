"""`cordgraph intake activity`: check the banks' reports of transplants and load those that pass."""

import asyncio
from pathlib import Path

import click
import orjson

from commands.intake_options import (
    bank_option,
    check_place,
    dry_run_option,
    files_argument,
    report_option,
    tolerance_option,
)
from commands.output import write_whole
from commands.progress import ProgressBars
from commands.session import operator_session
from domain.progress import Report
from publishing.activity.loading import check_activity, take_in_activity
from publishing.activity.submission import ActivitySubmission, activity_report


@click.command()
@files_argument
@bank_option
@tolerance_option(
    "Load the reports without a faulty row if at most so many per cent of the rows are faulty."
)
@click.option(
    "--allow-removals",
    is_flag=True,
    help="Let synthetic reports take the place of real ones, or the reverse.",
)
@report_option
@dry_run_option
def activity(
    *,
    files: tuple[Path, ...],
    bank: str | None,
    tolerance: float,
    allow_removals: bool,
    report_file: Path | None,
    dry_run: bool,
) -> None:
    """Check reports of transplant activity (CSV, NDJSON) and load those that pass.

    A report is what a bank says of a year: units released for transplant, by indication. A newer
    report of a bank and year takes the place of the older one. Each FILE is loaded whole or not
    at all; one that was loaded before is left alone. The format and every fault are described in
    docs/intake.md.

    Exit code 0: all is loaded, or was before. 1: a file was refused, the others are loaded.
    2: wrong usage. 3: the database is not available.

    \b
    Examples:
      cordgraph intake activity activity/*.csv
      cordgraph intake activity GD-2024.ndjson --dry-run --report faults.json
    """
    if report_file:
        check_place(report_file, files)
    with ProgressBars() as bars:
        if dry_run:
            done = check_activity(files, bank=bank, tolerance=tolerance, report=bars)
        else:
            done = asyncio.run(
                _take_in(files, bank, tolerance, bars, allow_removals=allow_removals)
            )
    for submission in done:
        for line in submission.summary():
            click.echo(line)
    if report_file:
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        write_whole("--report", report_file, orjson.dumps(activity_report(done), option=options))
    if any(submission.refused for submission in done):
        click.get_current_context().exit(1)


async def _take_in(
    files: tuple[Path, ...],
    bank: str | None,
    tolerance: float,
    report: Report,
    *,
    allow_removals: bool,
) -> list[ActivitySubmission]:
    async with operator_session(report) as connection:
        return await take_in_activity(
            connection,
            files,
            bank=bank,
            tolerance=tolerance,
            allow_removals=allow_removals,
            report=report,
        )
