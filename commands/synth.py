"""`cordgraph synth`: write a synthetic inventory, and reports of transplant activity."""

from pathlib import Path

import click

from commands.progress import ProgressBars
from domain.failures import Refused
from publishing.synthesis.activity import write_activity
from publishing.synthesis.inventory import UNFINISHED, write_inventory


@click.command()
@click.option(
    "--units",
    type=int,
    default=300_000,
    show_default=True,
    metavar="N",
    help="Number of units over all banks.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    metavar="S",
    help="Equal seeds write equal files.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Folder for the files; made if it does not exist.",
)
@click.option("--force", is_flag=True, help="Replace an inventory that is already in DIR.")
def synth(*, units: int, seed: int, out: Path, force: bool) -> None:
    """Write a synthetic inventory: WMDA-named XML, one file for each bank.

    Beside it lies what each bank reports of its transplants, year by year, as CSV for
    `cordgraph intake activity`.

    Its units follow published distributions, and every file and every release made of it says
    that it is synthetic. 300,000 units take about 360 MB.

    \b
    Example:
      cordgraph synth --units 300000 --seed 1 --out inventory
    """
    if not force:
        _refuse_to_overwrite(out)
    with ProgressBars() as bars:
        files = write_inventory(out, units=units, seed=seed, report=bars)
        reports = write_activity(out, units=units, seed=seed, report=bars)
    click.echo(f"{units:,} synthetic units in {len(files)} files:")
    for file in files:
        click.echo(f"  {file}")
    click.echo(f"Synthetic reports of transplant activity in {len(reports)} files:")
    for file in reports:
        click.echo(f"  {file}")


def _refuse_to_overwrite(folder: Path) -> None:
    """Refuse a folder that holds anything but what an interrupted run left behind."""
    held = [] if not folder.is_dir() else [path.name for path in folder.iterdir()]
    found = sorted(name for name in held if not name.startswith(UNFINISHED))
    if found:
        raise Refused(
            f"--out: {folder} is not empty; it holds {found[0]}",
            "choose another folder, or add --force to replace the inventory in it",
        )
