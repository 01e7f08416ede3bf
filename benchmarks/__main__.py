"""The command line of the benchmarks: ``python -m benchmarks COMMAND``."""

import asyncio
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from benchmarks.cores import leave_server_core
from benchmarks.database import UNITS, build, open_server
from benchmarks.growth_database import grow
from benchmarks.home import benchmarks_home
from benchmarks.load.closed_loop import require_wrk
from benchmarks.matches import run_matches, table_of
from benchmarks.pipeline import UNITS as PIPELINE_UNITS
from benchmarks.pipeline import run_pipeline
from benchmarks.questions import QUESTIONS
from benchmarks.report import FILE, all_targets, write_report
from benchmarks.results import FOLDER, write_results
from benchmarks.runs import run_growth, run_speed
from benchmarks.speed import Plan
from commands.progress import ProgressBars
from commands.shell import Shell
from database.embedded import EmbeddedServer

_FOLDER_TYPE = click.Path(path_type=Path, file_okay=False)
_home = click.option(
    "--home",
    type=_FOLDER_TYPE,
    default=benchmarks_home,
    show_default="CORDGRAPH_BENCHMARKS_HOME, or next to CordGraph's data",
    help="Folder of the databases and of PostGraphile, kept for the next run.",
)
_units = click.option(
    "--units",
    type=click.IntRange(min=1_000),
    default=UNITS,
    show_default=True,
    help="Units of the synthetic inventory; with fewer the gate stays closed.",
)
_out = click.option(
    "--out",
    type=_FOLDER_TYPE,
    default=FOLDER,
    show_default="benchmarks/results",
    help="Folder for the figures as JSON. RESULTS.md shows those of the default folder.",
)


def _number(name: str, default: int, about: str, least: int = 1) -> Callable[[Any], Any]:
    kind = click.IntRange(min=least)
    return click.option(name, type=kind, default=default, show_default=True, help=about)


@click.group(
    cls=Shell,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def main() -> None:
    """Measure CordGraph beside its rivals, on this machine alone.

    \b
    Examples:
      python -m benchmarks speed     all of `make bench`
      python -m benchmarks growth    all of `make bench-growth`
      python -m benchmarks pipeline  all of `make bench-pipeline`
      python -m benchmarks matches   how often a match estimate holds
      python -m benchmarks report    RESULTS.md from the last figures
      python -m benchmarks speed --only page_100 --rounds 1 --requests 0 --out /tmp/try

    \b
    Exit codes: 0 measured, whether the targets are reached or not; 1 refused, for instance since
    the servers disagree; 2 wrong usage; 3 something is missing; 130 interrupted.
    """  # noqa: D301


@main.command()
@_home
@_units
@click.option("--large/--no-large", default=True, show_default=True, help="Also 5 million units.")
def prepare(*, home: Path, units: int, large: bool) -> None:
    """Build the databases, which the other commands would do themselves.

    \b
    Example:
      python -m benchmarks prepare
    """  # noqa: D301

    async def work() -> None:
        access = await build(server, home, units, bars)
        if large:
            await grow(server, access, bars)

    with _ready(home) as (server, bars):
        asyncio.run(work())


@main.command()
@_home
@_units
@_out
@_number("--rounds", 5, "Rounds; in each every server is asked every question.")
@_number("--seconds", 2, "Seconds that one measurement takes.")
@_number("--steady-seconds", 15, "Seconds at a fixed rate.")
@_number("--requests", 1_000_000, "Requests over which memory is watched; 0: not at all.", 0)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(list(QUESTIONS)),
    help="Only this question; can be repeated.",
)
def speed(
    *,
    home: Path,
    units: int,
    out: Path,
    rounds: int,
    seconds: int,
    steady_seconds: int,
    requests: int,
    only: tuple[str, ...],
) -> None:
    """Compare CordGraph with stock Strawberry, bare routes and PostGraphile.

    \b
    Example:
      python -m benchmarks speed --only kept --rounds 3 --requests 0 --out /tmp/try
    """  # noqa: D301
    require_wrk()
    began = time.monotonic()
    plan = Plan(rounds, seconds, warm_up=1, steady_seconds=steady_seconds, only=only)
    with _ready(home) as (server, bars):
        found = asyncio.run(run_speed(server, home, units, plan, requests, bars))
    _finish("speed", out, found, began)


@main.command()
@_home
@_units
@_out
@_number("--rounds", 5, "Rounds; in each both databases are measured.")
@_number("--seconds", 2, "Seconds that one measurement takes.")
def growth(*, home: Path, units: int, out: Path, rounds: int, seconds: int) -> None:
    """Compare 300 thousand with 5 million units, and the first page with page 10,000.

    \b
    Example:
      python -m benchmarks growth --rounds 3 --out /tmp/try
    """  # noqa: D301
    require_wrk()
    began = time.monotonic()
    with _ready(home) as (server, bars):
        found = asyncio.run(run_growth(server, home, units, rounds, seconds, bars))
    _finish("growth", out, found, began)


@main.command()
@_home
@click.option(
    "--units",
    type=click.IntRange(min=100_000),
    default=PIPELINE_UNITS,
    show_default=True,
    help="Units of the inventories.",
)
@_out
def pipeline(*, home: Path, units: int, out: Path) -> None:
    """Take made-up inventories through synth, intake, scheme propose, plan and publish.

    The database is made anew for it and removed afterwards; 5 million units need 25 GB of disk.

    \b
    Example:
      python -m benchmarks pipeline --units 300000 --out /tmp/try
    """  # noqa: D301
    began = time.monotonic()
    with ProgressBars() as bars:
        found = asyncio.run(run_pipeline(home / "pipeline", units, bars))
    _finish("pipeline", out, found, began)


@main.command()
@_home
@_units
@_out
@_number("--patients", 200, "Patients to draw of each population.")
def matches(*, home: Path, units: int, out: Path, patients: int) -> None:
    """Compare match estimates with the numbers of units that really match.

    The inventory is that of the other commands; patients are drawn by another seed.

    \b
    Example:
      python -m benchmarks matches --patients 50 --out /tmp/try
    """  # noqa: D301
    began = time.monotonic()
    with _ready(home) as (server, bars):
        found = asyncio.run(run_matches(server, home, units, patients, bars))
    click.echo(table_of(map(asdict, found)))
    took = f"{time.monotonic() - began:.0f} s"
    click.echo(f"Figures: {write_results(out, 'matches', {'took': took, 'calibrations': found})}")


@main.command()
@_out
def report(*, out: Path) -> None:
    """Write RESULTS.md from the figures of the last runs.

    \b
    Example:
      python -m benchmarks report
    """  # noqa: D301
    write_report(out, _report_of(out))
    click.echo(f"Written: {_report_of(out)}")


@contextmanager
def _ready(home: Path) -> Iterator[tuple[EmbeddedServer, ProgressBars]]:
    """Give PostgreSQL, which like us stays off the server's core, and progress bars."""
    leave_server_core()
    home.mkdir(parents=True, exist_ok=True)
    click.echo(f"Folder of the benchmarks: {home}", err=True)
    with open_server(home) as server, ProgressBars() as bars:
        yield server, bars


def _finish(name: str, out: Path, found: dict[str, Any], began: float) -> None:
    """Write the figures and say which targets they reach."""
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    command = shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])
    written = write_results(
        out, name, {**found, "command": command, "took": f"{minutes} min {seconds} s"}
    )
    write_report(out, _report_of(out))
    for target in all_targets(name, out):
        click.echo(target.line())
    click.echo(f"Figures: {written}; report: {_report_of(out)}")


def _report_of(out: Path) -> Path:
    return FILE if out == FOLDER else out / FILE.name


if __name__ == "__main__":
    main()
