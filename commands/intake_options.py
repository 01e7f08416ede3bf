"""What the commands of intake have in common: files, options and the report."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from domain.banks import BANK_CODES

_EVERYTHING = 100  # percent

files_argument = click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(readable=False, path_type=Path),  # a file that cannot be read is a fault
)
bank_option = click.option(
    "--bank",
    type=click.Choice(BANK_CODES),
    help="Bank that submits the files, if BANK_MANUF_ID does not say it.",
)
report_option = click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.json",
    help="Write a machine-readable report, with every fault.",
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Check only; needs no database.")


def tolerance_option(about: str) -> Callable[[Any], Any]:
    """Return the option ``--tolerance``; ``about`` says what it does for the command."""
    return click.option(
        "--tolerance",
        type=float,
        default=0.0,
        show_default=True,
        metavar="PERCENT",
        callback=_percent,
        help=about,
    )


def check_place(file: Path, inputs: Sequence[Path]) -> None:
    """Refuse a place for the report before any work is done."""
    if not file.parent.is_dir():
        raise click.BadParameter(f"the folder of {file} does not exist.", param_hint="--report")
    if any(file.absolute() == path.absolute() for path in inputs):
        raise click.BadParameter(f"{file} is an inventory to read.", param_hint="--report")


def _percent(_context: click.Context, _option: click.Parameter, value: float) -> float:
    if not 0 <= value <= _EVERYTHING:
        raise click.BadParameter(f"{value} is not a percentage from 0 to 100.")
    return value
