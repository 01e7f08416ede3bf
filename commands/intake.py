"""`cordgraph intake`: check the banks' inventories and load those that pass."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
import orjson

from commands.activity import activity
from commands.files_or_command import FilesOrCommand
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
from publishing.intake.loading import check, take_in
from publishing.intake.submission_report import SubmissionReport, run_report
from publishing.intake.summary import summary


@click.command(cls=FilesOrCommand, no_args_is_help=False)
@files_argument
@bank_option
@tolerance_option(
    "Load a full inventory without its faulty units if they are at most so many per cent."
)
@click.option(
    "--allow-removals",
    is_flag=True,
    help="Let a file remove most units of a bank, or put synthetic ones in place of real ones.",
)
@report_option
@dry_run_option
def intake(
    *,
    files: tuple[Path, ...],
    bank: str | None,
    tolerance: float,
    allow_removals: bool,
    report_file: Path | None,
    dry_run: bool,
) -> None:
    """Check the banks' inventories (XML, CSV, NDJSON) and load those that pass.

    Each FILE is loaded whole or not at all. A full inventory replaces what its banks had in
    intake; changes (UPDATE_MODE DIFF) are applied to it. Units that are published stay as they
    are. A file that was loaded before is left alone. The formats and every fault are described
    in docs/intake.md.

    Exit code 0: all is loaded, or was before. 1: a file was refused, the others are loaded.
    2: wrong usage. 3: the database is not available.

    \b
    Examples:
      cordgraph intake inventory/*.xml --report intake.json
      cordgraph intake BJ.csv BJ-changes.ndjson --dry-run
    """
    if report_file:
        check_place(report_file, files)
    with ProgressBars() as bars:
        if dry_run:
            reports = check(files, bank=bank, tolerance=tolerance, report=bars)
        else:
            reports = asyncio.run(_take_in(files, bank, tolerance, allow_removals, bars))
    for report in reports:
        for line in summary(report):
            click.echo(line)
    if report_file:
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        write_whole("--report", report_file, orjson.dumps(run_report(reports), option=options))
    if any(report.refused for report in reports):
        click.get_current_context().exit(1)


async def _take_in(
    files: Sequence[Path],
    bank: str | None,
    tolerance: float,
    allow_removals: bool,
    report: Report,
) -> list[SubmissionReport]:
    async with operator_session(report) as connection:
        return await take_in(
            connection,
            files,
            bank=bank,
            tolerance=tolerance,
            allow_removals=allow_removals,
            report=report,
        )


intake.add_command(activity)
